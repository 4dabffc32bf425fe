"""How random weights are drawn: as Keras draws them, as He et al. (2015) do, or scaled by what made images give."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.settings.recipes import Initialisation

KERNELS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D, keras.layers.Dense)
# Images by which layers are scaled: made ones, the same for every data set, so that weights depend on no image of it.
IMAGES = 4
COARSE = 8  # values a side, between which they are smooth
DIGITS = 3  # of a scale: sums in another order, by another number of threads, then give the same weights


def initialise(network: keras.Model, how: Initialisation, seed: int) -> None:
    """Change the fresh weights of a network from images (N x H x W x C, 0..255) to features.

    keras: they stay as the network's constructor has drawn them, in most by Glorot and Bengio (2010).
    he: the kernel of each convolution and dense layer is normal with variance 2 / fan-in (He et al. 2015). The fan-in
    of a depthwise convolution is its window alone.
    lsuv: layer after layer, Keras's own kernel is divided by the standard deviation of what the layer gives, before
    its activation (layer-sequential unit variance, Mishkin and Matas 2016, who start from orthonormal kernels).
    Biases are zero in all three.
    """
    layers = [layer for layer in network.layers if isinstance(layer, KERNELS)]
    if how == "he":
        _draw(layers, np.random.default_rng(seed))
    elif how == "lsuv":
        for layer in layers:
            layer.call = _scaling(layer)
        network(made_images(network.input.shape[1:], seed), training=False)


def made_images(shape: tuple[int, int, int], seed: int) -> NDArray[np.float32]:
    """Smooth random grey levels, IMAGES x H x W x C, 0..255."""
    coarse = np.random.default_rng(seed).uniform(0, 255, (IMAGES, COARSE, COARSE, shape[2])).astype(np.float32)
    return np.asarray(
        keras.ops.convert_to_numpy(keras.ops.image.resize(coarse, shape[:2], data_format="channels_last"))
    )


def _draw(layers: list[keras.Layer], generator: np.random.Generator) -> None:
    for layer in layers:
        for kernel in (weight for weight in layer.trainable_weights if len(weight.shape) > 1):
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) or kernel.name == "depthwise_kernel"
            fan_in = np.prod(kernel.shape[:2] if depthwise else kernel.shape[:-1])
            kernel.assign(generator.normal(0, np.sqrt(2 / fan_in), kernel.shape).astype(np.float32))


def _scaling(layer: keras.Layer) -> Callable[..., Any]:
    """What stands for the layer's `call` until it has been called once, and its kernel scaled."""
    call = layer.call

    def scale_and_call(inputs: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        del layer.call
        layer.activation, activation = keras.activations.linear, layer.activation
        outputs = call(inputs, *arguments, **options)
        layer.activation = activation
        scale = float(f"{float(keras.ops.std(keras.ops.cast(outputs, 'float32'))):.{DIGITS}g}") or 1.0
        kernel = layer.pointwise_kernel if isinstance(layer, keras.layers.SeparableConv2D) else layer.kernel
        kernel.assign(kernel / scale)
        return activation(outputs / keras.ops.cast(scale, outputs.dtype))

    return scale_and_call
