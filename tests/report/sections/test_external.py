"""Internal beside external scores, what was left out, and the drop in the verdict."""

from dataclasses import replace

import pytest

from medtransfer import store
from medtransfer.report.blocks import Details, Paragraph, Picture, Subsection, TableBlock
from medtransfer.report.external import labels_in_words, left_out, sentence
from medtransfer.report.sections.external import section
from medtransfer.report.settings import ReportSettings
from medtransfer.report.verdict import verdict
from medtransfer.store.external_records import Bounded
from tests.report.external_scores import around, external

DROP = around(0.2)


@pytest.fixture
def outside(settings: ReportSettings) -> ReportSettings:
    """The study with an external set, which has been scored."""
    study = settings.params.study.model_copy(update={"external": ("e",)})
    store.external("d", "e").write(external(DROP))
    return replace(settings, params=settings.params.model_copy(update={"study": study}))


def test_study_without_external_sets_has_no_section_and_no_sentence(settings: ReportSettings) -> None:
    store.external("d", "e").write(external(DROP))  # what another study has left
    assert section(store, settings) is None
    assert len(verdict(store, settings)) == 3


def test_models_have_both_sides_and_the_drop_with_the_headline_first(outside: ReportSettings) -> None:
    shown = section(store, outside)
    assert shown
    part = shown.blocks[0]
    assert isinstance(part, Subsection)
    *words, picture, table, more, calibration = part.blocks
    assert isinstance(table, TableBlock)
    assert list(table.frame) == ["model", "internal", "external", "drop"]
    assert table.frame.iloc[0].tolist() == [
        "both", "0.900<small>0.85 to 0.95</small>", "0.700<small>0.65 to 0.75</small>",
        "+0.200<small>+0.150 to +0.250</small>",
    ]  # fmt: skip
    assert table.frame["model"].tolist() == ["both", "cnn", "unet"]
    assert isinstance(more, Details)
    (others,) = more.blocks
    assert isinstance(others, TableBlock)
    assert others.frame["score"].tolist() == ["balanced accuracy", "F1", "AUC"] * 3
    assert isinstance(calibration, TableBlock)
    assert calibration.frame["temperature"].tolist() == ["1.50"] * 3
    assert isinstance(picture, Picture)
    assert "both 0.900 (0.850 to 0.950) internal, 0.700 (0.650 to 0.750) external" in picture.alternative_text
    assert [type(each) for each in words] == [Paragraph, Paragraph]


def test_what_was_left_out_is_counted() -> None:
    scores = external(DROP)
    assert left_out(scores) == (
        "6 of the 30 images of e are left out, as d has a copy of them among its training images: 1 with the same "
        "pixels, 2 in the same orientation, 2 mirrored or turned, and 1 as copies of such images. 24 images of 20 "
        "groups are scored (ill 14, well 10)."
    )
    assert left_out(replace(scores, prepared=24)).startswith("No image of e has a copy among the training images of d.")


def test_labels_that_were_mapped_are_named() -> None:
    assert labels_in_words(external(DROP)) == "The labels are ill, well. In e, sick is ill; well is well."
    finer = external(DROP, {"a": "ill", "b": "ill", "well": "well"})
    assert labels_in_words(finer).startswith("The labels are ill, well. In d, a, b are ill; well is well. In e, sick")
    assert labels_in_words(finer).endswith("internal scores are of these labels too.")
    assert not labels_in_words(replace(external(DROP), mapped={"ill": "ill", "well": "well"}))


def test_verdict_ends_with_the_drop_of_the_best_model(outside: ReportSettings) -> None:
    *_, last = verdict(store, outside)
    assert last == (
        "Elsewhere: both is right on 70.0% (65.0% to 75.0%) of the 24 images of e without a copy among its training "
        "images, and on 90.0% (85.0% to 95.0%) of the held-out images of d: 20.0 points lower (15.0 to 25.0)."
    )


@pytest.mark.parametrize(
    ("drop", "ending"),
    [
        (around(-0.2), "20.0 points higher (15.0 to 25.0)."),
        (around(0.02), "2.0 points lower (-3.0 to 7.0), which may be nothing."),
        (around(-0.02), "2.0 points higher (-3.0 to 7.0), which may be nothing."),
        (Bounded(0.1, None, None), "a difference of 10.0 points, whose interval cannot be told."),
    ],
)
def test_drop_is_called_what_its_interval_allows(drop: Bounded, ending: str) -> None:
    assert sentence(external(drop), "cnn").endswith(ending)


def test_merged_labels_are_named_in_the_verdict() -> None:
    finer = external(DROP, {"a": "ill", "b": "ill", "well": "well"})
    assert sentence(finer, "cnn").startswith("Elsewhere: cnn is right (ill or well) on 70.0%")
