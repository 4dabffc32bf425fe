"""All pairs of models on the same held-out images."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from medtransfer.comparison.held_out import compare_held_out
from medtransfer.comparison.rows import HeldOut
from medtransfer.settings.errors import UserError

GROUPS = np.repeat(np.arange(30), 4)
ACTUAL = GROUPS % 2


def model(seed: int, sharpness: float) -> HeldOut:
    score = 1 / (1 + np.exp(-(ACTUAL - 0.5) * sharpness - np.random.default_rng(seed).normal(size=120)))
    return HeldOut(np.arange(120).astype(str), ACTUAL, (score > 0.5).astype(int), np.column_stack([1 - score, score]))


MODELS = {"sharp": model(0, 5), "dull": model(1, 1), "dull too": model(2, 1)}


def test_every_two_models_by_every_test() -> None:
    comparison = compare_held_out(MODELS, GROUPS, (1,))
    assert [(pair.a, pair.b) for pair in comparison.pairs] == [
        ("sharp", "dull"),
        ("sharp", "dull too"),
        ("dull", "dull too"),
    ]
    for pair in comparison.pairs[:2]:
        assert pair.accuracy.difference.low > 0
        assert pair.auc.difference > 0
        for holm_p, p in (
            (pair.accuracy_holm_p, pair.accuracy.p),
            (pair.mcnemar_holm_p, pair.mcnemar.mid_p),
            (pair.auc_holm_p, pair.auc.p),
        ):
            assert holm_p is not None
            assert p is not None
            assert p < holm_p < 0.05
    assert comparison.pairs[2].accuracy.p > 0.05
    assert comparison.cochran.p is not None
    assert comparison.cochran.p < 0.001
    assert "30 groups" in comparison.pairs[0].mcnemar.assumes


def test_result_can_be_written() -> None:
    perfect = HeldOut(MODELS["dull"].ids, ACTUAL, ACTUAL, np.eye(2)[ACTUAL])
    json.dumps(asdict(compare_held_out({"a": perfect, "b": perfect, **MODELS}, GROUPS, (0, 1))), allow_nan=False)


def test_baseline_makes_the_family_smaller() -> None:
    comparison = compare_held_out(MODELS, GROUPS, (1,), baseline="dull")
    assert [(pair.a, pair.b) for pair in comparison.pairs] == [("sharp", "dull"), ("dull too", "dull")]
    smallest = min(comparison.pairs, key=lambda pair: pair.accuracy.p)
    assert smallest.accuracy_holm_p == pytest.approx(2 * smallest.accuracy.p)
    assert smallest.mcnemar_holm_p == pytest.approx(2 * smallest.mcnemar.mid_p)
    alone = compare_held_out({name: MODELS[name] for name in ("sharp", "dull")}, GROUPS, (1,)).pairs[0]
    assert alone.accuracy_holm_p == alone.accuracy.p
    assert (alone.detectable.difference or 1) < (comparison.pairs[0].detectable.difference or 0)


def test_other_rows_and_labels_are_refused() -> None:
    dull = MODELS["dull"]
    for changed, message in (
        (replace(dull, ids=dull.ids[::-1]), "a and b are scored on different held-out images"),
        (replace(dull, actual=1 - dull.actual), "a and b are scored against different labels"),
    ):
        with pytest.raises(UserError, match=message):
            compare_held_out({"a": MODELS["sharp"], "b": changed}, GROUPS, (1,))


def test_nan_and_a_single_model_are_refused() -> None:
    dull = MODELS["dull"]
    with pytest.raises(UserError, match="not all numbers"):
        replace(dull, probabilities=dull.probabilities * np.nan)
    with pytest.raises(UserError, match="needs two models"):
        compare_held_out({"a": dull}, GROUPS, (1,))
