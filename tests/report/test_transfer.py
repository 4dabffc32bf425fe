"""The sentence on transfer says of each pair what its interval and p allow, and no more."""

from medtransfer.comparison.by_architecture import ByArchitecture, PairedModels
from medtransfer.comparison.contrasts import RecipePair
from medtransfer.comparison.effects import AccuracyDifference
from medtransfer.evaluation.resampling import Interval
from medtransfer.report.transfer import transfer


def pair(a: str, value: float, half: float, holm_p: float) -> PairedModels:
    difference = Interval(value, value - half, value + half)
    accuracy = AccuracyDifference(difference, holm_p, 90, 30, "m")
    return PairedModels(RecipePair("cnn", a, "scratch", []), (0.8, 0.8 - value), accuracy, holm_p)


def sentence_of(*pairs: PairedModels, contrast: str = "pretrained") -> str | None:
    return transfer([ByArchitecture(contrast, list(pairs), None)], 90, 30)


def test_each_pair_stands_under_what_is_known_of_it() -> None:
    sentence = sentence_of(
        pair("tuned", 0.1, 0.05, 0.01), pair("frozen", 0.02, 0.05, 0.4), pair("other", -0.1, 0.05, 0.01),
        pair("close", 0.06, 0.05, 0.2),
    )  # fmt: skip
    assert sentence == (
        "Transfer, pretrained against random weights on 90 held-out images of 30 groups: better: tuned against "
        "scratch (+10.0, 5.0 to 15.0); worse: other against scratch (-10.0, -15.0 to -5.0); not told apart: "
        "frozen against scratch (+2.0, -3.0 to 7.0) and close against scratch (+6.0, 1.0 to 11.0). "
        "Differences in accuracy are in points, with 95 % intervals."
    )


def test_pairs_beyond_the_first_are_counted() -> None:
    sentence = sentence_of(*(pair(name, 0.1, 0.05, 0.01) for name in "abcdef"))
    assert sentence is not None
    assert "e against" not in sentence
    assert "The page has 2 more." in sentence


def test_study_without_such_a_pair_has_no_sentence() -> None:
    assert transfer([], 90, 30) is None
    assert sentence_of(pair("tuned", 0.1, 0.05, 0.01), contrast="fine-tuned") is None
