"""The page: everything inside it, everything escaped, every picture described."""

import re
from dataclasses import replace

import pandas as pd

from medtransfer.report.page import DataCard, ModelSection, Page, PaperSection, Picture, render

HOSTILE = "<script>alert('x')</script>"
PICTURE = Picture(b"png", f"a figure of {HOSTILE}")
TABLE = pd.DataFrame({"class": [HOSTILE], "accuracy": ["0.9"]})


def page(**changes: object) -> Page:
    section = ModelSection(HOSTILE, HOSTILE, HOSTILE, "mean over classes", TABLE, PICTURE, PICTURE, PICTURE, PICTURE)
    card = DataCard(
        facts={"source": HOSTILE},
        warning=HOSTILE,
        class_counts=TABLE,
        contact_sheet=PICTURE,
        rejects=TABLE,
        copies_warning=HOSTILE,
        copies=PICTURE,
        leakage=TABLE,
        leakage_bars=PICTURE,
        gallery=PICTURE,
        closest=PICTURE,
        groups=PICTURE,
        experiment=TABLE,
        experiment_figure=PICTURE,
        experiment_text=HOSTILE,
        overlap=TABLE,
    )
    content = {
        "dataset": "d",
        "title": HOSTILE,
        "headline": HOSTILE,
        "test_images": 3,
        "copy_free_images": 2,
        "card": card,
        "architectures": TABLE,
        "folds": TABLE,
        "fold_scores": PICTURE,
        "pairs": TABLE,
        "localisation": TABLE,
        "papers": [PaperSection(HOSTILE, TABLE, [HOSTILE], (HOSTILE,))],
        "models": [section],
        "selecting": [HOSTILE],
    }
    return Page(**(content | changes))  # type: ignore[arg-type]


def test_names_cannot_inject_markup() -> None:
    assert "<script" not in render(page())


def test_notes_of_a_paper_are_numbered_as_in_its_table() -> None:
    html = render(page(papers=[PaperSection("p", TABLE, ["one", "two"], ("open",))]))
    assert "[1] one" in html
    assert "[2] two" in html
    assert "<li>open</li>" in html


def test_pictures_are_inside_and_described() -> None:
    html = render(page())
    assert html.count("<img ") == 12
    assert all("a figure of" in alt for alt in re.findall(r'alt="([^"]*)"', html))
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)


def test_empty_sections_are_left_out() -> None:
    empty = replace(page().card, rejects=TABLE[:0], overlap=TABLE[:0], warning="")
    html = render(page(pairs=TABLE[:0], localisation=TABLE[:0], card=empty, papers=[]))
    assert "Paper against ours" not in html
    assert "Paired t-test" not in html
    assert "fall on the lesion" not in html
    assert "Files that are not in the set" not in html
    assert "Shared with other data sets" not in html
