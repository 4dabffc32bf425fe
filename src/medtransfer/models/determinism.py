"""Repeatable results: seeds, kernels that add in a fixed order, and what results depend on besides."""

import importlib
import os
from typing import Literal

import keras


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


def has_accelerator() -> bool:
    """Whether there is a GPU that Keras can use."""
    if keras.backend.backend() == "torch":  # for which Keras lists no devices
        return bool(importlib.import_module("torch").cuda.is_available())
    return any("gpu" in device.lower() for device in keras.distribution.list_devices())


def wants_xla() -> bool | Literal["auto"]:
    """Whether networks are compiled by XLA: under JAX, wherever their layers can be, and under TensorFlow never.

    TensorFlow does not promise that its XLA repeats results to the bit (with deterministic kernels Keras turns it off),
    and on the CPU it is slower nearly everywhere.
    """
    return False if keras.backend.backend() == "tensorflow" else "auto"


def describe_device() -> str:
    """What results may differ by in their last bits: the kind of device, and the library that drives it."""
    backend = importlib.import_module(keras.backend.backend())
    return f"{keras.backend.backend()} {backend.__version__} on {'gpu' if has_accelerator() else 'cpu'}"
