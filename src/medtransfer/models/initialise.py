"""Random weights under which a deep network passes signals on, neither fading nor growing.

Keras Applications start from Glorot's uniform distribution; in inference, where batch normalisation has no statistics
yet, the outputs of a fresh MobileNetV2 are about 1e-12 for any image.
"""

import keras
import numpy as np

# The variance of a normal input at which an activation returns a mean square of one (He et al. 2015, eq. 10, for relu).
GAIN = {"relu": 2.0, "relu6": 2.0, "silu": 2.43, "hard_silu": 2.46}
# A sigmoid gate (squeeze and excitation) stands half open at first: a mean square of a quarter passes.
AFTER_GATE = 4.0
# A network cut off at 6 starts this much fainter, so that the limit does not cut off differences between images.
BELOW_CEILING = 0.1
SHADES = 9  # of grey, by which the preprocessing is measured

PASSING = (
    keras.layers.BatchNormalization,
    keras.layers.ZeroPadding2D,
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.Concatenate,
    keras.layers.Dropout,
)
KERNELS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D, keras.layers.Dense)


def initialise(network: keras.Model, seed: int) -> None:
    """Draw every convolution's and dense layer's kernel anew: normal, variance gain / fan-in.

    The gain makes up for the activation that follows, at once or after normalisation and the like (He et al. 2015).
    Where a residual branch joins its skip connection, it is divided by the number of such places, so that all of
    them together add as much as there was (Hayou et al. 2021, Stable ResNet); where two convolutions meet instead,
    each gives half. The fan-in of a depthwise convolution is its window alone; of a window, what lies within the
    map, which matters where a small image has become 1 x 1. The first layer brings prepared images to a mean square
    of one. Biases stay as they are: zero.

    A network with layer normalisation (ConvNeXt) is left as Keras draws it: signals pass whatever the weights.
    """
    if any(isinstance(layer, keras.layers.LayerNormalization) for layer in network.layers):
        return
    generator = np.random.default_rng(seed)
    skips = sum(isinstance(layer, keras.layers.Add) and not _all_branches(layer) for layer in network.layers)
    ceiling = any(_has_ceiling(layer) for layer in network.layers)
    first = (BELOW_CEILING**2 if ceiling else 1.0) / _mean_square(network)

    def draw(variable: keras.Variable, fan_in: float, gain: float) -> None:
        kernel = generator.normal(0, np.sqrt(gain / fan_in), variable.shape)
        variable.assign(kernel.astype(np.float32))

    for layer in network.layers:
        if not isinstance(layer, KERNELS):
            continue
        gain = first * _gain(layer, skips) * (AFTER_GATE if _gated(layer) else 1.0)
        first = 1.0  # what the first layer sets, all others pass on
        if isinstance(layer, keras.layers.SeparableConv2D):
            draw(layer.depthwise_kernel, _window(layer), 1.0)
            draw(layer.pointwise_kernel, layer.pointwise_kernel.shape[-2], gain)
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            draw(layer.kernel, _window(layer), gain)
        else:
            window = 1.0 if isinstance(layer, keras.layers.Dense) else _window(layer)
            draw(layer.kernel, window * layer.kernel.shape[-2], gain)


def _mean_square(network: keras.Model) -> float:
    """Of what the first convolution reads, where all shades of grey are as frequent."""
    first = next(layer for layer in network.layers if isinstance(layer, KERNELS))
    (images,) = network.inputs
    shades = np.ones((SHADES, *images.shape[1:])) * np.linspace(0, 255, SHADES).reshape(-1, 1, 1, 1)
    prepared = keras.Model(images, first.input)(shades.astype(np.float32))
    return float(np.mean(keras.ops.convert_to_numpy(keras.ops.cast(prepared, "float32")) ** 2))


def _window(layer: keras.Layer) -> float:
    """How many places of a convolution's window lie within the map, on average."""
    padding = _parents(layer)[0]
    explicit = isinstance(padding, keras.layers.ZeroPadding2D)
    source = padding.input if explicit else layer.input
    places = 1.0
    for axis in (0, 1):
        size, out = source.shape[1 + axis], layer.output.shape[1 + axis]
        kernel, stride = layer.kernel_size[axis], layer.strides[axis]
        before = padding.padding[axis][0] if explicit else max((out - 1) * stride + kernel - size, 0) // 2
        starts = np.arange(out) * stride - before
        places *= float(np.mean(np.minimum(starts + kernel, size) - np.maximum(starts, 0)))
    return places


def _gain(operation: keras.Operation, skips: int) -> float:
    """What the variance of an operation's output is to be, of inputs of a mean square of one."""
    activation = getattr(operation, "activation", None)
    name = getattr(activation, "__name__", "linear")
    if isinstance(operation, keras.layers.ReLU) or name != "linear":
        return GAIN.get("relu" if isinstance(operation, keras.layers.ReLU) else name, 1.0)
    return max((_share(node.operation, operation, skips) for node in operation._outbound_nodes), default=1.0)


def _share(consumer: keras.Operation, producer: keras.Operation, skips: int) -> float:
    """The gain that one of its consumers asks of an operation."""
    if isinstance(consumer, keras.layers.Add):
        if _all_branches(consumer):
            return _gain(consumer, skips) / len(_parents(consumer))
        return _gain(consumer, skips) / (skips if _is_branch(producer) else 1)
    if isinstance(consumer, (*PASSING, keras.layers.ReLU, keras.layers.Activation)):
        return _gain(consumer, skips)
    return 1.0


def _all_branches(add: keras.Operation) -> bool:
    """Whether each of the sums has its own convolution, and none is a skip connection."""
    return all(_is_branch(parent) for parent in _parents(add))


def _is_branch(operation: keras.Operation) -> bool:
    """Whether it ends in a convolution that nothing else reads."""
    while isinstance(operation, PASSING) and len(operation._outbound_nodes) == 1:
        operation = _parents(operation)[0]
    return isinstance(operation, KERNELS) and len(operation._outbound_nodes) == 1


def _gated(layer: keras.Operation) -> bool:
    """Whether what a layer reads has been multiplied by a gate."""
    return any(isinstance(parent, keras.layers.Multiply) for parent in _parents(layer))


def _has_ceiling(layer: keras.Layer) -> bool:
    """Whether a rectifier cuts off what a normalised convolution gives; that within a hard sigmoid is none."""
    return (
        isinstance(layer, keras.layers.ReLU)
        and layer.max_value is not None
        and isinstance(_parents(layer)[0], keras.layers.BatchNormalization)
    )


def _parents(operation: keras.Operation) -> list[keras.Operation]:
    return [tensor._keras_history.operation for tensor in operation._inbound_nodes[0].arguments.keras_tensors]
