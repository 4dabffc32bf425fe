"""Labels that are put together score as by hand; a drop is found where there is one, and not where there is none."""

import numpy as np
import pytest
from sklearn import metrics
from statsmodels.stats.proportion import confint_proportions_2indep

from medtransfer.evaluation.accuracy import accuracy
from medtransfer.evaluation.choices import Choices
from medtransfer.evaluation.condition import Condition
from medtransfer.evaluation.external import CALIBRATION, SCORED, Labels, Sample, difference, drops, sample, scored
from medtransfer.evaluation.shares import wilson
from medtransfer.evaluation.thresholds import ThresholdRule
from medtransfer.store.external_records import Bounded
from medtransfer.store.interval import Interval
from tests.evaluation.simulated import calibrated, probabilities_of

OF = {"glioma": "tumour", "none": "healthy", "meningioma": "tumour"}
TUMOURS, SAME = Labels.of(OF, ["healthy", "tumour"]), Labels(np.arange(2), 2)


def drawn(rng: np.random.Generator, right: float, groups: int, size: int = 3) -> Sample:
    """Groups of images that are right or wrong together, a share `right` of them right."""
    group = np.repeat(np.arange(groups), size)
    actual = group % 2
    predicted = np.where((rng.permutation(groups) < right * groups)[group], actual, 1 - actual)
    score = 0.5 + 0.4 * (2 * predicted - 1) * rng.random(len(predicted))
    return sample(actual, probabilities_of(score), group, SAME, Choices())


def test_scores_of_labels_are_those_of_scikit_learn_on_added_probabilities(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 200, 3)
    classes = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (actual != 1).astype(int)
    scores = scored(sample(labels, classes, np.arange(200), TUMOURS, Choices()))
    tumour = classes[:, 0] + classes[:, 2]
    named = (tumour > 0.5).astype(int)
    assert (named != (classes.argmax(axis=1) != 1)).any(), "the most probable class alone would say otherwise"
    expected = {
        "accuracy": metrics.accuracy_score(labels, named),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, named),
        "f1": metrics.f1_score(labels, named, average="macro"),
        "roc_auc": metrics.roc_auc_score(labels, tumour),
        "loss": metrics.log_loss(labels, tumour),
    }
    assert {key: scores[key].value for key in expected} == pytest.approx(expected)
    assert list(scores) == [*SCORED, *CALIBRATION]
    ends = wilson(int((named == labels).sum()), 200)
    assert scores["accuracy"] == Bounded(ends.value, ends.low, ends.high), "each image is a group of its own"


def test_temperature_changes_calibration_alone(rng: np.random.Generator) -> None:
    actual, logits = calibrated(rng, 300, 2)
    own = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    sure = 1 / (1 + np.exp(3 * (logits[:, 0] - logits[:, 1])))  # three times too sure
    plain, at_three = (
        scored(sample(actual, probabilities_of(sure), np.arange(300) // 2, SAME, Choices(temperature=temperature)))
        for temperature in (1.0, 3.0)
    )
    assert {key: plain[key] for key in SCORED} == {key: at_three[key] for key in SCORED}
    assert at_three["loss"].value == pytest.approx(metrics.log_loss(actual, own))
    assert at_three["calibration_error"].value < plain["calibration_error"].value


def test_threshold_names_a_class_and_so_its_label() -> None:
    rule = ThresholdRule("sensitivity", 0.9, Condition(1, healthy=True), threshold=0.2)
    classes = np.array([[0.15, 0.7, 0.15], [0.1, 0.85, 0.05]])
    images = sample(np.array([1, 0]), classes, np.arange(2), TUMOURS, Choices(rule=rule))
    assert images.named.predicted.tolist() == [1, 0]
    assert sample(np.array([1, 0]), classes, np.arange(2), TUMOURS, Choices()).named.predicted.tolist() == [0, 0]


def test_planted_shift_is_found_and_no_shift_is_not(rng: np.random.Generator) -> None:
    here, same, shifted = (scored(drawn(rng, right, 60)) for right in (0.9, 0.9, 0.6))
    planted, none = drops(here, shifted), drops(here, same)
    for key in ("accuracy", "balanced_accuracy", "f1"):
        low, high = planted[key].low, planted[key].high
        assert low is not None
        assert high is not None
        assert 0 < low < 0.3 < high
        low, high = none[key].low, none[key].high
        assert low is not None
        assert high is not None
        assert low < 0 < high


def test_interval_of_a_drop_is_newcombes_where_images_are_independent() -> None:
    cases: list[tuple[int, int, int, int]] = [(45, 50, 30, 60), (50, 50, 60, 60), (0, 20, 20, 20), (7, 9, 40, 80)]
    for right, images, right_outside, outside in cases:
        drop = difference(bounded(wilson(right, images)), bounded(wilson(right_outside, outside)))
        ends = confint_proportions_2indep(right, images, right_outside, outside, method="newcomb", compare="diff")
        assert (drop.low, drop.high) == pytest.approx(ends)


def test_interval_of_a_drop_covers_it_where_images_come_in_groups(rng: np.random.Generator) -> None:
    """By simulation: 95 in 100, give or take; as single images they would be covered far less often."""
    size, true = 4, 0.15
    covered = np.zeros((60, 2), dtype=bool)
    for number in range(len(covered)):
        by_groups, alone = [], []
        for right, groups in ((0.85, 60), (0.7, 80)):
            hits = np.repeat(rng.random(groups) < right, size)
            by_groups.append(accuracy(hits, np.repeat(np.arange(groups), size)))
            alone.append(wilson(int(hits.sum()), len(hits)))
        for way, (here, outside) in enumerate((by_groups, alone)):
            drop = difference(bounded(here), bounded(outside))
            assert drop.low is not None
            assert drop.high is not None
            covered[number, way] = drop.low <= true <= drop.high
    assert covered[:, 0].mean() > 0.87
    assert covered[:, 1].mean() < 0.8


def bounded(interval: Interval) -> Bounded:
    return Bounded(interval.value, interval.low, interval.high)


def test_score_without_an_interval_has_a_drop_without_one() -> None:
    assert difference(Bounded(1.0, None, None), Bounded(0.5, 0.4, 0.6)) == Bounded(0.5, None, None)
