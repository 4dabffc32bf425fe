"""What Keras has no common call for: repeatable kernels, many steps a call, gradients.

The one module that names a backend.
"""

import functools
import importlib
import itertools
import math
import os
from collections.abc import Callable
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.errors import UserError

Gradients = Callable[[NDArray, NDArray[np.integer]], tuple[NDArray[np.float32], NDArray[np.float32]]]
# Of images and draws; the images, changed.
Augment = Callable[[Any, Any], Any]
# Of an order of rows (count), a rate per step, and augmentation's draws (count x D); loss and metrics, over all rows.
Epoch = Callable[[NDArray[np.integer], NDArray[np.float32], NDArray[np.float32]], dict[str, float]]
# Of inputs (N x ...), the rows of them to train on, and every row's label and weight (N each).
Place = Callable[[NDArray, NDArray[np.integer], NDArray[np.integer], NDArray[np.float32]], Epoch]

RESIDENT = 2**30  # bytes: inputs up to here lie on the device while a fold is trained
STREAMED = 2**26  # bytes of larger ones that are sent there at a time, or one batch
STEPS_A_CALL = {"features": 50, "images": 10}  # a call of steps that take seconds each hears no Ctrl-C


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


def training_epochs(network: keras.Model, augment: Augment | None, size: int, ordinary: bool = False) -> Place:
    """How a compiled network trains an epoch in batches of `size`; the same steps whatever the backend.

    TensorFlow runs many steps a call; other backends, and `ordinary`, a step a call, by Keras's own loop.
    """
    if ordinary or keras.backend.backend() != "tensorflow":
        return functools.partial(_ordinary_epochs, network, augment, size)
    return _tensorflow_epochs(network, augment, size)


def _ordinary_epochs(
    network: keras.Model,
    augment: Augment | None,
    size: int,
    inputs: NDArray,
    rows: NDArray[np.integer],
    labels: NDArray[np.integer],
    weights: NDArray[np.float32],
) -> Epoch:
    def epoch(order: NDArray[np.integer], rates: NDArray[np.float32], draws: NDArray[np.float32]) -> dict[str, float]:
        sums: dict[str, float] = {}
        for step, rate in enumerate(rates):
            part = slice(step * size, (step + 1) * size)
            batch = rows[order[part]]
            images = inputs[batch] if augment is None else augment(inputs[batch], draws[part])
            network.optimizer.learning_rate = float(rate)
            # Keras forgets its running means between two calls of a step, so they are made here.
            logs = network.train_on_batch(images, labels[batch], sample_weight=weights[batch], return_dict=True)
            sums = {key: sums.get(key, 0.0) + float(value) * len(batch) for key, value in logs.items()}
            if not math.isfinite(sums["loss"]):
                break
        return {key: value / len(order) for key, value in sums.items()}

    return epoch


def _tensorflow_epochs(network: keras.Model, augment: Augment | None, size: int) -> Place:
    """Steps in a graph of their own: a call costs as much as a step of a small network, so it holds many.

    What is small enough lies on the device throughout; of the rest, some batches at a time are sent there.
    """
    import tensorflow as tf

    step = tf.function(network.train_step, autograph=False, reduce_retracing=True)

    @functools.cache
    def steps(dtype: str) -> Callable[..., None]:
        def run(inputs: Any, labels: Any, weights: Any, batches: Any, rates: Any, draws: Any) -> None:  # noqa: ANN401
            def body(number: Any) -> Any:  # noqa: ANN401
                rows = batches[number]
                images = tf.cast(tf.gather(inputs, rows), "float32")
                images = images if augment is None else augment(images, draws[number])
                network.optimizer.learning_rate.assign(rates[number])
                step((images, tf.gather(labels, rows), tf.gather(weights, rows)))
                return (number + 1,)

            tf.while_loop(lambda number: number < tf.size(rates), body, (0,))

        # Nothing but the inputs' shape is fixed, so the last, smaller batch and another fold need no second graph.
        signature = [
            tf.TensorSpec((None, *network.input_shape[1:]), dtype),
            tf.TensorSpec((None,), "int64"),
            tf.TensorSpec((None,), "float32"),
            tf.TensorSpec((None, None), "int64"),
            tf.TensorSpec((None,), "float32"),
            tf.TensorSpec((None, None, None), "float32"),
        ]
        return tf.function(run, input_signature=signature, autograph=False)

    def send(inputs: NDArray, rows: NDArray, labels: NDArray, weights: NDArray) -> tuple[Any, ...]:
        images = inputs[rows]
        if has_accelerator() and images.dtype == np.uint8:
            images = images.astype(np.float16)  # exact; TensorFlow gathers no bytes on a GPU
        return tf.constant(images), tf.constant(labels[rows], "int64"), tf.constant(weights[rows], "float32")

    def place(inputs: NDArray, rows: NDArray, labels: NDArray, weights: NDArray) -> Epoch:
        row_bytes = inputs.dtype.itemsize * math.prod(inputs.shape[1:])
        resident = send(inputs, rows, labels, weights) if row_bytes * len(rows) <= RESIDENT else None
        call = STEPS_A_CALL["features" if inputs.ndim == 2 else "images"]
        call = call if resident else max(1, min(call, STREAMED // (row_bytes * size)))

        def epoch(order: NDArray, rates: NDArray, draws: NDArray) -> dict[str, float]:
            network.reset_metrics()
            whole = len(order) // size
            cuts = [*range(0, whole, call), whole]
            pieces = [(first * size, last * size, size) for first, last in itertools.pairwise(cuts)]
            if len(order) > whole * size:
                pieces.append((whole * size, len(order), len(order) - whole * size))
            for begin, end, batch in pieces:
                chosen = order[begin:end]
                data = resident or send(inputs, rows[chosen], labels, weights)
                places = (chosen if resident else np.arange(len(chosen))).reshape(-1, batch)
                steps(data[0].dtype.name)(
                    *data,
                    tf.constant(places, "int64"),
                    tf.constant(rates[begin // size : -(-end // size)], "float32"),
                    tf.constant(draws[begin:end].reshape(*places.shape, draws.shape[1]), "float32"),
                )
            return {name: float(value) for name, value in network.get_metrics_result().items()}

        return epoch

    return place


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

    @tensorflow.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def forward_and_back(images: Any, chosen: Any) -> Any:  # noqa: ANN401
        with tensorflow.GradientTape() as tape:
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
