"""Trains several models on several folds in one process and prints what they leave in memory; for test_memory.py."""

import gc
import json
import resource
import sys

from medtransfer.process.delegation import delegate

MODELS, FOLDS, MEGABYTES = 2, 4, 20  # of a fold's training features


def main() -> None:
    """Peak bytes of the process after each fold; variables, models and bytes of tensors alive after each model."""
    import keras
    import numpy as np
    import tensorflow as tf

    from medtransfer.training.compiled import compile_classifier
    from medtransfer.training.fit import Data, Run, train_fold
    from tests.conftest import tiny_recipe

    features = np.random.default_rng(0).random((160, MEGABYTES * 2**20 // 128 // 4)).astype(np.float32)
    labels, rows = np.arange(160) % 2, np.arange(160)
    training = tiny_recipe("simple_cnn").training.model_copy(update={"epochs": 1, "batch_size": 64})
    peaks, alive = [], []
    for _ in range(MODELS):
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)
        inputs = keras.Input(features.shape[1:])
        network = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Dropout(0.5)(inputs)))
        compiled = compile_classifier(network, training)
        for fold in range(FOLDS):
            train_fold(compiled, Data(features, labels, rows[32:], rows[:32]), Run(fold, "test"))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            peaks.append(peak * (1 if sys.platform == "darwin" else 1024))
        del network, compiled, inputs
        gc.collect()
        things, kind = gc.get_objects(), type(tf.constant(0))
        eager = [thing for thing in things if isinstance(thing, kind)]
        data = [tensor.shape.num_elements() * tensor.dtype.size for tensor in eager if tensor.dtype != tf.resource]
        alive.append(
            {
                "variables": sum(isinstance(thing, keras.Variable) for thing in things),
                "models": sum(isinstance(thing, keras.Model) for thing in things),
                "bytes": sum(data),
            }
        )
        del things, eager
    print(json.dumps([peaks, alive]))


if __name__ == "__main__":
    delegate("tests.")
    main()
