"""What comes first for a recipe with pretraining: an autoencoder a fold, from whose encoder the model starts."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.models.unet import autoencoder, give_encoder
from medtransfer.settings.recipes import Recipe, Reconstruction
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.parts import Start
from medtransfer.training.progress import read_values, set_values
from medtransfer.training.reconstruct import compile_autoencoder, train_autoencoder


class Pretraining:
    """Autoencoders of the folds of one model, each trained on the images that the fold trains on and no others."""

    def __init__(
        self, recipe: Recipe, pretraining: Reconstruction, network: keras.Model, images: NDArray, seed: int
    ) -> None:
        self._pretraining, self._network, self._images, self._seed = pretraining, network, images, seed
        self.model = autoencoder(images.shape[1:], seed, recipe.backbone.image_size)  # of the fold that came last
        self._start = compile_autoencoder(self.model, pretraining)
        self._histories: list[pd.DataFrame] = []

    @property
    def history(self) -> pd.DataFrame:
        """A row per fold and epoch so far: fold, epoch, loss, val_loss."""
        return pd.concat(self._histories)

    def begin(
        self,
        start: Start,
        train_rows: NDArray[np.intp],
        validation_rows: NDArray[np.intp],
        name: str,
        checkpoint: Checkpoint,
    ) -> tuple[Start, float]:
        """Train a fold's autoencoder; where the classifier starts with that encoder, and the seconds."""
        fold, seed = checkpoint.fold, self._seed + checkpoint.fold
        saved = replace(checkpoint, what="autoencoder")
        trained = train_autoencoder(
            self._start, self._images, train_rows, validation_rows, self._pretraining, seed, name, saved
        )
        self._histories.append(trained.history.assign(fold=fold))
        set_values(self._network.variables, start.values)
        give_encoder(self.model, self._network)
        return replace(start, values=read_values(self._network.variables)), trained.seconds
