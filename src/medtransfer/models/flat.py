"""Networks of Keras Applications without models within models, and with the same names in each process."""

import re
from collections import Counter

import keras


def flatten(network: keras.Model) -> keras.Model:
    """The same network with the layers of its nested models in their place, and the same weights.

    ConvNeXt keeps its downsampling in small Sequential models; a graph through them cannot be cut by explanations.
    A network's own preparation of images stays in single precision, since half precision blurs neighbouring greys.
    """
    if not any(isinstance(layer, keras.Model) or _blurs(layer) for layer in network.layers):
        return network
    copies: list[tuple[keras.Layer, keras.Layer]] = []

    def copy(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, keras.Model):
            return layer  # taken apart when it is called
        new = layer.__class__.from_config(layer.get_config() | ({"dtype": "float32"} if _blurs(layer) else {}))
        if isinstance(layer, keras.Layer):
            copies.append((layer, new))
        return new

    def call(layer: keras.Layer, *arguments: object, **options: object) -> object:
        if not isinstance(layer, keras.Sequential):
            return layer(*arguments, **options)
        (x,) = arguments
        for inner in layer.layers:
            x = copy(inner)(x)
        return x

    flat = keras.models.clone_model(network, network.input, clone_function=copy, call_function=call)
    for old, new in copies:
        new.set_weights(old.get_weights())
    return flat


def _blurs(layer: keras.Layer) -> bool:
    prepares = isinstance(layer, keras.layers.Rescaling | keras.layers.Normalization)
    return prepares and layer.compute_dtype != "float32"


def rename(network: keras.Model, last: str) -> None:
    """Give new numbers to the layers that Keras named by its counter.

    The counter runs over all that a process has built, so the names would be others each time, and with them the
    saved file, and what `trainable: NAME` means. Where no layer is called `last`, the last one is, if it is numbered.
    """
    end = None if any(layer.name == last for layer in network.layers) else network.operations[-1]
    counts: Counter[str] = Counter()
    for operation in network.operations:
        kind = _snake_case(type(operation).__name__)
        if re.fullmatch(rf"{kind}(_\d+)?", operation.name) and not isinstance(operation, keras.layers.InputLayer):
            operation.name = last if operation is end else f"{kind}_{counts[kind]}" if counts[kind] else kind
            counts[kind] += 1


def _snake_case(name: str) -> str:
    """As Keras makes a layer's name of its class: BatchNormalization, batch_normalization; Conv2D, conv2d."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()
