"""docs/near-twins.md, from what near_twins.py measured. No number in the text is typed by hand,
but for those of EYE, which a person saw.
"""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from _changes import EVERY, HASHES, USED

if TYPE_CHECKING:
    from near_twins import Findings

DISTANCES = (2, 20, 36, 38, 40, 44, 52, 60)  # rows of the tables, beside the rule's and params.yaml's own
SHARES = (9, 14, 22)  # % of a hash's bits, so that hashes of unlike length stand side by side
EYE = """
Looked at by eye, in sartaj: the 8 pairs at 2 bits are one picture under two labels, the known conflicts. So are the
6 pairs at 38 bits (one picture that was cropped anew). The first pair of really different heads is at 40. The rule
does not use the last two facts, as no script can see them: it stays on the safe side.
"""
PAGE = """# Near twins: how many bits may differ?

<!-- Written by bench/near_twins.py. Do not edit: mend the script. -->

Two images whose perceptual hashes differ in few bits are one picture, saved twice. The split must keep them
together (`split.twin_distance` in `params.yaml`). This page shows where the limit comes from. The images are those of
{sets}. The hash is imagehash's `phash` with 256 bits.

**The rule**: the largest distance at which no two images of different labels, but for known conflicts, are called
twins. The closest such pair differs in {nearest} bits; hashes mostly differ in an even number; so the rule gives
**{rule} bits**. `params.yaml` has {threshold}: {verdict}.

![Recall, precision, false pairs and the largest group, by distance](near-twins.png)

## What is found

Every {every}th image was changed, and compared with itself ({pairs:,} pairs of one picture, of the kinds that count).
Recall is the share of pairs within {threshold} bits.

{changes}

Cropping takes its share off the width and the height; a shift leaves black behind. All kinds that count, together:
recall {recall}.

## What is mistaken for a twin

A label belongs to a patient, so two images of one set with different labels show different patients: {cross_pairs:,}
pairs. This many differ in no more bits than the first column says (in brackets: in a million pairs). The
{conflicts} within {conflict_bits} bits are counted here.

{cross}
{eye}
Two patients with the same label can be mistaken for each other too. These sets name no patients, so that is not
measured.

## Why 256 bits, and why this hash

Recall is as above, over all kinds that count. Precision is the share of pairs of one picture among all that are found:
the made pairs within the distance, against the pairs of different labels within it, of the sets together, each pair
counted as it occurs, without the {conflicts} known conflicts. It depends on how many pairs were made, so it serves to
compare hashes, and is not what a user will see.

{hashes}

The first row of each hash has the largest even distance without a pair of two labels. With 64 bits, dark heads of one
outline, seen from the same side, get nearly the same hash: the largest safe distance is {small} bits, with a
recall of {small_recall}, against {used_recall} for the hash that is used.

## How groups grow

Twins of twins are one group. Where the distance is too large, chains tie a whole set together. The number of groups,
and the images in the largest:

{chains}

## What it cannot do

{cannot}
- Slices of one patient that look different are no twins. Only patients' ids can keep those together (`patient` in
  `catalog/datasets.yaml`).

## With images of your own

Other organs, other cameras: measure again. Put the set into `catalog/datasets.yaml`, with labels that belong to
patients, and run `dvc exp run -S dataset=NAME`, then `PYTHONPATH=src .venv/bin/python bench/near_twins.py NAME`. It
writes this page for your set into `tmp/`. The rule says little where a set has few pairs of two labels. Look at
those that come closest (`plots/leakage/NAME/` has some): where they are one picture, the labels are wrong, not the
hash. Then set `split.twin_distance`.
"""


def page(found: Findings, looked_at: bool) -> str:
    """The page as Markdown; `looked_at` adds what a person saw in the three sets."""
    limit = found.threshold
    small, used = (_rule(found.curves[hash].false) for hash in ("phash, 64 bits", USED))
    return PAGE.format(
        sets=_listed([f"{name} ({number:,} images)" for name, number in found.images.items()]),
        nearest=found.nearest,
        rule=found.rule,
        threshold=limit,
        verdict="they agree" if found.rule == limit else "they do not agree",
        every=EVERY,
        pairs=found.made,
        changes=_table(
            ("Change", "Recall", "Median, bits", "95 % are within, bits", "Counts"),
            [
                (name, _percent(row["recall"]), row["median"], row["far"], "yes" if row["counted"] else "no")
                for name, row in found.changes.iterrows()
            ],
        ),
        recall=_percent(found.curves[USED].recall[limit]),
        cross_pairs=sum(found.cross_pairs.values()),
        conflicts=found.conflicts,
        conflict_bits=found.conflict_bits,
        cross=_table(
            ("Bits", *found.cross),
            [(bits, *(_rated(found, name, bits) for name in found.cross)) for bits in _rows(found)],
        ),
        eye=EYE if looked_at else "",
        hashes=_table(("Hash", "Bits", "Precision", "Recall", "Pairs of two labels"), _hash_rows(found)),
        small=small,
        small_recall=_percent(found.curves["phash, 64 bits"].recall[small]),
        used_recall=_percent(found.curves[USED].recall[used]),
        chains=_table(
            ("Bits", *found.chains),
            [
                (bits, *("{:,}, largest {:,}".format(*chain.loc[bits]) for chain in found.chains.values()))
                for bits in (0, *_rows(found)[1:])
            ],
        ),
        cannot=_weak(found),
    )


def _hash_rows(found: Findings) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for name in HASHES:
        curve, longest = found.curves[name], int(name.split()[1])
        for bits in dict.fromkeys([_rule(curve.false), *(2 * round(longest * share / 200) for share in SHARES)]):
            precision = 100 * curve.precision[bits]
            rows.append((name, bits, f"{precision:.2f} %", _percent(curve.recall[bits]), f"{curve.false[bits]:,}"))
    return rows


def _rule(false: np.ndarray) -> int:
    """The largest even distance without a false pair; 0 where even equal hashes have one."""
    return max(0, (int(np.argmax(false > 0)) - 1) // 2 * 2)


def _weak(found: Findings) -> str:
    """The changes that the threshold finds less than half of, and those it finds most of but not all."""
    recalls = found.changes["recall"]
    missed, partly = (recalls[recalls < 0.5], recalls[(recalls >= 0.5) & (recalls < 0.99)])
    lines = []
    for words, some in (("Not to be relied on (recall)", missed), ("Mostly found, not always", partly)):
        listed = ", ".join(f"{name} ({_percent(value)})" for name, value in some.items()) or "none of the above"
        lines.append(fill(f"- {words}: {listed}.", 118, subsequent_indent="  "))
    return "\n".join(lines)


def _rated(found: Findings, name: str, bits: int) -> str:
    count = int(found.cross[name][bits])
    return f"{count:,} ({1e6 * count / found.cross_pairs[name]:.2f})" if count else "0"


def _rows(found: Findings) -> list[int]:
    return sorted({*DISTANCES, found.threshold, *([found.rule] if found.rule <= max(DISTANCES) else [])})


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [head, ("---", *["--:"] * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
