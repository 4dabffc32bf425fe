"""The sentence of a pair: what the numbers allow, and no more."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtransfer.comparison.sentences import Evidence, sentence
from medtransfer.store.interval import Interval

ALIKE = Evidence("A", "B", Interval(0.0104, -0.0312, 0.0521), 0.62, 3, 96, 20, 0.0593, groups_are="patients")
BETTER = replace(ALIKE, difference=Interval(0.08, 0.021, 0.14), holm_p=0.012)


def test_models_that_cannot_be_told_apart() -> None:
    assert sentence(ALIKE) == (
        "A and B cannot be told apart on these 96 images of 20 patients: the difference in accuracy is 1.0 points "
        "(-3.1 to 5.2); a true difference of 6.0 points or more would have been seen with 80 % power."
    )


def test_a_better_model() -> None:
    expected = (
        "A is better than B on these 96 images of 20 patients: the difference in accuracy is 8.0 points (2.1 to 14.0); "
        "p = 0.012 by Holm for 3 pairs."
    )
    assert sentence(BETTER) == expected
    turned = replace(BETTER, a="B", b="A", difference=Interval(-0.08, -0.14, -0.021))
    assert sentence(turned) == expected


def test_lower_is_better() -> None:
    evidence = replace(BETTER, metric="Brier score", higher_is_better=False, holm_p=0.0001, family=1, groups=96)
    assert sentence(evidence) == (
        "B is better than A on these 96 images: the difference in Brier score is -8.0 points (-14.0 to -2.1); "
        "p < 0.001."
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (replace(BETTER, holm_p=0.06), "the interval leaves 0 out, but p = 0.060 by Holm for 3 pairs."),
        (replace(BETTER, holm_p=None), "the interval leaves 0 out, but p is undefined."),
        (replace(ALIKE, holm_p=0.04), "p = 0.040 by Holm for 3 pairs, but the interval holds 0."),
        (
            replace(ALIKE, holm_p=0.04, difference=Interval(0.01, float("nan"), float("nan"))),
            "1.0 points, without an interval; p = 0.040 by Holm for 3 pairs, but there is no interval.",
        ),
        (
            replace(ALIKE, detectable=None),
            "they disagree on too few images for a difference to be seen with 80 % power.",
        ),
        (
            replace(ALIKE, difference=Interval(0.0, float("nan"), float("nan"))),
            "0.0 points, without an interval; a true difference of 6.0 points or more would have been seen with 80 % "
            "power.",
        ),
    ],
)
def test_not_better_without_interval_and_p(evidence: Evidence, reason: str) -> None:
    assert sentence(evidence).startswith("A and B cannot be told apart")
    assert sentence(evidence).endswith(reason)


def test_difference_is_of_the_model_named_first() -> None:
    evidence = replace(BETTER, holm_p=0.06, difference=Interval(-0.08, -0.14, -0.021))
    assert "told apart on these 96 images of 20 patients: the difference in accuracy is -8.0 points (-14.0" in sentence(
        evidence
    )


def test_tests_that_disagree_are_named() -> None:
    evidence = replace(BETTER, other_p={"McNemar": 0.001, "DeLong": None, "the corrected t-test over folds": 0.4})
    assert sentence(evidence).endswith(
        " The tests disagree: p is below 0.05 by the test of accuracy by patients and McNemar, not by the corrected "
        "t-test over folds."
    )
    assert "disagree" not in sentence(replace(evidence, other_p={"McNemar": 0.001}))


@settings(max_examples=50)
@given(
    value=st.floats(-1, 1),
    below=st.floats(0, 1),
    above=st.floats(0, 1),
    p=st.none() | st.floats(0, 1),
    higher=st.booleans(),
)
def test_never_equal_and_better_only_with_both(
    value: float, below: float, above: float, p: float | None, higher: bool
) -> None:
    interval = Interval(value, value - below, value + above)
    text = sentence(replace(ALIKE, difference=interval, holm_p=p, higher_is_better=higher))
    assert "equal" not in text
    certain = p is not None and p < 0.05
    assert ("better" in text) == (certain and (interval.low > 0 or interval.high < 0))
    assert "-0.0 " not in text
    if "better" in text:
        assert text.startswith("A is" if (value > 0) == higher else "B is")
