"""The features that a frozen backbone computes of every image, once: folds, epochs and heads share them."""

import tempfile

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from medtransfer import store
from medtransfer.models.forward import forward
from medtransfer.training.augmentation import Augment
from medtransfer.training.batches import in_order

BATCH = 64


def feature_shape(backbone: keras.Model, images: int, views: int) -> tuple[int, ...]:
    """The shape of the array of features: N x F, or N x (1 + views) x F where there are views."""
    size = backbone.output_shape[1:]
    return (images, 1 + views, *size) if views else (images, *size)


def compute_features(
    backbone: keras.Model,
    images: NDArray,
    augment: Augment | None,
    views: int,
    seed: int,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Features of images (N x H x W x C), and of `views` augmented views of each, in the shape of `feature_shape`.

    View 0 is the plain image; a view's draws follow from seed, view and row number alone. Features are written
    into `out` where that is given (a memory map, for instance). Without `augment` there are no views.
    """
    views = views if augment else 0
    shape = feature_shape(backbone, len(images), views)
    features = np.empty(shape, dtype=np.float32) if out is None else out
    flat = features.reshape(len(images), 1 + views, -1)
    outputs = forward(backbone)
    for rows in tqdm(list(in_order(np.arange(len(images)), BATCH)), desc="features", unit="batch"):
        batch = images[rows].astype(np.float32)
        for view in range(1 + views):
            seen = augment(batch, augment.uniforms(seed, view, rows)) if augment and view else batch
            flat[rows, view] = outputs(seen).reshape(len(rows), -1)
    return features


def features_of_rows(backbone: keras.Model, images: NDArray, rows: NDArray[np.integer]) -> NDArray[np.float32]:
    """Features of some of N images (N x H x W x C), in their places of an array of N x F; the other places are 0.

    The array lies in a file without a name, which is gone with it: features of flat maps can be larger than the memory.
    """
    store.CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryFile(dir=store.CACHE) as file:
        features = np.memmap(file, np.float32, "w+", shape=feature_shape(backbone, len(images), 0))
    outputs = forward(backbone)
    for batch in in_order(rows, BATCH):
        features[batch] = outputs(images[batch])
    return features
