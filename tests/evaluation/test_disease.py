"""Disease against no disease: two classes out of several."""

import numpy as np
from hypothesis import given, settings

from medtransfer.evaluation.disease import DISEASE, disease
from medtransfer.evaluation.metrics import METRICS
from medtransfer.evaluation.predictions import Predictions
from tests.evaluation.drawn import predictions


@given(drawn=predictions())
@settings(max_examples=10)
def test_is_the_healthy_class_against_the_rest(drawn: Predictions) -> None:
    """Sensitivity to disease is the specificity of the healthy class, and so on."""
    two_classes = disease(drawn, 0)
    pairs = {"sensitivity": "specificity", "specificity": "sensitivity", "precision": "npv", "npv": "precision"}
    for key, of_the_rest in (pairs | {"roc_auc": "roc_auc"}).items():
        of_disease, of_healthy = METRICS[key].function(two_classes)[DISEASE], METRICS[of_the_rest].function(drawn)[0]
        assert np.isclose(of_disease, of_healthy), key


def test_one_disease_taken_for_another_is_found_disease() -> None:
    two_classes = disease(Predictions.of([0, 1, 2], np.array([[0.8, 0.1, 0.1], [0.4, 0.1, 0.5], [0.5, 0.3, 0.2]])), 0)
    assert two_classes.actual.tolist() == [0, 1, 1]
    assert two_classes.predicted.tolist() == [0, 1, 0]
    np.testing.assert_allclose(two_classes.probabilities[:, DISEASE], [0.2, 0.6, 0.5])
