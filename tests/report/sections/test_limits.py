"""Limits of a study, from its artefacts."""

from dataclasses import replace

from medtransfer import store
from medtransfer.report.blocks import Block, Facts, Items, Subsection
from medtransfer.report.sections.limits import section
from medtransfer.report.settings import ReportSettings


def blocks(settings: ReportSettings) -> list[Block]:
    parts = [block for block in section(store, settings).blocks if isinstance(block, Subsection)]
    return [block for part in parts for block in part.blocks]


def test_numbers_and_limits_are_those_of_this_study(settings: ReportSettings) -> None:
    facts, items = blocks(settings)
    assert isinstance(facts, Facts)
    assert facts.facts["held-out test set"] == "4 images of 4 pictures and 4 groups"
    assert facts.facts["development set"] == "8 images of 8 pictures and 8 groups"
    assert facts.facts["models"] == "2, each trained in 2 folds, seed 42"
    assert isinstance(items, Items)
    text = " ".join(items.sentences)
    for sentence in ("No image names its patient", "has 4 independent groups", "12 images of 4 pictures"):
        assert sentence in text
    assert "cannot say whether transfer learning helps" in text
    assert "could not be used: 1 (see Data)" in text
    assert "made by code" not in text
    assert "Under the split" not in text
    split = settings.params.split.model_copy(update={"strategy": "random"})
    leaking = replace(settings, params=settings.params.model_copy(update={"split": split}))
    assert isinstance(leaky := blocks(leaking)[1], Items)
    assert any("Under the split “random”, 2 of the 4 test images" in sentence for sentence in leaky.sentences)
