"""docs/transfer.md: what the recorded studies of transfer found, in tables, figures and sentences by rule.

Not a DVC stage: `make transfer` records the active study first, `make readme` writes the page from what is recorded.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from medtransfer import store
from medtransfer.plotting import png
from medtransfer.report import markdown, transfer_sentences, transfer_tables
from medtransfer.report.curves import accuracy_by_architecture
from medtransfer.report.transfer_results import TransferResult, by_architecture
from medtransfer.settings.command import run
from medtransfer.settings.params import Params

PAGE = Path("docs/transfer.md")
PREFIX = "transfer-"
ALL_STUDIES = "transfer"  # the block of all studies
COPIES = (
    "Copies are left out. Their numbers are of images with the same pixels, of copies in the same orientation, and of "
    "copies that are mirrored or turned."
)


def main(_: Params) -> None:
    """Write the page from what is recorded, whatever study is active."""
    write_page()


def write_page() -> None:
    """The blocks of the page, and a figure for each study beside it, from everything recorded."""
    results = store.transfer_results(PREFIX, TransferResult)
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    for name, result in results.items():
        if result.curves.fractions:
            (PAGE.parent / f"{name}.png").write_bytes(figure(result))


def page(text: str, results: Mapping[str, TransferResult]) -> str:
    """The page with every block from the results; raises UserError where a study has no block."""
    text = markdown.replaced(text, ALL_STUDIES, in_all(list(results.values())))
    for name in dict.fromkeys([*re.findall(rf"<!-- results: ({PREFIX}\S+) -->", text), *results]):
        text = markdown.replaced(text, name, block(results[name]) if name in results else not_recorded(name))
    return text


def not_recorded(name: str) -> str:
    """In place of a study's results."""
    return f"Nothing is recorded of this study yet: `make study STUDY={name} && make transfer`.\n"


def in_all(results: Sequence[TransferResult]) -> str:
    """What all studies found."""
    if not results:
        return "No study is recorded yet.\n"
    table = markdown.table(transfer_tables.counts(results))
    return f"{table}\n{_items(transfer_sentences.in_short(results))}"


def block(result: TransferResult) -> str:
    """One study."""
    parts = [transfer_sentences.images(result) + "\n"]
    if result.sources:
        parts += ["### Sources of weights", markdown.table(transfer_tables.sources(result)), COPIES]
    parts += ["### All training images", markdown.table(transfer_tables.models(result))]
    parts += [transfer_sentences.highest(result) + "\n"]
    if result.pairs:
        parts += [markdown.table(transfer_tables.pairs(result)), _items(transfer_sentences.of_pairs(result))]
    parts += _curves(result)
    for outside in result.external:
        parts += [f"### Outside: {outside.external}", markdown.table(transfer_tables.external(outside))]
        parts += [_items(transfer_sentences.elsewhere(outside))]
    recipes = {each.name: each.recipe for each in result.sources} | {
        name: model.recipe for name, model in result.models.items()
    }
    parts += ["### Recipes", _items(f"`{name}`: {words}" for name, words in recipes.items())]
    software = ", ".join(f"{name} {version}" for name, version in result.software.items())
    return "\n".join([*(f"{part.rstrip()}\n" for part in parts), f"Software: {software}.\n" if software else ""])


def _curves(result: TransferResult) -> list[str]:
    if not result.curves.fractions:
        return []
    parts = ["### Fewer training images", f"![{alternative_text(result)}]({result.study}.png)"]
    parts += ["Test accuracy:", markdown.table(transfer_tables.curves(result))]
    if result.curves.pairs:
        parts += ["Difference in points:", markdown.table(transfer_tables.differences(result))]
        parts += ["Images saved:", markdown.table(transfer_tables.images_saved(result))]
        parts += [_items(transfer_sentences.with_few_images(result))]
    return parts


def figure(result: TransferResult) -> bytes:
    """Accuracy against the number of training images, a panel for each architecture; equal results, equal bytes."""
    return png(accuracy_by_architecture(result.curves, by_architecture(result.models)))


def alternative_text(result: TransferResult) -> str:
    """The figure in words."""
    images = ", ".join(f"{each.images:,}" for each in result.curves.fractions)
    of_models = "; ".join(
        f"{name}: {', '.join(f'{point.accuracy:.3f}' for point in points)}"
        for name, points in result.curves.models.items()
    )
    return (
        f"Test accuracy on {result.dataset} against the number of training images ({images}; log scale), with 95 % "
        f"intervals as bands, a panel for each architecture. {of_models}."
    )


def _items(sentences: Iterable[str]) -> str:
    return "".join(f"- {sentence}\n" for sentence in sentences)


if __name__ == "__main__":
    run(main)
