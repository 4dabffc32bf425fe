"""How good the outputs of a classifier are for rows that it is not trained on."""

import keras
import numpy as np
from numpy.typing import NDArray


def confusion(labels: NDArray[np.integer], logits: NDArray[np.float32]) -> list[list[int]]:
    """Images of each actual (rows) and predicted class (columns), from N labels and logits (N x K): K x K."""
    counts = np.zeros((logits.shape[1],) * 2, np.int64)
    np.add.at(counts, (labels, logits.argmax(axis=1)), 1)
    return counts.tolist()


def classification_scores(
    network: keras.Model,
    loss: keras.losses.Loss,
    labels: NDArray[np.integer],
    logits: NDArray[np.float32],
    positive: int | None,
) -> dict[str, float]:
    """Scores of N labels and logits (N x K): val_loss, val_accuracy and val_f1.

    The loss includes the network's penalties on its kernels, as in training, and no class weights. F1 is that of
    the class `positive`, or else the mean over classes.
    """
    penalty = sum(float(value) for value in network.losses)
    predicted, classes = logits.argmax(axis=1), logits.shape[1]
    hits = np.bincount(labels[predicted == labels], minlength=classes)
    named = np.bincount(labels, minlength=classes) + np.bincount(predicted, minlength=classes)
    f1 = 2 * hits / np.maximum(named, 1)  # of a class that neither is nor is predicted, 0 by convention
    return {
        "val_loss": float(loss(labels, logits)) + penalty,
        "val_accuracy": float(hits.sum() / len(labels)),
        "val_f1": float(f1.mean() if positive is None else f1[positive]),
    }
