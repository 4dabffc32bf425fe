"""docs/near-twins.md, from what near_twins.py measured. No number in the text is typed by hand,
but for those of EYE, which a person saw.
"""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from _changes import EVERY, HASHES, USED

if TYPE_CHECKING:
    import pandas as pd
    from near_twins import Findings

DISTANCES = (36, 38, 40, 44, 48, 52, 60)  # rows of the tables, beside the rule's and params.yaml's own
SHARES = (14, 22)  # % of a hash's bits, so that hashes of unlike length stand side by side
SMALL = "phash, 64 bits"
EYE = """
Looked at by eye, in sartaj: the 8 pairs at 2 bits are one picture under two labels, the known conflicts. So are the
6 pairs at 38 bits (one picture that was cropped anew). The first pair of really different heads is at 40. The rule
does not use the last two facts, as no script can see them.
"""
PAGE = """# Near twins: how many bits may differ?

<!-- Written by bench/near_twins.py. Do not edit: mend the script. -->

Two images whose perceptual hashes differ in few bits are near twins: the same picture saved anew, or slices of one
head that look nearly the same. This page shows where the two limits in `params.yaml` come from. The images are those
of {sets}. The hash is imagehash's `phash` with 256 bits.

![Recall, precision, false pairs and the largest group, by distance](near-twins.png)

## Two distances, two costs

**`split.twin_distance`, {threshold} bits: what the audit calls near twins.** A false pair is counted as a leak that is
none. The rule: the largest even distance (hashes mostly differ in an even number) at which no two images of different
labels, but for known conflicts, are called twins. {rule}

**`split.group_distance`, {grouped} bits: what is kept on one side of the split.** Here a missed twin is the costly
error, as a test image then has its like in development. A false merge costs nearly nothing: two heads on one side. So
this distance is larger, until chains grow. {growth} {merged} Recall of the changes below: {used_recall} within
{threshold} bits, {grouped_recall} within {grouped}.

## What is found

Every {every}th image was changed, and compared with itself ({pairs:,} pairs of one picture, of the kinds that count).
Recall is the share of pairs within the distance. Cropping takes its share off the width and the height; a shift
leaves black behind. {always}

{changes}

## What is mistaken for a twin

These are the pairs of different labels in one set, {cross_pairs:,} in all. Most show different patients, which is not
proven: a patient can give healthy slices and slices with a tumour{yes_no}. This many differ in no more bits than the
first column says (in brackets: in a million pairs).{conflicting}

{cross}
{eye}
{held_out}

### Where patients are known

Labels cannot show two patients of one label who are mistaken for each other. {patients}

## Why 256 bits, and why this hash

Precision is the share of pairs of one picture among all within a distance: those and the pairs of different labels,
known conflicts left out, of the sets together. It depends on how many pairs were made, so it serves to compare hashes.

{hashes}

The first row of each hash is its rule's distance. Its precision of 100 % is no finding: the distance was chosen on
these very pairs so that none of two labels is within it. What counts is the recall that this leaves. {small}

## How groups grow

Twins of twins are one group. Where the distance is too large, chains tie a whole set together. Each cell: the
groups / the images in the largest / the pairs of two labels that end in one group, by chains too.

{chains}

## What it cannot do

{cannot}
- Slices of one patient that look different are no twins. Only patients' ids can keep those together (`patient` in
  `catalog/datasets.yaml`).

## With images of your own

Other organs, other cameras: measure again. Put the set into `catalog/datasets.yaml`, with `patient` where the paths
name patients, and run `dvc exp run -S dataset=NAME`, then `PYTHONPATH=src .venv/bin/python bench/near_twins.py NAME`.
It writes this page for your set into `tmp/`. The rule says little where a set has few pairs of two labels. Look at
those that come closest (`plots/leakage/NAME/` has some): where they are one picture, the labels are wrong, not the
hash. Then set both distances.
"""


