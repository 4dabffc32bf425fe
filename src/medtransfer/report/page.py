"""One HTML page that opens offline: tables and figures inside it, no script, nothing fetched."""

import base64
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

TEMPLATE = Path(__file__).with_name("page.html.j2")


@dataclass(frozen=True)
class Picture:
    """A PNG and the text for those who cannot see it."""

    content: bytes
    alternative_text: str


@dataclass(frozen=True)
class ModelSection:
    """What the page shows of one model."""

    name: str
    recipe: str  # in words
    kept: str  # of which epoch the weights were kept, fold by fold; empty of a vote
    averaging: str
    per_class: pd.DataFrame
    learning_curves: Picture
    roc: Picture
    confusion: Picture
    overlays: Picture
    autoencoder: Picture | None = None  # its learning curves, of a model that had one
    saliency: Picture | None = None  # and what it paints, beside gradient saliency


@dataclass(frozen=True)
class PaperSection:
    """What the page shows of one paper."""

    title: str
    table: pd.DataFrame  # what it prints beside what was measured here
    notes: list[str]  # numbered from 1 in the table
    remarks: tuple[str, ...]  # where it contradicts itself


@dataclass(frozen=True)
class DataCard:
    """What the page shows of the data set."""

    facts: dict[str, str]
    warning: str  # what the data cannot rule out; may be empty
    class_counts: pd.DataFrame
    contact_sheet: Picture
    rejects: pd.DataFrame
    copies_warning: str  # where most images are copies; else empty
    copies: Picture  # one picture with its copies
    leakage: pd.DataFrame
    leakage_bars: Picture
    gallery: Picture
    closest: Picture
    groups: Picture
    experiment: pd.DataFrame  # empty where none was run
    experiment_figure: Picture | None
    experiment_text: str
    overlap: pd.DataFrame


@dataclass(frozen=True)
class Page:
    """Everything the page shows."""

    dataset: str
    title: str
    headline: str
    test_images: int
    copy_free_images: int
    card: DataCard
    architectures: pd.DataFrame
    folds: pd.DataFrame
    fold_scores: Picture
    pairs: pd.DataFrame
    localisation: pd.DataFrame
    papers: list[PaperSection]
    models: list[ModelSection]
    selecting: list[str]  # those of the models whose recipe chooses an epoch by the validation rows


def render(page: Page) -> str:
    """The page as HTML."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["table"] = _table
    environment.filters["picture"] = _picture
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(page=page)


def _table(frame: pd.DataFrame) -> Markup:
    """A data frame of text as an HTML table; its first column heads the rows, all others are numbers."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in frame.columns)
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>\n').format(
            row[0], Markup("").join(Markup("<td>{}</td>").format(value) for value in row[1:])
        )
        for row in frame.itertuples(index=False, name=None)
    )
    return Markup('<div class="wide"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>').format(
        head, rows
    )


def _picture(picture: Picture) -> Markup:
    source = base64.b64encode(picture.content).decode()
    return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(source, picture.alternative_text)
