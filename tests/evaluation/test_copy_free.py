"""Twin-free accuracy compares like with like, and says how little a few images tell."""

import numpy as np
import pytest
from medtransfer.evaluation.twin_free import twin_free
from sklearn.metrics import balanced_accuracy_score

CLASSES = ["a", "b", "c"]


def test_accuracy_interval_and_counts_are_of_the_free_images(rng: np.random.Generator) -> None:
    actual, predicted = rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    free = np.arange(60) < 25
    found = twin_free(actual, predicted, free, CLASSES)
    share = (actual == predicted)[:25].mean()
    assert found["images"] == 25
    assert found["accuracy"] == pytest.approx(share)
    z, n = 1.959964, 25
    centre, spread = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    np.testing.assert_allclose(
        found["interval"], (np.array([centre - spread, centre + spread]) / (1 + z**2 / n)), atol=1e-6
    )
    assert found["by_class"] == {name: int((actual[:25] == code).sum()) for code, name in enumerate(CLASSES)}
    assert found["balanced"] == pytest.approx(balanced_accuracy_score(actual[:25], predicted[:25]))


def test_balanced_accuracies_are_over_the_same_classes() -> None:
    actual = np.array([0, 0, 1, 1, 2, 2])
    predicted = np.array([0, 1, 1, 1, 0, 0])
    found = twin_free(actual, predicted, np.array([True, True, True, False, False, False]), CLASSES)
    assert (found["balanced"], found["balanced_all"]) == (0.75, 0.75)
    assert found["by_class"] == {"a": 2, "b": 1, "c": 0}


def test_none_free_is_no_number() -> None:
    found = twin_free(np.array([0, 1]), np.array([0, 1]), np.zeros(2, dtype=bool), ["a", "b"])
    assert (found["images"], found["accuracy"], found["interval"], found["balanced"]) == (0, None, None, None)
