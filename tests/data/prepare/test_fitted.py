"""Images of another set get the shape of a model's input, and keep what they show."""

import numpy as np
import pytest

from medtransfer.data.prepare.fitted import fitted


def test_grey_becomes_colour_and_back(rng: np.random.Generator) -> None:
    grey = rng.integers(0, 256, (3, 8, 8, 1), dtype=np.uint8)
    colour = fitted(grey, (8, 8, 3))
    np.testing.assert_array_equal(colour, np.repeat(grey, 3, axis=-1))
    np.testing.assert_array_equal(fitted(colour, (8, 8, 1)), grey)
    assert fitted(grey, (8, 8, 1)) is not None
    green = np.zeros((1, 4, 4, 3), np.uint8)
    green[..., 1] = 200
    assert fitted(green, (4, 4, 1)).mean() == pytest.approx(0.587 * 200, abs=1)


def test_size_changes_and_places_stay() -> None:
    """Height and width are not mixed up, and halves stay halves."""
    image = np.zeros((1, 8, 8, 1), np.uint8)
    image[:, :4] = 200  # the upper half
    for shape in ((4, 6, 1), (16, 12, 3)):
        resized = fitted(image, shape)
        assert resized.shape == (1, *shape)
        assert resized[0, 0].min() == 200
        assert resized[0, -1].max() == 0
