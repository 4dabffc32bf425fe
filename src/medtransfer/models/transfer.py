"""Weights of a trained network of the same architecture and another task: layers matched by name and shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.models.heads import FEATURES
from medtransfer.settings.errors import UserError
from medtransfer.settings.sources import SourceWeights
from medtransfer.store import source_model


@dataclass(frozen=True)
class Match:
    """The layers with weights of a network, by whether the source has them."""

    loaded: list[str]
    new: list[str]  # those of another shape, or that the source does not have: they keep what they have


def load_from_source(source: SourceWeights, backbone: keras.Model) -> Match:
    """Give a backbone, from image to feature map, the weights of a source.

    Raises UserError where the source is not trained yet, and where no layer fits.
    """
    file = source_model(source.name).network_file
    weights = _weights(file)
    match = matched(backbone, weights)
    if not match.loaded:
        raise UserError(
            f"no layer of {backbone.name} fits {source.name} ({file}) by name and shape; name another source in "
            "backbone.weights"
        )
    for name in match.loaded:
        layer = backbone.get_layer(name)
        layer.set_weights([_fitted(new, old) for new, old in zip(weights[name], layer.get_weights(), strict=True)])
    return match


def match_with_source(source: SourceWeights, model: keras.Model) -> Match:
    """What of a whole model, from image to logits, starts from a source; its head never does."""
    names = [layer.name for layer in model.layers]
    head = set(names[names.index(FEATURES) :])
    weights = _weights(source_model(source.name).network_file)
    return matched(model, {name: values for name, values in weights.items() if name not in head})


def matched(network: keras.Model, weights: Mapping[str, list[NDArray]]) -> Match:
    """Which layers of a network have the same name and shapes among `weights`."""
    with_weights = [layer for layer in network.layers if layer.weights]
    loaded = [layer.name for layer in with_weights if _fits(weights.get(layer.name), layer.get_weights())]
    return Match(loaded, [layer.name for layer in with_weights if layer.name not in loaded])


def _weights(file: Path) -> dict[str, list[NDArray]]:
    """The weights of the layers from image to features, by name."""
    if not file.is_file():
        raise UserError(f"{file} is missing, which a model starts from; train it with: dvc repro source")
    layers = keras.saving.load_model(file, compile=False).layers
    end = [layer.name for layer in layers].index(FEATURES)
    return {layer.name: layer.get_weights() for layer in layers[:end] if layer.weights}


def _fits(weights: list[NDArray] | None, own: list[NDArray]) -> bool:
    return (
        weights is not None
        and len(weights) == len(own)
        and all(_fitted(new, old).shape == old.shape for new, old in zip(weights, own, strict=True))
    )


def _fitted(kernel: NDArray, own: NDArray) -> NDArray:
    """A first kernel (h x w x 1 or 3 x filters) for the other number of channels; a grey image gives the same map."""
    if kernel.ndim != 4 or own.ndim != 4 or {kernel.shape[2], own.shape[2]} != {1, 3}:
        return kernel
    if own.shape[2] == 1:
        return kernel.sum(axis=2, keepdims=True)
    return np.repeat(kernel / 3, 3, axis=2)
