"""The leakage audit: how many test images show what a development image shows too."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.data.duplicates import Likeness
from medtransfer.data.hamming import close_pairs, parse
from medtransfer.data.partitions import DEVELOPMENT, TEST

EXACT, NEAR, NONE = "exact", "near", ""


@dataclass(frozen=True)
class Leakage:
    """Test images of one split, by what they have in development."""

    test: int
    exact: int  # an image with the same grey pixels
    near: int  # no such, but a near twin by perceptual hash
    patient: int | None  # another slice of their patient; None where the set names no patients
    patient_alone: int  # of these, those without an exact or near twin
    exact_groups: int  # groups of identical images with a part on either side


@dataclass(frozen=True)
class Overlap:
    """Images of one data set, by what they have in another."""

    images: int
    exact: int
    near: int


def twins(partition: NDArray, alike: Likeness) -> NDArray[np.str_]:
    """For every image `exact` or `near`, where it is a test image with such a twin in development; else nothing."""
    in_test, in_development = partition == TEST, partition == DEVELOPMENT
    exact = in_test & np.isin(alike.pixels, alike.pixels[in_development])
    near = in_test & ~exact & np.isin(alike.hash, _near_hashes(alike, in_development))
    return np.select([exact, near], [EXACT, NEAR], NONE)


def audit(partition: NDArray, alike: Likeness) -> Leakage:
    """Count a split's test images that have a twin, or their patient, in development."""
    in_test, in_development = partition == TEST, partition == DEVELOPMENT
    found = twins(partition, alike)
    shared = np.intersect1d(alike.pixels[in_test], alike.pixels[in_development])
    named = alike.patient >= 0
    patient = np.isin(alike.patient, alike.patient[in_development & named]) & in_test & named
    return Leakage(
        test=int(in_test.sum()),
        exact=int((found == EXACT).sum()),
        near=int((found == NEAR).sum()),
        patient=int(patient.sum()) if named.any() else None,
        patient_alone=int((patient & (found == NONE)).sum()),
        exact_groups=len(shared),
    )


def worst_pairs(partition: NDArray, labels: NDArray, groups: NDArray, alike: Likeness) -> pd.DataFrame:
    """The twins that a split tears apart, the worst first, one pair for each group (or two groups) they come from.

    Columns test and development (row numbers), bits (that their hashes differ in), kind (exact or near), same_label.
    Two labels on one image are worse than one; after that, the more alike the worse.
    """
    rows = pd.DataFrame({"row": np.arange(len(labels)), "hash": alike.hash, "pixels": alike.pixels, "label": labels})
    test, development = (
        rows[partition == part].drop_duplicates(["hash", "pixels", "label"]) for part in (TEST, DEVELOPMENT)
    )
    first, second, bits = alike.pairs
    every = np.unique(alike.hash)
    links = pd.DataFrame(
        {
            "hash": np.concatenate([first, second, every]),
            "other": np.concatenate([second, first, every]),
            "bits": np.concatenate([bits, bits, np.zeros(len(every), bits.dtype)]),
        }
    )
    pairs = test.merge(links, on="hash").merge(development, left_on="other", right_on="hash", suffixes=("", "_other"))
    pairs["kind"] = np.where(pairs["pixels"] == pairs["pixels_other"], EXACT, NEAR)
    pairs["same_label"] = pairs["label"] == pairs["label_other"]
    pairs = pairs.sort_values(["same_label", "bits", "kind", "row", "row_other"], kind="stable")
    sides = {"of": groups[pairs["row"]], "and": groups[pairs["row_other"]]}
    pairs = pairs.assign(**sides).drop_duplicates(["of", "and"])
    named = pairs.rename(columns={"row": "test", "row_other": "development"})
    return named[["test", "development", "bits", "kind", "same_label"]].reset_index(drop=True)


def overlap(index: pd.DataFrame, other: pd.DataFrame, twin_distance: int) -> Overlap:
    """Count the images of a data set that have a twin in another (columns sha256, phash)."""
    exact = index["sha256"].isin(other["sha256"]).to_numpy()
    numbers, hashes = pd.factorize(index["phash"])
    close, _, _ = close_pairs(parse(hashes), twin_distance, parse(other["phash"].unique()))
    near = np.isin(numbers, close) & ~exact
    return Overlap(len(index), int(exact.sum()), int(near.sum()))


def _near_hashes(alike: Likeness, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Numbers of the hashes that chosen images have, or near twins of theirs."""
    own = np.unique(alike.hash[chosen])
    first, second, _ = alike.pairs
    return np.concatenate([own, second[np.isin(first, own)], first[np.isin(second, own)]])
