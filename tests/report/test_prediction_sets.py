"""Coverage and size of prediction sets, and why there are none."""

from medtransfer.evaluation.conformal import Coverage
from medtransfer.report import prediction_sets
from medtransfer.store.interval import Interval
from tests.evaluations import decisions

HALF, HIGH = Interval(0.5, 0.25, 0.75), Interval(0.95, 0.85, 1)
MODELS = {
    "a": decisions(coverage=Coverage(HIGH, (HIGH, HALF), Interval(1.5, 1, 2), HALF, HALF, HALF)),
    "b": decisions(),
}


def test_models_with_sets_have_a_row_and_others_a_reason() -> None:
    coverages = prediction_sets.coverages(MODELS, ["x", "y"])
    high, half = "0.950<small>0.85 to 1.00</small>", "0.500<small>0.25 to 0.75</small>"
    assert coverages.to_dict("records") == [{"model": "a", "all images": high, "x": high, "y": half}]
    assert prediction_sets.sizes(MODELS).iloc[0].tolist() == [
        "a",
        "1.500<small>1.00 to 2.00</small>",
        half,
        half,
        half,
    ]
    assert prediction_sets.missing(MODELS) == ["b: Too few groups."]
    assert prediction_sets.missing({"b": decisions(), "c": decisions()}) == ["Too few groups."]


def test_coverage_that_is_surely_too_low_is_named() -> None:
    assert prediction_sets.below(MODELS, ["x", "y"]).endswith("interval: a, y: 0.500 (95 % interval 0.25 to 0.75).")
    assert prediction_sets.below({"b": decisions()}, ["x", "y"]) == ""
    fine = {"a": decisions(coverage=Coverage(HIGH, (HIGH, HIGH), HIGH, HALF, HALF, HALF))}
    assert prediction_sets.below(fine, ["x", "y"]).startswith("No coverage")
