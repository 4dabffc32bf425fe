"""The page: everything inside it, everything escaped, every picture described."""

import re

import pandas as pd

from medtransfer.report.page import ModelSection, Page, Picture, render

HOSTILE = "<script>alert('x')</script>"
PICTURE = Picture(b"png", f"a figure of {HOSTILE}")
TABLE = pd.DataFrame({"class": [HOSTILE], "accuracy": ["0.9"]})


def page(**changes: object) -> Page:
    section = ModelSection(HOSTILE, HOSTILE, "mean over classes", TABLE, PICTURE, PICTURE, PICTURE, PICTURE)
    content = {
        "dataset": "d",
        "title": HOSTILE,
        "headline": HOSTILE,
        "test_images": 3,
        "facts": {"source": HOSTILE},
        "warning": HOSTILE,
        "architectures": TABLE,
        "class_counts": TABLE,
        "folds": TABLE,
        "fold_scores": PICTURE,
        "pairs": TABLE,
        "localisation": TABLE,
        "models": [section],
    }
    return Page(**(content | changes))  # type: ignore[arg-type]


def test_names_cannot_inject_markup() -> None:
    assert "<script" not in render(page())


def test_pictures_are_inside_and_described() -> None:
    html = render(page())
    assert html.count("<img ") == 5
    assert all("a figure of" in alt for alt in re.findall(r'alt="([^"]*)"', html))
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)


def test_empty_sections_are_left_out() -> None:
    html = render(page(pairs=TABLE[:0], localisation=TABLE[:0]))
    assert "Paired t-test" not in html
    assert "fall on the lesion" not in html
