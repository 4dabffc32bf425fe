"""One epoch of training: the same steps on every backend, many of them in one call under TensorFlow."""

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.models.determinism import has_accelerator

# Of images and draws; returns the changed images.
Augment = Callable[[Any, Any], Any]
# Of an order of rows (count), a rate per step, and the augmentation's draws (count x D); returns loss and metrics.
Epoch = Callable[[NDArray[np.integer], NDArray[np.float32], NDArray[np.float32]], dict[str, float]]
# Of inputs (N x ...), the rows of them to train on, and every row's label and weight (N each).
Place = Callable[[NDArray, NDArray[np.integer], NDArray[np.integer], NDArray[np.float32]], Epoch]

RESIDENT = 2**30  # bytes: inputs up to this size lie on the device while a fold is trained
STREAMED = 2**26  # bytes of larger inputs that are sent to the device at a time, or one batch
STEPS_A_CALL = {"features": 50, "images": 10}  # Ctrl-C waits for the end of a call, so calls of slow steps are short


def training_epochs(network: keras.Model, augment: Augment | None, size: int, ordinary: bool = False) -> Place:
    """How a compiled network trains an epoch in batches of `size`.

    TensorFlow runs many steps a call; other backends, and `ordinary`, run one step a call, in Keras's own loop.
    """
    if ordinary or keras.backend.backend() != "tensorflow":
        return _ordinary_epochs(network, augment, size)
    return _tensorflow_epochs(network, augment, size)


def _ordinary_epochs(network: keras.Model, augment: Augment | None, size: int) -> Place:
    def place(inputs: NDArray, rows: NDArray, labels: NDArray, weights: NDArray) -> Epoch:
        def epoch(order: NDArray, rates: NDArray, draws: NDArray) -> dict[str, float]:
            sums: dict[str, float] = {}
            for step, rate in enumerate(rates):
                part = slice(step * size, (step + 1) * size)
                batch = rows[order[part]]
                images = inputs[batch] if augment is None else augment(inputs[batch], draws[part])
                network.optimizer.learning_rate = float(rate)
                # Keras resets its running means between two calls of a step, so they are computed here.
                logs = network.train_on_batch(images, labels[batch], sample_weight=weights[batch], return_dict=True)
                sums = {key: sums.get(key, 0.0) + float(value) * len(batch) for key, value in logs.items()}
                if not math.isfinite(sums["loss"]):
                    break
            return {key: value / len(order) for key, value in sums.items()}

        return epoch

    return place


def _tensorflow_epochs(network: keras.Model, augment: Augment | None, size: int) -> Place:
    """Inputs that are small enough lie on the device throughout; of larger ones, some batches at a time are sent."""
    import tensorflow as tf

    steps = _tensorflow_steps(network, augment)

    def place(inputs: NDArray, rows: NDArray, labels: NDArray, weights: NDArray) -> Epoch:
        row_bytes = inputs.dtype.itemsize * math.prod(inputs.shape[1:])
        # where the device is the processor, three copies are in memory as they are placed
        limit = RESIDENT if has_accelerator() else RESIDENT // 2
        resident = _on_device(inputs, rows, labels, weights) if row_bytes * len(rows) <= limit else None
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
                data = resident or _on_device(inputs, rows[chosen], labels, weights)
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


def _tensorflow_steps(network: keras.Model, augment: Augment | None) -> Callable[[str], Callable[..., None]]:
    """A graph of many training steps, for each type of inputs: a call costs as much as a step of a small network."""
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

        # Only the shape of one input is fixed, so a smaller last batch and another fold need no second graph.
        signature = [
            tf.TensorSpec((None, *network.input_shape[1:]), dtype),
            tf.TensorSpec((None,), "int64"),
            tf.TensorSpec((None,), "float32"),
            tf.TensorSpec((None, None), "int64"),
            tf.TensorSpec((None,), "float32"),
            tf.TensorSpec((None, None, None), "float32"),
        ]
        return tf.function(run, input_signature=signature, autograph=False)

    return steps


def _on_device(inputs: NDArray, rows: NDArray, labels: NDArray, weights: NDArray) -> tuple[Any, ...]:
    import tensorflow as tf

    images = inputs[rows]
    if has_accelerator() and images.dtype == np.uint8:
        images = images.astype(np.float16)  # exact; TensorFlow gathers no bytes on a GPU
    return tf.constant(images), tf.constant(labels[rows], "int64"), tf.constant(weights[rows], "float32")
