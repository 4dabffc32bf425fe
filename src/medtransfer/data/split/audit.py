"""The leakage audit: how many test images show the same as a development image, in any orientation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.data.split.pictures import Copies
from medtransfer.store.orientations import INVERSE, UPRIGHT
from medtransfer.store.partitions import DEVELOPMENT, TEST

EXACT, NEAR, TURNED, NONE = "exact", "near", "turned", ""


@dataclass(frozen=True)
class Leakage:
    """Test images of one split, by their copies in development; each image counts once, under the first kind it has."""

    test: int
    exact: int  # an image with the same grey pixels
    near: int  # a copy in the same orientation
    turned: int  # a copy, mirrored or turned
    patient: int | None  # another slice of their patient; None where the set names no patients
    patient_alone: int  # of these, those without any copy
    exact_groups: int  # groups of identical images with a part on either side
    pictures: int  # of the test images, copies counted once
    torn_pictures: int  # of these, those that development has too


@dataclass(frozen=True)
class Overlap:
    """Images of one data set, by what they have in another."""

    images: int
    exact: int
    near: int
    turned: int


def kinds_of_copy(chosen: NDArray[np.bool_], others: NDArray[np.bool_], shared: Copies) -> NDArray[np.str_]:
    """For every chosen image `exact`, `near` or `turned`, where one of the others is such a copy; else nothing."""
    posed = shared.picture * 8 + shared.turn
    exact = chosen & np.isin(shared.pixels, shared.pixels[others])
    near = chosen & np.isin(posed, posed[others])
    turned = chosen & np.isin(shared.picture, shared.picture[others])
    return np.select([exact, near, turned], [EXACT, NEAR, TURNED], NONE)


def copies_in_development(partition: NDArray, shared: Copies) -> NDArray[np.str_]:
    """The kind of copy that every test image has in development; nothing for all other images."""
    return kinds_of_copy(partition == TEST, partition == DEVELOPMENT, shared)


def audit(partition: NDArray, shared: Copies) -> Leakage:
    """Count a split's test images that have a copy, or their patient, in development."""
    in_test, in_development = partition == TEST, partition == DEVELOPMENT
    kinds = copies_in_development(partition, shared)
    named = shared.patient >= 0
    patient = np.isin(shared.patient, shared.patient[in_development & named]) & in_test & named
    pictures = np.unique(shared.picture[in_test])
    return Leakage(
        test=int(in_test.sum()),
        exact=int((kinds == EXACT).sum()),
        near=int((kinds == NEAR).sum()),
        turned=int((kinds == TURNED).sum()),
        patient=int(patient.sum()) if named.any() else None,
        patient_alone=int((patient & (kinds == NONE)).sum()),
        exact_groups=len(np.intersect1d(shared.pixels[in_test], shared.pixels[in_development])),
        pictures=len(pictures),
        torn_pictures=len(np.intersect1d(pictures, shared.picture[in_development])),
    )


def torn(partition: NDArray, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of `find_copies` that a split tears apart, the test image first."""
    first, second = (pairs[side].to_numpy(np.intp) for side in ("first", "second"))
    forward = (partition[first] == TEST) & (partition[second] == DEVELOPMENT)
    back = (partition[first] == DEVELOPMENT) & (partition[second] == TEST)
    swapped = pairs[back].rename(columns={"first": "second", "second": "first"})
    swapped = swapped.assign(
        orientation=INVERSE[swapped["orientation"]], zoom=1 / swapped["zoom"], stretch=1 / swapped["stretch"]
    )
    return pd.concat([pairs[forward], swapped], ignore_index=True)


def worst_copies(pairs: pd.DataFrame, labels: NDArray, shared: Copies) -> pd.DataFrame:
    """Those of the pairs that are copies, one for each picture and kind, with columns kind and same_label.

    Two labels on one picture are worse than one; after that, the more alike the worse.
    """
    first, second = (pairs[side].to_numpy(np.intp) for side in ("first", "second"))
    exact, upright = shared.pixels[first] == shared.pixels[second], pairs["orientation"] == UPRIGHT
    rows = pairs.assign(
        kind=np.select([exact, upright], [EXACT, NEAR], TURNED),
        same_label=labels[first] == labels[second],
        picture=np.where(shared.picture[first] == shared.picture[second], shared.picture[first], -1),
        closeness=np.where(pairs["bits"] >= 0, 2 - pairs["bits"] / 256, pairs["similarity"]),
    )
    rows = rows[rows["picture"] >= 0]
    rows = rows.sort_values(["same_label", "closeness", "first", "second"], ascending=[True, False, True, True])
    return rows.drop_duplicates(["picture", "kind"]).reset_index(drop=True)


def closest_apart(pairs: pd.DataFrame, labels: NDArray, shared: Copies) -> pd.DataFrame:
    """The pairs of two groups, the most alike first, one for each two groups; columns as of `worst_copies`."""
    first, second = (pairs[side].to_numpy(np.intp) for side in ("first", "second"))
    sides = np.sort(np.stack([shared.group[first], shared.group[second]]), axis=0)
    rows = pairs.assign(kind=NONE, same_label=labels[first] == labels[second], one=sides[0], other=sides[1])
    rows = rows[rows["one"] != rows["other"]].sort_values(
        ["similarity", "first", "second"], ascending=[False, True, True]
    )
    return rows.drop_duplicates(["one", "other"]).reset_index(drop=True)


def overlap(kinds: NDArray[np.str_]) -> Overlap:
    """Count the images of a data set by the kind of copy that they have in another."""
    return Overlap(len(kinds), *(int((kinds == kind).sum()) for kind in (EXACT, NEAR, TURNED)))
