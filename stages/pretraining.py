"""What `train` does first for a recipe with pretraining: an autoencoder a fold, from whose encoder the model starts."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer import formats
from medtransfer.models.unet import autoencoder, give_encoder
from medtransfer.settings.recipes import Recipe, Reconstruction
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.parts import Start
from medtransfer.training.progress import read_values, set_values
from medtransfer.training.reconstruct import compile_autoencoder, train_autoencoder


class Pretraining:
    """Autoencoders of the folds of one model, each trained on the images that the fold trains on and no others."""

    def __init__(
        self, recipe: Recipe, asked: Reconstruction, network: keras.Model, images: NDArray, seed: int, folder: Path
    ) -> None:
        self._asked, self._network, self._images, self._seed, self._folder = asked, network, images, seed, folder
        self._model = autoencoder(images.shape[1:], seed, recipe.backbone.image_size)
        self._start = compile_autoencoder(self._model, asked)
        self._histories: list[pd.DataFrame] = []

    def begin(
        self,
        start: Start,
        train_rows: NDArray[np.intp],
        validation_rows: NDArray[np.intp],
        name: str,
        checkpoint: Checkpoint,
    ) -> tuple[Start, float]:
        """Train a fold's autoencoder and keep it; where the classifier starts with that encoder, and the seconds."""
        fold, seed = checkpoint.fold, self._seed + checkpoint.fold
        saved = replace(checkpoint, what="autoencoder")
        trained = train_autoencoder(
            self._start, self._images, train_rows, validation_rows, self._asked, seed, name, saved
        )
        formats.write_model(self._folder / f"autoencoder-{fold}.keras", self._model)
        self._histories.append(trained.history.assign(fold=fold))
        formats.write_table(self._folder / "reconstruction.csv", pd.concat(self._histories))
        set_values(self._network.variables, start.values)
        give_encoder(self._model, self._network)
        return replace(start, values=read_values(self._network.variables)), trained.seconds
