"""Where a fold's training starts: at the weights that were compiled, or at those of an autoencoder's encoder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import keras
import pandas as pd

from medtransfer.models.unet import autoencoder, give_encoder
from medtransfer.settings.recipes import Recipe, Reconstruction
from medtransfer.training.autoencoder import compile_autoencoder
from medtransfer.training.compiled import Compiled, Values, read_values, set_values
from medtransfer.training.fit import Data, Run, train_fold


@dataclass(frozen=True)
class Start:
    """The weights that a fold's training starts from, and what was trained to get them."""

    values: Values
    networks: Mapping[str, keras.Model] = field(default_factory=dict)  # by the name of their files
    histories: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # a row per epoch, by the name of their files
    seconds: float = 0.0


FindStart = Callable[[Compiled, Data, Run], Start]


def start_of(recipe: Recipe, image_shape: tuple[int, int, int], seed: int) -> FindStart:
    """What a recipe does before it trains on a fold."""
    if recipe.pretraining:
        return _AutoencoderFirst(recipe.pretraining, autoencoder(image_shape, seed, recipe.backbone.image_size))
    return lambda compiled, data, run: Start(compiled.values)


class _AutoencoderFirst:
    """Trains an autoencoder on the images that the fold trains on, and no others; the model starts at its encoder."""

    def __init__(self, pretraining: Reconstruction, model: keras.Model) -> None:
        self._model, self._compiled = model, compile_autoencoder(model, pretraining)

    def __call__(self, compiled: Compiled, data: Data, run: Run) -> Start:
        checkpoint = run.checkpoint and replace(run.checkpoint, name="autoencoder")
        first = replace(run, name=f"{run.name}, autoencoder", checkpoint=checkpoint, epochs=None)
        trained = train_fold(self._compiled, replace(data, labels=0 * data.labels), first)
        set_values(compiled.network.variables, compiled.values)
        give_encoder(self._model, compiled.network)
        return Start(
            read_values(compiled.network.variables),
            {"autoencoder": self._model},
            {"reconstruction": trained.history},
            trained.seconds,
        )
