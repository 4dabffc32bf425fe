"""What a page is made of: sections, each a title and a list of blocks. One template renders them all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from markupsafe import Markup

LONGEST = 40  # characters of a table's cell on one line


def with_detail(text: str, detail: str) -> Markup:
    """What heads a row of a table, and a detail in small type below it; both are escaped."""
    return Markup("{}<small>{}</small>").format(text, detail)


def _letters(cell: object) -> int:
    """As they are read, without tags."""
    return len(cell.striptags() if isinstance(cell, Markup) else str(cell))


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text."""

    text: str
    kind: ClassVar = "paragraph"


@dataclass(frozen=True)
class Note:
    """A paragraph in smaller type: how to read what stands above."""

    text: str
    kind: ClassVar = "note"


@dataclass(frozen=True)
class Notice:
    """A warning that must not be missed."""

    text: str
    kind: ClassVar = "notice"


@dataclass(frozen=True)
class TableBlock:
    """A data frame of text and numbers, its caption below; the first column heads the rows."""

    frame: pd.DataFrame
    caption: str = ""
    kind: ClassVar = "table"

    @property
    def columns(self) -> list[tuple[object, bool]]:
        """Each title, and whether its column holds text to be wrapped, rather than numbers."""
        return [(name, any(_letters(cell) > LONGEST for cell in column)) for name, column in self.frame.items()]

    @property
    def rows(self) -> Iterator[list[tuple[object, bool]]]:
        """Row by row, each cell and whether its column holds text to be wrapped."""
        wraps = [wrapped for _, wrapped in self.columns]
        for row in self.frame.itertuples(index=False, name=None):
            yield list(zip(row, wraps, strict=True))


@dataclass(frozen=True)
class Picture:
    """A PNG, the text for those who cannot see it, and its caption."""

    content: bytes
    alternative_text: str
    caption: str
    kind: ClassVar = "picture"


@dataclass(frozen=True)
class Row:
    """Pictures side by side, where the window is wide enough."""

    pictures: Sequence[Picture]
    kind: ClassVar = "row"


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    sentences: Sequence[str]
    kind: ClassVar = "items"


@dataclass(frozen=True)
class Facts:
    """Names and what is known of each."""

    facts: Mapping[str, str]
    kind: ClassVar = "facts"


@dataclass(frozen=True)
class Embedded:
    """Another page of the same folder, shown in this one; where it is missing, a sentence in its place."""

    address: str
    title: str
    height: int  # pixels
    fallback: str
    kind: ClassVar = "embedded"


@dataclass(frozen=True)
class Subsection:
    """A part of a section; one with an anchor is in the table of contents too."""

    title: str
    blocks: Sequence["Block"]
    anchor: str = ""
    kind: ClassVar = "subsection"


@dataclass(frozen=True)
class Details:
    """What few readers need: folded away below its title until one opens it."""

    title: str
    blocks: Sequence["Block"]
    kind: ClassVar = "details"


Block = Paragraph | Note | Notice | TableBlock | Picture | Row | Items | Facts | Embedded | Subsection | Details


@dataclass(frozen=True)
class Section:
    """A part of the page, in the table of contents."""

    title: str
    anchor: str  # unique in the page, without spaces
    blocks: Sequence[Block]

    @property
    def subsections(self) -> list[Subsection]:
        """Those that are in the table of contents."""
        return [block for block in self.blocks if isinstance(block, Subsection) and block.anchor]
