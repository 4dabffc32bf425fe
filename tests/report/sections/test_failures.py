"""Where the headline model fails."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest

from medtransfer import store
from medtransfer.report.blocks import Block, Note, Paragraph, Picture, Row, Subsection, TableBlock
from medtransfer.report.sections.failures import section
from medtransfer.report.settings import ReportSettings
from tests.report.finished_study import report_settings, write_study


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportSettings]:
    """`cnn` as headline: of four test images, it has two wrong."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("study"))
        write_study()
        yield replace(report_settings(), headline="cnn")


def parts(settings: ReportSettings) -> dict[str, list[Block]]:
    """The blocks of each subsection."""
    shown = section(store, settings)
    return {block.title: list(block.blocks) for block in shown.blocks if isinstance(block, Subsection)}


def test_errors_are_listed_and_shown_the_most_confident_first(settings: ReportSettings) -> None:
    opening = section(store, settings).blocks[0]
    assert isinstance(opening, Paragraph)
    assert "wrong on 2 of 4 held-out images, which are of 4 groups. Accuracy: 0.500" in opening.text
    row, table = parts(settings)["Most confident errors"]
    assert isinstance(row, Row)
    assert isinstance(table, TableBlock)
    assert table.frame[["image", "confidence"]].to_numpy().tolist() == [["t-well-0", "80.0%"], ["t-ill-1", "70.0%"]]
    assert row.pictures[0].alternative_text == "Errors 1 to 2: well as ill, 80%; ill as well, 70%."


def test_no_error_no_list(settings: ReportSettings) -> None:
    assert "Most confident errors" not in parts(replace(settings, headline="both"))


def test_parts_say_how_many_images_they_rest_on_and_conclude_nothing_from_few(settings: ReportSettings) -> None:
    text, table = parts(settings)["Accuracy in parts of the test set"]
    assert isinstance(text, Paragraph)
    assert isinstance(table, TableBlock)
    assert text.text.startswith("Of 6 parts, 0 have 10 groups or more. From the other 6 nothing is concluded.")
    rows = {row["part"]: row for row in table.frame.to_dict("records")}
    assert rows["all images"]["accuracy"] == "0.500"
    ill = rows["class: ill"]
    assert (ill["images"], ill["groups"], ill["against all images"]) == (2, 2, "too few groups")
    assert rows["lesion size: 12.5 to 12.5 %"]["images"] == 1
    assert {name.partition(":")[0] for name in rows} == {
        "all images",
        *("class", "lesion size", "sharpness", "brightness", "distance"),
    }


def test_spread_over_patients_only_where_they_are_known(settings: ReportSettings) -> None:
    (unknown,) = parts(settings)["Spread over patients"]
    assert isinstance(unknown, Paragraph)
    assert "does not say" in unknown.text
    index = store.prepared(settings.dataset).index
    table = index.read()
    index.write(table.assign(patient=pd.Series(["p", "p", "q", ""] + [""] * 8)))
    text, picture, worst, note = parts(settings)["Spread over patients"]
    index.write(table)
    assert isinstance(text, Paragraph)
    assert isinstance(picture, Picture)
    assert isinstance(worst, TableBlock)
    assert isinstance(note, Note)
    assert text.text.startswith("All test images are predicted right for 0 of 2 patients")
    assert worst.frame["patient"].tolist() == ["q", "p"]
    assert "Without the 1 test images" in note.text
