"""The tables of docs/near-duplicates.md."""

import pandas as pd

from bench.near_duplicates.recall import Recall
from bench.near_duplicates.thresholds import COPY, GROUP, HASH, THUMBNAIL, Joined
from medtransfer.settings.params import Duplicates

BLOCKS = ("recall", "mistaken changes", "hash distance", "background", "labels", "patients")
MET, TOGETHER_ONLY, MISSED = "met", "kept together only", "missed"


def tables(recall: Recall, joined: list[Joined], choice: Duplicates) -> dict[str, pd.DataFrame]:
    """By block of the page; those of labels and patients only where a set has them."""
    filled = {
        "recall": recall_table(recall.by_change),
        "mistaken changes": mistaken_table(recall),
        "hash distance": distance_table(recall.by_distance),
        "background": background_table(joined),
    }
    for block, kind in (("labels", "label"), ("patients", "patient")):
        if known := [one for one in joined if one.kind == kind]:
            filled[block] = joined_table(known, choice)
    return filled


def recall_table(shares: pd.DataFrame) -> pd.DataFrame:
    """A row a change: percent found, upright / in another orientation."""
    rows = []
    for name, row in shares.iterrows():
        cells = {
            title: " / ".join(_percent(row[kind, turned]) for turned in (False, True))
            for title, kind in (("Hash", "hash"), ("Copy", "copy"), ("Kept together", "together"))
        }
        goal = row["goal", ""]
        verdict = {} if pd.isna(goal) else {"Goal": f"{goal:.0%}", "": _verdict(row, goal)}
        rows.append({"Change": name, "Images": f"{int(row['images', ''])}"} | cells | verdict)
    return pd.DataFrame(rows).fillna("–")


def mistaken_table(recall: Recall) -> pd.DataFrame:
    """Changed images in all, and what became of them."""
    poses = pd.DataFrame(recall.by_change["hash"]).notna().sum(axis=1)
    tried = int((poses * recall.by_change["images"]).sum())
    return pd.DataFrame(
        {
            "Changed images": [f"{tried:,}"],
            "Not found by hash, and searched by registration": [f"{recall.registered:,}"],
            "Called a copy of another group's picture": [f"{int(recall.mistaken.sum()):,}"],
        }
    )


def distance_table(shares: pd.DataFrame) -> pd.DataFrame:
    """What the hash alone finds at each distance."""
    titles = {
        "orientation": "Orientation alone",
        "saved": "JPEG, any orientation",
        "goal": "All changes with a goal of 99 %",
        "all": "All changes",
    }
    text = shares.rename(columns=titles).map(_percent)
    return text.rename_axis("Bits").reset_index()


def background_table(joined: list[Joined]) -> pd.DataFrame:
    """The median similarity of a set's candidates, and the thresholds that follow."""
    return pd.DataFrame(
        {
            "Set": known.name,
            "Images": f"{known.images:,}",
            "Background": f"{known.background:.2f}",
            COPY: f"{known.used.copy_similarity:.2f}",
            GROUP: f"{known.used.group_similarity:.2f}",
        }
        for known in joined
    )


def joined_table(joined: list[Joined], choice: Duplicates) -> pd.DataFrame:
    """A row a rule and threshold: pairs joined, directly and by chains, parts, images in the largest part."""
    rows = [{"Rule": "all pairs", "Threshold": "–"} | {known.name: f"{known.pairs:,}" for known in joined}]
    thresholds = list(dict.fromkeys(key for known in joined for key in known.joined.index))
    for rule in (HASH, COPY, GROUP, THUMBNAIL):
        for threshold in sorted(value for name, value in thresholds if name == rule):
            cells = {known.name: _cell(known, rule, threshold) for known in joined}
            chosen = " (chosen)" if threshold == getattr(choice, rule) else ""
            rows.append({"Rule": rule, "Threshold": f"{round(threshold, 2):g}{chosen}"} | cells)
    return pd.DataFrame(rows)


def _cell(known: Joined, rule: str, threshold: float) -> str:
    if (rule, threshold) not in known.joined.index:
        return "–"
    row = known.joined.loc[[(rule, threshold)]].iloc[0]
    return f"{row['direct']:,} / {row['chained']:,} / {row['parts']:,} / {row['largest']:,}"


def _verdict(row: pd.Series, goal: float) -> str:
    for kind, verdict in (("copy", MET), ("together", TOGETHER_ONLY)):
        if row[kind].min() >= goal:
            return verdict
    return MISSED


def _percent(share: float) -> str:
    return "–" if pd.isna(share) else f"{100 * share:.1f} %"