def page(found: Findings, looked_at: bool) -> str:
    """The page as Markdown; `looked_at` adds what a person saw in the three sets."""
    used = found.curves[USED]
    always = (found.changes["recall"] == 1) & found.changes["counted"]
    filled = PAGE.format(
        sets=_listed([f"{name} ({number:,} images)" for name, number in found.images.items()]),
        threshold=found.threshold,
        grouped=found.grouped,
        rule=_rule(found),
        growth=_growth(found),
        merged=_merged(found),
        used_recall=_percent(used.recall[found.threshold]),
        grouped_recall=_percent(used.recall[found.grouped]),
        every=EVERY,
        pairs=found.made,
        always=_always(found.changes[always], found.threshold),
        changes=_table(
            (
                "Change",
                f"Recall, {found.threshold} bits",
                f"{found.grouped} bits",
                "Median, bits",
                "95 % are within, bits",
                "Counts",
            ),
            [
                (
                    *(name, _percent(row["recall"]), _percent(row["grouped"])),
                    *(row["median"], row["far"], "yes" if row["counted"] else "no"),
                )
                for name, row in found.changes[~always].iterrows()
            ],
        ),
        cross_pairs=sum(found.cross_pairs.values()),
        yes_no=f", above all in sets that ask only yes or no ({_listed(found.yes_no)})" if found.yes_no else "",
        conflicting=(
            f" The {found.conflicts:,} known conflicts, within {found.conflict_bits} bits, are counted here."
            if found.conflicts
            else ""
        ),
        cross=_table(
            ("Bits", *found.cross),
            [
                (bits, *(_rated(counts[bits], found.cross_pairs[name]) for name, counts in found.cross.items()))
                for bits in _rows(found)
            ],
        ),
        eye=EYE if looked_at else "",
        held_out=_held_out(found),
        patients=_patients(found),
        hashes=_table(("Hash", "Bits", "Precision", "Recall", "Pairs of two labels"), _hash_rows(found)),
        small=_small(found),
        chains=_table(
            ("Bits", *found.chains),
            [
                (bits, *("{:,} / {:,} / {:,}".format(*sizes.loc[bits]) for sizes in found.chains.values()))
                for bits in (0, *_rows(found))
            ],
        ),
        cannot=_weak(found),
    )
    return "\n\n".join(_wrapped(block) for block in filled.strip().split("\n\n")) + "\n"


def _rule(found: Findings) -> str:
    """What the rule gives, in words, and whether params.yaml has the same."""
    curve, has = found.curves[USED], f"`params.yaml` has {found.threshold}"
    if curve.nearest is None:
        return f"These sets have no such pair, so the rule sets no distance. {has}."
    if curve.rule is None:
        return f"Even images with equal hashes make such a pair, so no distance is safe. {has}."
    agree = "they agree" if curve.rule == found.threshold else "they do not agree"
    gives = f"The closest such pair differs in {curve.nearest} bits, so the rule gives **{curve.rule} bits**."
    return f"{gives} {has}: {agree}."


def _growth(found: Findings) -> str:
    """The largest distance of the tables before a set's largest group doubles, and what grows after it."""
    listed = [bits for bits in _rows(found) if bits >= found.threshold]
    largest = {name: found.chains[name]["largest"] for name in found.images}
    doubled = {
        bits: [name for name, sizes in largest.items() if sizes[bits] >= 2 * sizes[found.threshold]] for bits in listed
    }
    beyond = next((bits for bits in listed if doubled[bits]), None)
    if beyond is None:
        return f"Up to {listed[-1]} bits no set's largest group is twice what it is at {found.threshold}."
    last = listed[listed.index(beyond) - 1]
    grown = _listed(
        [
            f"{name}'s has {largest[name][found.threshold]:,} images at {found.threshold} bits, "
            f"{largest[name][last]:,} at {last} and {largest[name][beyond]:,} at {beyond}"
            for name in doubled[beyond]
        ]
    )
    return (
        f"**{last} bits** is the largest distance in the tables before a set's largest group is twice what it is at "
        f"{found.threshold}: {grown}."
    )


def _merged(found: Findings) -> str:
    """How many pairs of two labels the groups' distance joins."""
    direct = sum(int(counts[found.grouped]) for counts in found.cross.values())
    chained = sum(int(found.chains[name]["mixed"][found.grouped]) for name in found.images)
    return (
        f"Of {sum(found.cross_pairs.values()):,} pairs of two labels, {direct:,} are within {found.grouped} bits "
        f"({found.conflicts:,} of them known conflicts); with twins of twins, {chained:,} end in one group."
    )


def _always(changes: pd.DataFrame, threshold: int) -> str:
    if changes.empty:
        return ""
    far = f"{changes['far'].max()} bits or less in 95 % of pairs"
    return f"Always found within {threshold} bits ({far}): {'; '.join(map(str, changes.index))}. The others:"


def _held_out(found: Findings) -> str:
    """The rule of all sets but one, tried on that one."""
    if not found.held_out:
        return "The rule cannot be tried on a set that it was not made from, as there is one set only."
    rows: list[tuple[object, ...]] = []
    for name, (others, own) in found.held_out.items():
        bits, pairs = others.rule, int(own.false[-1])
        if bits is None:
            rows.append((name, "none", "–", "–"))
        else:
            rows.append((name, bits, _rated(own.false[bits], pairs), _percent(own.recall[bits])))
    failed = [f"without {row[0]}" for row in rows if row[2] not in ("0", "–")]
    verdict = (
        f"It does not hold everywhere: made {_listed(failed)}, it is too large there. A distance is only as good as "
        "the sets that it was measured on"
        if failed
        else "It holds each time"
    )
    table = _table(("Left out", "Rule of the others, bits", "Pairs of two labels there", "Recall there"), rows)
    return (
        "That no such pair is within the rule's distance is so by construction. A fairer test is to make the rule from "
        f"all sets but one and count on that one (known conflicts left out). {verdict}.\n\n{table}"
    )


