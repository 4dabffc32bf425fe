"""A network's layers and their parameters."""

import keras
import numpy as np
import pandas as pd


def layers(network: keras.Model) -> pd.DataFrame:
    """A row per layer, in order: layer, kind, output (its shape without the batch), parameters, trainable."""
    rows = [
        {
            "layer": layer.name,
            "kind": type(layer).__name__,
            "output": " × ".join(str(side) for side in layer.output.shape[1:]),
            "parameters": layer.count_params(),
            "trainable": int(sum(np.prod(weight.shape) for weight in layer.trainable_weights)),
        }
        for layer in network.layers
    ]
    return pd.DataFrame(rows)
