"""What Keras has no common call for: repeatable kernels, and gradients. The one module that names a backend."""

import os

import keras
import numpy as np
from numpy.typing import NDArray


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


def gradients(
    network: keras.Model, images: NDArray, classes: NDArray[np.integer]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A feature map and the gradient of one logit an image with respect to it, both N x h x w x C.

    `network` goes from images to [feature map, logits]; `classes` (N) chooses each image's logit.
    Logits of different images are independent, so their sum has the gradient of each.
    """
    chosen = np.eye(network.outputs[1].shape[-1], dtype=np.float32)[classes]
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow

            with tensorflow.GradientTape() as tape:
                maps, logits = network(keras.ops.convert_to_tensor(images, "float32"), training=False)
                score = keras.ops.sum(logits * chosen)
            gradient = tape.gradient(score, maps)
        case "torch":
            maps, logits = network(keras.ops.convert_to_tensor(images, "float32"), training=False)
            maps.retain_grad()
            keras.ops.sum(logits * keras.ops.convert_to_tensor(chosen)).backward()
            gradient = maps.grad
        case name:
            raise ValueError(f"gradients are not written for the {name} backend")
    return keras.ops.convert_to_numpy(maps), keras.ops.convert_to_numpy(gradient)
