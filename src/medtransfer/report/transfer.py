"""Whether transfer helps, in a sentence of the verdict: each pretrained model against the one from random weights."""

from collections.abc import Sequence

from medtransfer.comparison.by_architecture import ByArchitecture, PairedModels
from medtransfer.comparison.sentences import listed
from medtransfer.comparison.significance import told_apart

LISTED = 4  # pairs that the sentence names; the page has all


def transfer(contrasts: Sequence[ByArchitecture], images: int, groups: int) -> str | None:
    """The differences that are certain, and those that are not; None where no pair is known."""
    pairs = [pair for contrast in contrasts if contrast.contrast == "pretrained" for pair in contrast.pairs]
    if not pairs:
        return None
    kinds: dict[str, list[str]] = {"better": [], "worse": [], "not told apart": []}
    for pair in pairs[:LISTED]:
        kinds[_kind(pair)].append(_named(pair))
    parts = [f"{kind}: {listed(names)}" for kind, names in kinds.items() if names]
    more = f" The page has {len(pairs) - LISTED} more." if len(pairs) > LISTED else ""
    return (
        f"Transfer, pretrained against random weights on {images} held-out images of {groups} groups: "
        f"{'; '.join(parts)}.{more} Differences in accuracy are in points, with 95 % intervals."
    )


def _kind(pair: PairedModels) -> str:
    difference = pair.accuracy.difference
    if not told_apart(difference.low, difference.high, pair.holm_p):
        return "not told apart"
    return "better" if difference.value > 0 else "worse"


def _named(pair: PairedModels) -> str:
    value, low, high = (100 * end + 0.0 for end in (
        pair.accuracy.difference.value, pair.accuracy.difference.low, pair.accuracy.difference.high
    ))  # fmt: skip
    return f"{pair.models.a} against {pair.models.b} ({value:+.1f}, {low:.1f} to {high:.1f})"
