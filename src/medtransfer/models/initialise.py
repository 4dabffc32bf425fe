"""Random weights under which a deep network passes signals on, neither fading nor growing.

Keras Applications start from Glorot's uniform distribution; in inference, where batch normalisation has
nothing to normalise with yet, a fresh MobileNetV2 then answers 1e-12 to any image.
"""

import keras
import numpy as np

RECTIFIERS = ("relu", "relu6")
# A network cut off at 6 starts this much fainter, lest the ceiling flatten what a random network tells apart.
BELOW_CEILING = 0.1


def initialise(layers: list[keras.Layer], seed: int) -> None:
    """Draw every convolution's and dense layer's kernel anew: normal, variance gain / fan-in.

    The gain is 2 before a rectifier and 1 elsewhere (He et al. 2015, eq. 10 and 14); the fan-in of a depthwise
    convolution is its window alone. Biases stay as they are: zero.
    """
    generator = np.random.default_rng(seed)
    scale = BELOW_CEILING if any(_has_ceiling(layer) for layer in layers) else 1.0
    for layer in layers:
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        if not (depthwise or isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)):
            continue
        shape = layer.kernel.shape
        fan_in = int(np.prod(shape[:2] if depthwise else shape[:-1]))
        gain = 2 if _rectified(layer) else 1
        kernel = generator.normal(0, scale * np.sqrt(gain / fan_in), shape)
        layer.kernel.assign(kernel.astype(np.float32))
        scale = 1.0  # the first layer's, passed on by all others


def _has_ceiling(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.layers.ReLU) and layer.max_value is not None


def _rectified(layer: keras.Layer) -> bool:
    """Whether a rectifier follows, at once or after normalisation and padding."""
    if isinstance(layer, keras.layers.ReLU):
        return True
    activation = getattr(layer, "activation", None)
    if activation is not None and activation.__name__ in RECTIFIERS:
        return True
    passing = isinstance(
        layer,
        keras.layers.Conv2D
        | keras.layers.DepthwiseConv2D
        | keras.layers.BatchNormalization
        | keras.layers.ZeroPadding2D,
    )
    return passing and any(_rectified(node.operation) for node in layer._outbound_nodes)
