"""Intervals are said to be made as they are."""

from dataclasses import replace

from medtransfer.report.interval_words import made
from tests.evaluations import evaluation, scores

OF_GROUPS = evaluation(scores())  # 20 images of 10 groups


def test_groups_are_drawn_whole_and_independent_proportions_have_wilsons() -> None:
    assert "The 20 test images are of 10 groups" in made(OF_GROUPS)[0]
    alone = replace(OF_GROUPS, groups=20)
    assert "(accuracy, sensitivity, specificity, PPV, NPV) have Wilson's interval" in made(alone)[0]
    assert "Wilson" not in made(replace(alone, tested="folds"))[0]
