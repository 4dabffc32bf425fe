"""Rafiq et al.'s picture of what a classifier sees (2022, section 4.1.1): its encoder, read by a UNet's old decoder."""

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.explain.base import BATCH
from medtransfer.models.unet import one_side, with_encoder

PICTURE = "classifier's encoder, UNet's decoder"
UNTOUCHED = "UNet"


def pictures(
    autoencoder: keras.Model, classifier: keras.Model, images: NDArray, seed: int
) -> dict[str, NDArray[np.float32]]:
    """What each of four networks makes of images (N x H x W x C, 0..255): grey, N x h x w, 0..1, by what it is called.

    The trained autoencoder; either of its sides alone, the other being drawn at random; and the one with the
    classifier's encoder in place of its own.
    """
    networks = {
        UNTOUCHED: autoencoder,
        "left side alone": one_side(autoencoder, "left", seed),
        "right side alone": one_side(autoencoder, "right", seed),
        PICTURE: with_encoder(autoencoder, classifier),
    }
    return {name: _grey(network, images) for name, network in networks.items()}


def _grey(network: keras.Model, images: NDArray) -> NDArray[np.float32]:
    # Called as it is: to compile four networks a fold would take longer than to run them.
    parts = [network(images[start : start + BATCH], training=False) for start in range(0, len(images), BATCH)]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts]).mean(axis=-1)
