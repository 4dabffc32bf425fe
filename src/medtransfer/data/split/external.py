"""Which images of an external set models are scored on: none that they, or a copy of which they, were trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.data.duplicates.search import find_copies
from medtransfer.data.split.audit import NONE, Overlap, overlap
from medtransfer.data.split.pictures import copies, raised
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Duplicates

FEWEST, FEWEST_OF_A_LABEL, SMALLEST_SHARE = 20, 5, 0.1  # of images that remain: below, a set is refused


@dataclass(frozen=True)
class ExternalImages:
    """Those that remain of an external set, and why the others do not."""

    rows: NDArray[np.intp]  # that remain
    groups: NDArray[np.intp]  # of these: patients, and pictures with their copies and look-alikes, as a split has them
    copied: Overlap  # how many are copies of training images, by kind
    joined: int  # images that are a copy of one that is left out, and of no training image themselves


def external_images(
    index: pd.DataFrame, thumbnails: NDArray[np.uint8], kinds: NDArray[np.str_], choice: Duplicates
) -> ExternalImages:
    """Of the N images of a set (index with phash, sha256 and patient; thumbnails N x 128 x 128).

    `kinds` has the kind of copy that each has among the training images: see `shared.shared_kinds`. A picture
    that is left out is left out whole: a copy of a copy may be too unlike the training image to be found.
    """
    search = find_copies(index["phash"].tolist(), thumbnails, choice.hash_distance)
    shared = copies(index, search.pairs, raised(choice, search.background))
    copied = kinds != NONE
    rows = np.flatnonzero(~np.isin(shared.picture, shared.picture[copied]))
    return ExternalImages(rows, shared.group[rows], overlap(kinds), int((~copied).sum()) - len(rows))


def refuse_too_few(name: str, dataset: str, labels: pd.Series, wanted: Sequence[str], images: ExternalImages) -> None:
    """Raise UserError where too little of a set remains; `labels` are of all N images, in the words of `wanted`."""
    remaining = labels.iloc[images.rows].value_counts().reindex(list(wanted), fill_value=0)
    total, left = len(labels), int(remaining.sum())
    if left >= max(FEWEST, SMALLEST_SHARE * total) and remaining.min() >= FEWEST_OF_A_LABEL:
        return
    copied = images.copied
    of_labels = ", ".join(f"{label} {count:,}" for label, count in remaining.items())
    raise UserError(
        f"{name}: {total - left:,} of {total:,} images have a copy among the training images of {dataset} "
        f"({copied.exact:,} exact, {copied.near:,} near, {copied.turned:,} mirrored or turned, {images.joined:,} "
        f"copies of these); {left:,} remain ({of_labels}), and a test takes {FEWEST} or more, "
        f"{FEWEST_OF_A_LABEL} of each label, and {SMALLEST_SHARE:.0%} of the set: name another set in study.external"
    )
