"""One HTML page that opens offline: tables and figures inside it, no script, nothing fetched."""

import base64
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import jinja2
from markupsafe import Markup

from medtransfer.report import sections
from medtransfer.report.blocks import Block, Items, Notice, Paragraph, Section
from medtransfer.report.checklist import checklist
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.report.verdict import verdict

NOT_A_DEVICE = "Research software, not a diagnostic device."
LIMITS = (
    "These numbers describe one data set and one split; they do not show that a model is safe or useful for a patient."
)


@dataclass(frozen=True)
class Page:
    """A title, what stands above the table of contents, and the sections; an embedded page shows its sections alone."""

    title: str
    lead: Sequence[Block]
    sections: Sequence[Section]
    embedded: bool = False


def report_page(store: Store, settings: ReportSettings) -> Page:
    """The report on a data set: one section for each file in `sections`, and the checklist that leads to them."""
    images = store.metrics(settings.dataset, settings.headline).read().images
    shown = all_sections(store, settings)
    card = store.settings_of_dataset(settings.dataset).card.read()
    opening = Markup("Headline model: <strong>{}</strong>. Held-out test set: {} images.")
    return Page(
        card.title,
        [
            Items(verdict(store, settings)),
            Paragraph(opening.format(settings.headline, images)),
            Notice(f"{NOT_A_DEVICE} {LIMITS}"),
        ],
        [*shown, checklist(shown, card.provenance)],
    )


def all_sections(store: Store, settings: ReportSettings) -> list[Section]:
    """What each module of `sections` has to show, by its ORDER; one that has nothing to show returns None."""
    names = [f"{sections.__name__}.{module.name}" for module in pkgutil.iter_modules(sections.__path__)]
    modules = sorted((import_module(name) for name in names), key=lambda module: (module.ORDER, module.__name__))
    shown = (module.section(store, settings) for module in modules)
    return [section for section in shown if section is not None]


def render(page: Page) -> str:
    """The page as HTML; all text in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode()
    return environment.get_template("page.html.j2").render(page=page)
