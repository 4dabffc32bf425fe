"""The checklist as a section: each item with links to the sections of the page that answer it."""

from collections.abc import Container, Mapping, Sequence

import pandas as pd
from markupsafe import Markup

from medtransfer.report.blocks import Block, Note, Paragraph, Section, Subsection, TableBlock, with_detail
from medtransfer.report.card import NOT_STATED
from medtransfer.report.checklist_items import CHECKLIST, Item
from medtransfer.settings.datasets import Provenance

TITLE, ANCHOR = "Checklist", "checklist"
COLUMNS = ["asked for, and by what", "answered in"]
NOT_ANSWERED = "Not answered."
OPENING = (
    "What three guidelines ask of a study of this kind, in our own words, and where this page answers it: {answered} "
    "of {items} items are answered."
)
GUIDELINES = (
    "CLAIM: update of 2024 (Tejani et al., Radiology: Artificial Intelligence), by topics. TRIPOD+AI: Collins et al. "
    "2024 (BMJ), by items. METRICS: Kocak et al. 2024 (Insights into Imaging), by items. A link shows where to look; "
    "it does not say that the answer is good. The guidelines themselves are the authority."
)


def checklist(sections: Sequence[Section], provenance: Provenance) -> Section:
    """On a page of these sections; `provenance` is what the catalogue states of the data set."""
    places = {section.anchor: section.title for section in sections} | {ANCHOR: TITLE}
    places |= {part.anchor: f"{section.title}: {part.title}" for section in sections for part in section.subsections}
    stated = {key for key, text in provenance.model_dump().items() if text is not None}
    answers = {title: [_answer(item, places, stated) for item in items] for title, items in CHECKLIST.items()}
    answered = sum(good for chapter in answers.values() for _, _, good in chapter)
    opening = OPENING.format(answered=answered, items=sum(map(len, answers.values())))
    blocks: list[Block] = [Paragraph(opening)]
    for title, chapter in answers.items():
        frame = pd.DataFrame([(topic, answer) for topic, answer, _ in chapter], columns=COLUMNS)
        blocks.append(Subsection(title, [TableBlock(frame)]))
    return Section(TITLE, ANCHOR, [*blocks, Note(GUIDELINES)])


def _answer(item: Item, places: Mapping[str, str], stated: Container[str]) -> tuple[Markup, Markup, bool]:
    """The item, links to the sections that are there with the remark, and whether it is answered."""
    link = Markup('<a href="#{}">{}</a>')
    links = Markup(", ").join(link.format(anchor, places[anchor]) for anchor in item.answered_by if anchor in places)
    known = bool(links) and (not item.field or item.field in stated)
    answer = links + ("." if known else f": {NOT_STATED}.") if links else Markup(NOT_ANSWERED)
    return with_detail(item.topic, item.guidelines), answer + (f" {item.remark}" if item.remark else ""), known
