"""Examples of an augmentation."""

import numpy as np

from medtransfer.settings.augmentation import Augmentation
from medtransfer.training.augmentation import build_augmentation
from medtransfer.training.examples import IMAGES, VIEWS, augmented_examples


def test_views_are_of_training_images_of_different_classes_and_the_first_is_plain(rng: np.random.Generator) -> None:
    images = rng.integers(0, 255, (12, 8, 10, 1), dtype=np.uint8)
    labels, rows = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]), np.array([2, 3, 4, 8, 9, 10])
    augment = build_augmentation(Augmentation(horizontal_flip=True), (8, 10, 1))
    assert augment is not None
    views = augmented_examples(images, labels, rows, augment, seed=0)
    assert views.shape == (IMAGES, 1 + VIEWS, 8, 10, 1)
    assert views.dtype == np.uint8
    np.testing.assert_array_equal(views[:, 0], images[[2, 8, 10]])
    mirrored = 0
    for plain, *others in views:
        for view in others:
            flipped = np.array_equal(view, plain[:, ::-1])
            assert flipped or np.array_equal(view, plain)
            mirrored += flipped
    assert 0 < mirrored < IMAGES * VIEWS
    few = augmented_examples(images, labels, np.array([9, 1]), augment, seed=0)
    np.testing.assert_array_equal(few[:, 0], images[[1, 9]])
