"""The page: every block shown, everything escaped, every figure described, and a section for every file."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from medtransfer import store
from medtransfer.report import sections
from medtransfer.report.blocks import (
    Block,
    Details,
    Embedded,
    Facts,
    Items,
    Note,
    Notice,
    Paragraph,
    Picture,
    Row,
    Section,
    Subsection,
    TableBlock,
)
from medtransfer.report.checklist_items import CHECKLIST
from medtransfer.report.page import Page, render, report_page
from medtransfer.report.settings import ReportSettings
from tests.report.finished_study import DATASET, report_settings

# Sections that the checklist would lead to, and that the page does not have yet.
AWAITED = {"external", "robustness", "patients", "failures"}
HOSTILE = "<script>alert('x')</script>"
ESCAPED = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
PICTURE = Picture(b"png", f"a figure of {HOSTILE}", HOSTILE)
BLOCKS: dict[str, tuple[Block, int]] = {
    "paragraph": (Paragraph(HOSTILE), 1),
    "note": (Note(HOSTILE), 1),
    "notice": (Notice(HOSTILE), 1),
    "table": (TableBlock(pd.DataFrame({HOSTILE: [HOSTILE], "b": [HOSTILE]}), HOSTILE), 4),
    "picture": (PICTURE, 2),
    "row": (Row([PICTURE, PICTURE]), 4),
    "items": (Items([HOSTILE, HOSTILE]), 2),
    "facts": (Facts({HOSTILE: HOSTILE}), 2),
    "embedded": (Embedded(HOSTILE, HOSTILE, 100, HOSTILE), 3),
    "details": (Details(HOSTILE, [Paragraph(HOSTILE)]), 2),
    "subsection": (Subsection(HOSTILE, [Paragraph(HOSTILE)]), 2),
}
STRANGER = """
from medtransfer.report.blocks import Paragraph, Section

ORDER = 250


def section(store, settings):
    return Section("A stranger's section", "stranger", [Paragraph(f"on {settings.dataset}")])
"""


@pytest.mark.parametrize("kind", BLOCKS)
def test_block_is_shown_whole_and_escaped(kind: str) -> None:
    block, times = BLOCKS[kind]
    html = render(Page("t", [], [Section("s", "s", [block])]))
    assert "<script" not in html
    assert html.count(ESCAPED) == times


def test_columns_of_long_text_wrap_and_others_do_not() -> None:
    frame = pd.DataFrame({"a": ["x" * 50], "number": [1], "text": ["y" * 50]})
    html = render(Page("t", [], [Section("s", "s", [TableBlock(frame)])]))
    assert f'<th scope="row">{"x" * 50}</th><td>1</td><td class="text">{"y" * 50}</td>' in html


def test_contents_lead_to_sections_and_to_subsections_with_an_anchor() -> None:
    parts: list[Block] = [Subsection("one", [], anchor="part"), Subsection("two", [])]
    html = render(Page("t", [], [Section("s", "whole", parts)]))
    assert re.findall('href="#(.*?)">(.*?)<', html) == [("whole", "s"), ("part", "one")]
    assert html.count("<h3") == 2


def test_embedded_page_has_sections_and_no_contents() -> None:
    html = render(Page("t", [Paragraph("lead")], [Section("s", "s", [Paragraph("text")])], embedded=True))
    assert "text" in html
    assert "lead" not in html
    assert "<nav" not in html


@pytest.fixture(scope="module")
def finished(study: Path) -> str:
    """The page on a finished study."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(study)
        return render(report_page(store, report_settings()))


def test_report_opens_offline_and_describes_its_figures(finished: str) -> None:
    html = finished
    figures = re.findall(r'<img src="([^"]*)" alt="([^"]*)">\n<figcaption>(.*?)</figcaption>', html)
    assert len(figures) == html.count("<img")
    assert all(source.startswith("data:image/png;base64,") for source, _, _ in figures)
    assert all(len(alternative) > 30 and len(caption) > 15 for _, alternative, caption in figures)
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)
    assert "<script" not in html
    assert "not a diagnostic device" in html
    assert "Headline model: <strong>both</strong>. Held-out test set: 4 images." in html
    assert "<h1>Slices &amp; more</h1>" in html


def test_every_link_of_the_contents_has_one_place(finished: str) -> None:
    anchors = re.findall(r' id="(.*?)"', finished)
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall('href="#(.*?)"', finished)) == set(anchors)
    parts = re.findall('<section id="(.*?)">', finished)
    assert "overlap" in parts, "it is left out where it is empty, see the test of the stranger's section"
    assert parts[-2:] == ["times", "checklist"]


def test_checklist_leads_to_places_of_the_page_and_names_none_that_nobody_knows(finished: str) -> None:
    before, _, checklist = finished.partition('<section id="checklist">')
    links, anchors = set(re.findall('href="#(.*?)"', checklist)), set(re.findall(r' id="(.*?)"', before))
    assert len(links) > 10
    assert links <= anchors | {"checklist"}
    named = {anchor for chapter in CHECKLIST.values() for item in chapter for anchor in item.answered_by}
    assert named - links <= AWAITED


@pytest.mark.long
@pytest.mark.parametrize("drawn", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_page_is_the_same_whatever_the_times(
    finished: str, settings: ReportSettings, monkeypatch: pytest.MonkeyPatch, drawn: bool
) -> None:
    """The pixels of its figures, which take long to draw, by `make slow`."""
    if not drawn:
        monkeypatch.setattr(FigureCanvasAgg, "print_png", lambda *_, **__: None)
    for model in settings.trained:
        store.training_times(DATASET, model).path.unlink()
    page = render(report_page(store, settings))
    if not drawn:
        page, finished = (re.sub('(?<=base64,)[^"]*', "", html) for html in (page, finished))
    assert page == finished


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A section's file among a few others, for figures take long to draw."""
    folder = tmp_path / "few_sections"
    folder.mkdir()
    (folder / "stranger.py").write_text(STRANGER)
    for name in ("comparison", "data", "overlap", "times"):
        (folder / f"{name}.py").symlink_to(Path(sections.__path__[0]) / f"{name}.py")
    monkeypatch.setattr(sections, "__path__", [str(folder)])
    yield
    sys.modules.pop(f"{sections.__name__}.stranger", None)


@pytest.mark.usefixtures("stranger")
def test_section_is_added_by_its_file_alone_and_left_out_where_it_is_empty(settings: ReportSettings) -> None:
    store.overlap().write({"pairs": []})
    html = render(report_page(store, settings))
    assert "<p>on d</p>" in html
    assert '<a href="#stranger">A stranger&#39;s section</a>' in html
    anchors = re.findall('<section id="(.*?)">', html)
    order = ["comparison", "stranger", "data"]
    assert [name for name in anchors if name in order] == order
    assert "overlap" not in anchors
