"""Examples of a recipe's augmentation, for people to look at."""

import numpy as np
from keras import ops
from numpy.typing import NDArray

from medtransfer.training.augmentation import Augment

IMAGES, VIEWS = 3, 6


def augmented_examples(
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    rows: NDArray[np.integer],
    augment: Augment,
    seed: int,
) -> NDArray[np.uint8]:
    """Some training images and drawn views of each: 3 x (1 + 6) x H x W x C, of which view 0 is the plain image.

    `images` (N x H x W x C) and `labels` (N) are of the set, `rows` those that are trained on. The first image of each
    class, class by class, then the second, until there are three, or fewer where there are no more. A view's draws
    are those of an epoch or, of a frozen backbone, of a view: of seed, number and row.
    """
    chosen = _alternating(labels[rows], rows)[:IMAGES]
    plain = np.asarray(images[chosen])
    seen = [augment(plain, augment.uniforms(seed, view, chosen)) for view in range(1, 1 + VIEWS)]
    views = [np.round(ops.convert_to_numpy(each)).astype(np.uint8) for each in seen]
    return np.stack([plain, *views], axis=1)


def _alternating(labels: NDArray[np.integer], rows: NDArray[np.integer]) -> NDArray[np.integer]:
    """Rows in the order of their place within their class, then of their class."""
    place = np.zeros(len(rows), int)
    for label in np.unique(labels):
        of_class = labels == label
        place[of_class] = np.arange(of_class.sum())
    return rows[np.lexsort((labels, place))]
