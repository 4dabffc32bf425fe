"""The gradient of a logit with respect to a feature map; Keras has no function for it that works on all backends."""

import importlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.settings.errors import UserError

Gradients = Callable[[NDArray, NDArray[np.integer]], tuple[NDArray[np.float32], NDArray[np.float32]]]


def gradients(network: keras.Model) -> Gradients:
    """A function of images (N x H x W x C) and classes (N integers), compiled where the backend can.

    `network` goes from images to [feature map, logits]. The function returns the feature map and the gradient
    with respect to it of each image's chosen logit, both N x h x w x C. Logits of different images are
    independent, so the gradient of their sum holds the gradient of each.
    """
    match keras.backend.backend():
        case "tensorflow":
            forward_and_back = _tensorflow_gradients(network)
        case "torch":
            forward_and_back = _torch_gradients(network)
        case "jax":
            forward_and_back = _jax_gradients(network)
        case name:
            raise UserError(f"explanations need KERAS_BACKEND=tensorflow, jax or torch, and it is {name}")

    def call(images: NDArray, classes: NDArray[np.integer]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        chosen = np.eye(network.outputs[1].shape[-1], dtype=np.float32)[classes]
        maps, gradient = forward_and_back(np.asarray(images, dtype=np.float32), chosen)
        # A network of mixed precision answers in bfloat16, which NumPy has not.
        maps, gradient = keras.ops.cast(maps, "float32"), keras.ops.cast(gradient, "float32")
        return keras.ops.convert_to_numpy(maps), keras.ops.convert_to_numpy(gradient)

    return call


def _tensorflow_gradients(network: keras.Model) -> Callable[[Any, Any], Any]:
    import tensorflow

    # Of any number of images: a smaller last batch needs no second graph.
    shapes = (network.input_shape, network.outputs[1].shape)
    signature = [tensorflow.TensorSpec((None, *shape[1:]), "float32") for shape in shapes]

    @tensorflow.function(input_signature=signature, autograph=False)  # type: ignore[untyped-decorator]
    def forward_and_back(images: Any, chosen: Any) -> Any:  # noqa: ANN401
        with tensorflow.GradientTape() as tape:
            images = tensorflow.convert_to_tensor(images)
            tape.watch(images)  # which may be the map itself
            maps, logits = network(images, training=False)
            score = keras.ops.sum(logits * chosen)
        return maps, tape.gradient(score, maps)

    return forward_and_back


def _torch_gradients(network: keras.Model) -> Callable[[Any, Any], Any]:
    def forward_and_back(images: Any, chosen: Any) -> Any:  # noqa: ANN401
        pixels = keras.ops.convert_to_tensor(images).requires_grad_()
        maps, logits = network(pixels, training=False)
        maps.retain_grad()
        keras.ops.sum(logits * keras.ops.convert_to_tensor(chosen)).backward()
        return maps, maps.grad

    return forward_and_back


def _jax_gradients(network: keras.Model) -> Callable[[Any, Any], Any]:
    jax: Any = importlib.import_module("jax")
    # JAX differentiates functions, so what comes after the map is one of its own, of the same layers.
    after = keras.Model(*network.outputs)

    def values(model: keras.Model) -> tuple[list[Any], list[Any]]:
        both = model.trainable_variables, model.non_trainable_variables
        return [each.value for each in both[0]], [each.value for each in both[1]]

    def maps_of(images: Any, trained: Any, rest: Any) -> Any:  # noqa: ANN401
        (maps, _), _ = network.stateless_call(trained, rest, images, training=False)
        return maps

    def score(maps: Any, chosen: Any, trained: Any, rest: Any) -> Any:  # noqa: ANN401
        logits, _ = after.stateless_call(trained, rest, maps, training=False)
        return keras.ops.sum(logits * chosen)

    forward, back = jax.jit(maps_of), jax.jit(jax.grad(score))

    def forward_and_back(images: Any, chosen: Any) -> Any:  # noqa: ANN401
        maps = forward(images, *values(network))
        return maps, back(maps, chosen, *values(after))

    return forward_and_back
