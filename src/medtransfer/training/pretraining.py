"""Where a fold's training starts: at the weights that were compiled, or at those of an autoencoder's encoder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.models.backbones import PREPROCESS
from medtransfer.models.layers import layers
from medtransfer.models.unet import autoencoder, give_encoder, one_side
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
    pictures: NDArray[np.uint8] | None = None  # of an autoencoder over its epochs: see `AutoencoderFirst`


FindStart = Callable[[Compiled, Data, Run], Start]


def start_of(recipe: Recipe, image_shape: tuple[int, int, int], seed: int) -> FindStart:
    """What a recipe does before it trains on a fold."""
    if recipe.pretraining:
        size, dropout = recipe.backbone.image_size, recipe.pretraining.dropout
        return AutoencoderFirst(recipe.pretraining, autoencoder(image_shape, seed, size, dropout), seed)
    return lambda compiled, data, run: Start(compiled.values)


class AutoencoderFirst:
    """Trains an autoencoder on the images that the fold trains on, and no others; the model starts at its encoder.

    Where the recipe asks for it, the autoencoders of some epochs are kept, and what they make of the first validation
    image of each class, as Rafiq et al. draw it in figures 8 to 10. These pictures are (1 + 3E) x K x H x W for E
    epochs and K classes: the images; what the whole UNet makes of them, epoch by epoch; its left side alone; its right
    side alone.
    """

    def __init__(self, pretraining: Reconstruction, model: keras.Model, seed: int) -> None:
        self._pretraining, self._seed = pretraining, seed
        self._model, self._compiled = model, compile_autoencoder(model, pretraining)

    @property
    def decoder_layers(self) -> pd.DataFrame:
        """A row per layer that the classifier does not have, in order: all after the encoder's last; see `layers`."""
        table = layers(self._model)
        return table[table.index > table.index[table["layer"].str.startswith("down_")].max()].reset_index(drop=True)

    def __call__(self, compiled: Compiled, data: Data, run: Run) -> Start:
        checkpoint = run.checkpoint and replace(run.checkpoint, name="autoencoder")
        kept = self._pretraining.snapshot_epochs if len(data.validation_rows) else ()
        first = replace(run, name=f"{run.name}, autoencoder", checkpoint=checkpoint, epochs=None, kept=kept)
        trained = train_fold(self._compiled, replace(data, labels=0 * data.labels), first)
        snapshots = self._snapshots(trained.snapshots)
        set_values(compiled.network.variables, compiled.values)
        give_encoder(self._model, compiled.network)
        return Start(
            read_values(compiled.network.variables),
            {"autoencoder": self._model} | {f"autoencoder_epoch_{epoch}": network for epoch, network in snapshots},
            {"reconstruction": trained.history},
            trained.seconds,
            self._pictures(data, [network for _, network in snapshots]) if snapshots else None,
        )

    def _snapshots(self, snapshots: Mapping[int, Values]) -> list[tuple[int, keras.Model]]:
        """Autoencoders of their own with the weights of each epoch; that of the end stays as it is."""
        end, networks = read_values(self._compiled.network.variables), []
        for epoch, values in snapshots.items():
            set_values(self._compiled.network.variables, values)
            network = keras.models.clone_model(self._model)
            set_values(network.variables, read_values(self._model.variables))
            networks.append((epoch, network))
        set_values(self._compiled.network.variables, end)
        return networks

    def _pictures(self, data: Data, networks: Sequence[keras.Model]) -> NDArray[np.uint8]:
        rows = data.validation_rows
        _, first = np.unique(data.labels[rows], return_index=True)
        images = data.inputs[rows[first]].astype(np.float32)
        pixels = keras.Model(self._model.input, self._model.get_layer(PREPROCESS).output)
        left, right = ([one_side(network, side, self._seed) for network in networks] for side in ("left", "right"))
        drawn = [network(images, training=False) for network in (pixels, *networks, *left, *right)]
        grey = np.stack([keras.ops.convert_to_numpy(picture).mean(axis=-1) for picture in drawn])
        return np.round(255 * grey).astype(np.uint8)
