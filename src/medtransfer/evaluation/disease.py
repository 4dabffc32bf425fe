"""Disease against no disease, of a set that has several diseases and a healthy class."""

import numpy as np

from medtransfer.evaluation.predictions import Predictions

NAMES = ("no disease", "disease")
DISEASE = 1  # its code


def disease(predictions: Predictions, healthy: int) -> Predictions:
    """The same N predictions of two classes: every class but `healthy` is disease.

    The probability of disease is 1 less that of the healthy class, and an image is predicted to show disease where
    any class but the healthy one is predicted, whatever the probability of disease then is. A missed disease and a
    false alarm cost what they cost on average over the diseases.
    """
    diseases = np.arange(predictions.classes) != healthy
    missed, alarm = predictions.costs[diseases, healthy].mean(), predictions.costs[healthy, diseases].mean()
    without = predictions.probabilities[:, healthy].clip(0, 1)
    return Predictions.of(
        (predictions.actual != healthy).astype(np.int64),
        np.column_stack([without, 1 - without]),
        (predictions.predicted != healthy).astype(np.int64),
        [[0, alarm], [missed, 0]],
    )
