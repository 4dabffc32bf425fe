"""What Keras has no common call for: repeatable kernels, and gradients. The one module that names a backend."""

import os
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.errors import UserError

Gradients = Callable[[NDArray, NDArray[np.integer]], tuple[NDArray[np.float32], NDArray[np.float32]]]


def make_deterministic(seed: int) -> None:
    """Same inputs, same bits: seeds for Python, NumPy and Keras, and kernels that add in a fixed order."""
    keras.utils.set_random_seed(seed)
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow

            tensorflow.config.experimental.enable_op_determinism()
            for gpu in tensorflow.config.list_physical_devices("GPU"):
                tensorflow.config.experimental.set_memory_growth(gpu, True)
        case "torch":
            import torch

            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
            torch.use_deterministic_algorithms(True)
        case "jax":
            # JAX reads this flag when it first compiles; on the CPU it changes nothing.
            flags = os.environ.get("XLA_FLAGS", "")
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()


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
        case name:
            raise UserError(f"explanations need KERAS_BACKEND=tensorflow or torch, and it is {name}")

    def call(images: NDArray, classes: NDArray[np.integer]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        chosen = np.eye(network.outputs[1].shape[-1], dtype=np.float32)[classes]
        maps, gradient = forward_and_back(np.asarray(images, dtype=np.float32), chosen)
        return keras.ops.convert_to_numpy(maps), keras.ops.convert_to_numpy(gradient)

    return call


def _tensorflow_gradients(network: keras.Model) -> Callable[[Any, Any], Any]:
    import tensorflow

    @tensorflow.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def forward_and_back(images: Any, chosen: Any) -> Any:  # noqa: ANN401
        with tensorflow.GradientTape() as tape:
            maps, logits = network(images, training=False)
            score = keras.ops.sum(logits * chosen)
        return maps, tape.gradient(score, maps)

    return forward_and_back


def _torch_gradients(network: keras.Model) -> Callable[[Any, Any], Any]:
    def forward_and_back(images: Any, chosen: Any) -> Any:  # noqa: ANN401
        maps, logits = network(keras.ops.convert_to_tensor(images), training=False)
        maps.retain_grad()
        keras.ops.sum(logits * keras.ops.convert_to_tensor(chosen)).backward()
        return maps, maps.grad

    return forward_and_back
