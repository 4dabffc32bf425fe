"""Each limit is named where it holds, and not where it does not."""

from dataclasses import replace

import pytest

from medtransfer.report.limits import RULES, Basis, limits

GOOD = Basis(
    synthetic=False, images=5000, pictures=4900, patients="all", rejected=0, conflicting=0, conflicts="drop",
    strategy="grouped", test_images=1000, test_groups=900, leaking=0, smallest_class="ill", smallest_groups=300,
    width=5.0, folds=5, seed=42, pretrained=True, outlines=True, annotators=True, consent=True, external="",
    pixels="224 × 224",
)  # fmt: skip
CASES: dict[str, tuple[dict[str, object], str]] = {
    "made by code": ({"synthetic": True}, "made by code: no score says anything about a disease"),
    "no patients": ({"patients": "none"}, "No image names its patient"),
    "some patients": ({"patients": "some"}, "Some images do not name their patient"),
    "leaking split": ({"strategy": "random", "leaking": 77}, "Under the split “random”, 77 of the 1000 test images"),
    "copies": ({"pictures": 340}, "mostly of copies: 5000 images of 340 pictures"),
    "few groups": ({"test_groups": 43, "width": 23.4}, "43 independent groups. With so many, the interval of an "),
    "few of a class": ({"smallest_groups": 7}, "The class ill has 7 independent groups"),
    "conflicts left out": (
        {"conflicting": 9},
        "9 images show a picture that occurs under two labels, and are left out",
    ),
    "conflicts kept": ({"conflicting": 9, "conflicts": "keep"}, "two labels, and are kept"),
    "rejected files": ({"rejected": 12}, "could not be used: 12 (see Data)"),
    "random weights": ({"pretrained": False}, "cannot say whether transfer learning helps"),
    "one part": ({"folds": 1}, "one part to validate on"),
    "annotators": ({"annotators": False}, "Who labelled the images, and how, is not stated"),
    "consent": ({"consent": False}, "consent of the patients are not stated"),
    "external test": ({"external": "elsewhere"}, "models were scored on elsewhere alone"),
    "no outlines": ({"outlines": False}, "heat maps can be looked at, but not scored"),
}


@pytest.mark.parametrize("case", CASES)
def test_limit_is_named_where_it_holds_alone(case: str) -> None:
    changes, sentence = CASES[case]
    assert not any(sentence in limit for limit in limits(GOOD))
    assert sum(sentence in limit for limit in limits(replace(GOOD, **changes))) == 1  # type: ignore[arg-type]


def test_good_data_have_limits_too_and_no_rule_is_without_a_test() -> None:
    always = [rule for rule in RULES if rule.holds(GOOD)]
    conditional = {sentence for _, sentence in CASES.values()}
    assert len(limits(GOOD)) == len(always) == 6
    assert len(RULES) == len(always) + len(conditional) - 1  # both ways to treat conflicts are one rule
    assert any("no external test" in limit for limit in limits(GOOD))
