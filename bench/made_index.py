"""An index of many made-up images for copies_time.py: patients, slices alike, copies in all orientations."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.data.duplicates.hamming import COMPLEMENTED
from medtransfer.data.duplicates.perceptual_hash import WORDS, transposed

LATENT, NOISE = 60, 0.3  # of this many directions are the made-up pictures mixed: pairs then differ as real ones do
SLICES, LABELS = 10, ("glioma", "meningioma", "no_tumour", "pituitary")
COPIES = 0.2  # of the rows; a third of these are exact
CONFLICTS = 50  # copies with another label
MEAN = np.uint64(1 << 7)  # the bit of the mean in the first word, which is never set


def made_index(rows: int, seed: int = 7) -> pd.DataFrame:
    """An index as `prepare` writes it.

    Bits come from numbers of a mixture, as a perceptual hash's do: those near 0 flip first in a copy. Half of the
    copies are mirrored, turned or negatives. Half of the rows name their patient.
    """
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(LATENT, 64 * WORDS)).astype(np.float32) / np.sqrt(LATENT)
    patient = np.arange(rows) // SLICES
    alike = rng.uniform(0.2, 0.9, patient.max() + 1)[patient, None]  # how much a patient's slices share
    own = rng.normal(size=(patient.max() + 1, LATENT))[patient]
    latent = np.sqrt(alike) * own + np.sqrt(1 - alike) * rng.normal(size=(rows, LATENT))
    values = latent.astype(np.float32) @ mixing
    values += NOISE * rng.standard_normal(values.shape, dtype=np.float32)
    copy = rng.permutation(rows)[: int(COPIES * rows)]
    first = rng.choice(np.setdiff1d(np.arange(rows), copy), len(copy))
    exact = np.arange(len(copy)) < len(copy) // 3
    change = np.where(exact, 0, rng.exponential(0.1, len(copy))).astype(np.float32)[:, None]
    values[copy] = values[first] + change * rng.standard_normal((len(copy), values.shape[1]), dtype=np.float32)
    hashes = np.packbits(values > 0, axis=1).view(np.uint64)
    turned = copy[len(copy) // 2 :]
    hashes[turned] = _turned(hashes[turned], rng)
    hashes[:, 0] &= ~MEAN
    pixels, label = np.arange(rows), rng.integers(len(LABELS), size=patient.max() + 1)[patient]
    patient[copy], label[copy] = patient[first], label[first]
    pixels[copy[exact]] = first[exact]
    label[copy[:CONFLICTS]] = (label[copy[:CONFLICTS]] + 1) % len(LABELS)
    return pd.DataFrame(
        {
            "id": [f"{row:06d}.png" for row in range(rows)],
            "label": np.array(LABELS)[label],
            "patient": [f"p{number}" if number % 2 else "" for number in patient],
            "shipped": "",
            "sha256": [f"{number:064x}" for number in pixels],
            "phash": [row.tobytes().hex() for row in hashes],
        }
    )


def _turned(hashes: NDArray[np.uint64], rng: np.random.Generator) -> NDArray[np.uint64]:
    """In random orientations and signs."""
    swapped = rng.random(len(hashes)) < 0.5
    hashes = np.where(swapped[:, None], transposed(hashes), hashes)
    flips = COMPLEMENTED[rng.integers(len(COMPLEMENTED), size=len(hashes))]
    return np.where(flips, ~hashes, hashes)
