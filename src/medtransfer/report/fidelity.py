"""docs/fidelity.md, written from catalog/fidelity.yaml. Not a DVC stage: `make readme`."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import pandas as pd

from medtransfer.report import markdown
from medtransfer.settings.errors import UserError
from medtransfer.settings.fidelity import CATALOGUE, FIDELITY, Audit, Detail, Subject, load_fidelity, untrue
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.study import STUDIES

PAGE = Path("docs/fidelity.md")
MOST_NAMES = 3  # of entries that a cell lists
OF_MODELS = {"preprocessing", "augmentation", "architecture", "head", "initialisation", "training"}  # subjects
NOT_STATED, BY_CODE, FROM_CODE = "different (not stated)", "same (by the code)", "different (from the code)"
HEAD = """# The papers, detail by detail

Each of the five papers is held here against what this project does. The text of the paper counts: words, formulas,
tables and figures, and the code that it prints. The authors' published code is known of two papers. What it has stands
in brackets where it says more than the text, or something else. Where the two differ, the text wins: the verdict
compares ours with the text.

| verdict | meaning |
| --- | --- |
| same | ours is as the text says, whatever the code has |
| different | ours is not as the text says, or the paper contradicts itself; the row says why |
| same (by the code) | the text is silent, and ours follows the authors' code |
| different (from the code) | the text is silent, and ours does not follow the authors' code; the row says why |
| different (not stated) | neither the text nor a known code says it, so ours is a choice; the row says why this one |

What a paper only wishes for is the same where one of its studies here does it. Otherwise it is different, also where
this project could do it. Where a row names a key of a recipe, a data set or a study, a test compares the value with the
catalogue.

`make readme` writes this page from `catalog/fidelity.yaml`.

"""


def page(audits: Mapping[str, Audit], titles: Mapping[str, str]) -> str:
    """The page: counts of each paper, then its table; `titles` are the papers', by study."""
    counts = pd.DataFrame([{"paper": study} | _counts(audit) for study, audit in audits.items()])
    total = {"paper": "all"} | {column: counts[column].sum() for column in counts.columns[1:]}
    sections = [
        f"## {study}: {titles[study]}\n\n{_code(audits[study])}{markdown.table(_rows(audits[study]))}"
        for study in audits
    ]
    table = markdown.table(pd.concat([counts, pd.DataFrame([total])], ignore_index=True))
    return HEAD + "\n".join([table, *sections])


def differences(audit: Audit) -> pd.DataFrame:
    """What a paper does otherwise, or does not say: a row a detail, with the reason."""
    return _table([detail for detail in audit.details if detail.verdict == "different"])


def differences_of_model(model: str, audit: Audit) -> pd.DataFrame:
    """The same of one model of the paper: rows that name its recipe, and rows on models that name no entry."""
    different = (detail for detail in audit.details if detail.verdict == "different")
    return _table(
        [each for each in different if model in each.recipe or (each.subject in OF_MODELS and not each.entries)]
    )


def _table(rows: Sequence[Detail]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "the paper": [_paper(row) if row.stated else f"not stated: {_paper(row)}" for row in rows],
            "ours": [row.ours for row in rows],
            "why": [row.why for row in rows],
        }
    )


def main(root: Path = Path()) -> None:
    """Write the page; UserError where a row is not true."""
    audits = load_fidelity(root)
    if wrong := untrue(audits, root):
        raise UserError(f"{FIDELITY}: {len(wrong)} rows are not true (correct the row, or what it names): {wrong[0]}")
    titles = {study: paper.title for study, paper in load_reported(root).items()}
    (root / PAGE).write_text(page(audits, titles), encoding="utf-8")


def _code(audit: Audit) -> str:
    return f"The authors' code: {audit.code}.\n\n" if audit.code else ""


def _counts(audit: Audit) -> dict[str, int]:
    verdicts = [_verdict(detail) for detail in audit.details]
    return {
        "details": len(verdicts),
        "same": sum(detail.verdict == "same" for detail in audit.details),
        "different": sum(detail.verdict == "different" for detail in audit.details),
        "of these not stated": verdicts.count(NOT_STATED),
        "of these different from the code": verdicts.count(FROM_CODE),
        "values that a test compares": sum(len(detail.entries) for detail in audit.details),
    }


def _verdict(detail: Detail) -> str:
    if detail.stated:
        return detail.verdict
    if detail.verdict == "same":
        return BY_CODE
    return FROM_CODE if detail.code else NOT_STATED


def _paper(detail: Detail) -> str:
    return detail.paper + (f" (the code: {detail.code})" if detail.code else "")


def _rows(audit: Audit) -> pd.DataFrame:
    """A row a detail, in the order of subjects; those of one subject stay in the catalogue's order."""
    order = get_args(Subject)
    rows = [
        {
            "subject": detail.subject,
            "the paper": _paper(detail),
            "ours": detail.ours,
            "verdict": _verdict(detail),
            "why": detail.why or "–",
            "where": _where(detail),
        }
        for detail in sorted(audit.details, key=lambda detail: order.index(detail.subject))
    ]
    return pd.DataFrame(rows)


def _where(detail: Detail) -> str:
    """The key and its value, with the entries that have it; and the file."""
    places = []
    if detail.entries:
        names = [name for _, name in detail.entries]
        more = f" and {len(names) - 1} more" if len(names) > MOST_NAMES else ""
        shown = [_entry(*entry) for entry in detail.entries[: 1 if more else MOST_NAMES]]
        places.append(f"`{detail.key}: {_yaml(detail.value)}` in {', '.join(shown)}{more}")
    if detail.file and f"(../{detail.file})" not in "".join(places):
        places.append(f"[{Path(detail.file).name}](../{detail.file})")
    return "; ".join(places)


def _entry(kind: str, name: str) -> str:
    file = STUDIES / f"{name}.yaml" if kind == "study" else CATALOGUE[kind][1]
    return f"[{name}](../{file})"


def _yaml(value: object) -> str:
    """As the catalogue writes it, in one line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_yaml(part)}' for key, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"\nerror: {error}\n")