def _patients(found: Findings) -> str:
    """Pairs of known patients, a table for each set that names some."""
    if not found.patients:
        return "These sets name no patients, so that is not measured."
    parts = []
    for name, kinds in found.patients.items():
        made = " is made by code (all its heads come of one plan, so real ones may differ more); it"
        intro = f"The set {name}{made if name in found.by_code else ''} names its patients."
        if name not in found.images:
            intro += " It has no part in the rule."
        largest, one = found.chains[name]["largest"], max(1, kinds["One patient"][-1])
        one_label, two_labels = (
            1e6 * kinds[kind][found.grouped] / max(1, kinds[kind][-1])
            for kind in ("Two patients, one label", "Two patients, two labels")
        )
        table = _table(
            ("Bits", *(f"{kind} ({counts[-1]:,} pairs)" for kind, counts in kinds.items())),
            [
                (
                    *(bits, f"{kinds['One patient'][bits]:,} ({_percent(kinds['One patient'][bits] / one)})"),
                    *(_rated(counts[bits], counts[-1]) for kind, counts in kinds.items() if kind != "One patient"),
                )
                for bits in _rows(found)
            ],
        )
        parts.append(
            f"{intro} Within {found.grouped} bits are {one_label:,.0f} in a million pairs of"
            f" two patients with one label, and {two_labels:,.0f} with two labels; within {found.threshold} "
            f"bits, {kinds['Two patients, one label'][found.threshold]:,} and "
            f"{kinds['Two patients, two labels'][found.threshold]:,} pairs. Its largest group has "
            f"{largest[found.threshold]:,} images at {found.threshold} bits and {largest[found.grouped]:,} at "
            f"{found.grouped}.\n\n{table}"
        )
    return "\n\n".join(parts)


def _small(found: Findings) -> str:
    """What 64 bits cost."""
    small, used = found.curves[SMALL], found.curves[USED]
    if used.rule is None or small.nearest is None:
        return ""
    why = "With 64 bits, dark heads of one outline, seen from the same side, get nearly the same hash:"
    if small.rule is None:
        return f"{why} even equal hashes have two labels, so no distance is safe."
    recall = f"{_percent(small.recall[small.rule])}, against {_percent(used.recall[used.rule])}"
    return f"{why} the rule gives {small.rule} bits, with a recall of {recall} for the hash that is used."


def _hash_rows(found: Findings) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for name in HASHES:
        curve, longest = found.curves[name], int(name.split()[1])
        for bits in dict.fromkeys([curve.rule, *(2 * round(longest * share / 200) for share in SHARES)]):
            if bits is None:
                rows.append((name, "none", "–", "–", "–"))
                continue
            precision = 100 * curve.precision[bits]
            rows.append((name, bits, f"{precision:.2f} %", _percent(curve.recall[bits]), f"{curve.false[bits]:,}"))
    return rows


def _weak(found: Findings) -> str:
    """The changes that the groups' distance finds less than half of, and those it finds most of but not all."""
    recalls = found.changes["grouped"]
    missed, partly = (recalls[recalls < 0.5], recalls[(recalls >= 0.5) & (recalls < 0.99)])
    lines = []
    for words, some in (("Less than half found", missed), ("Found for the most part", partly)):
        listed = ", ".join(f"{name} ({_percent(value)})" for name, value in some.items()) or "none of the above"
        lines.append(fill(f"- {words}, within {found.grouped} bits: {listed}.", 118, subsequent_indent="  "))
    return "\n".join(lines)


def _wrapped(block: str) -> str:
    """A paragraph in lines of one length; tables, lists and headings as they are."""
    if block.lstrip().startswith(("|", "#", "- ", "!", "<")):
        return block.strip()
    return fill(" ".join(block.split()), 118, break_long_words=False, break_on_hyphens=False)


def _rated(count: int, pairs: int) -> str:
    rate = 1e6 * count / max(1, pairs)
    return f"{count:,} ({rate:,.{0 if rate >= 100 else 2}f})" if count else "0"


def _rows(found: Findings) -> list[int]:
    rule = found.curves[USED].rule
    own = {found.threshold, found.grouped} | ({rule} if rule is not None and rule <= max(DISTANCES) else set())
    return sorted({*DISTANCES} | own)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [head, ("---", *["--:"] * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
