"""The eight orientations form a group, and move pixels where their matrices say."""

import numpy as np
import pytest

from medtransfer.store.orientations import ALL, COMPOSED, INVERSE, NAMES, matrix, oriented

SQUARE = np.arange(25).reshape(5, 5)


def test_all_eight_differ_and_the_first_is_the_image_itself() -> None:
    assert len({oriented(SQUARE, number).tobytes() for number in ALL}) == len(NAMES) == 8
    assert (oriented(SQUARE, 0) == SQUARE).all()


def test_names_are_those_of_numpys_turns_and_flips() -> None:
    turned = {oriented(SQUARE, number).tobytes(): NAMES[number] for number in ALL}
    assert turned[np.fliplr(SQUARE).tobytes()] == "mirrored left to right"
    assert turned[np.flipud(SQUARE).tobytes()] == "mirrored top to bottom"
    assert turned[np.rot90(SQUARE, 2).tobytes()] == "turned by 180°"
    assert turned[np.rot90(SQUARE, -1).tobytes()] == "turned by 90° clockwise"
    assert turned[np.rot90(SQUARE, 1).tobytes()] == "turned by 90° anticlockwise"
    assert turned[SQUARE.T.tobytes()] == "mirrored at the diagonal"


@pytest.mark.parametrize("first", ALL)
@pytest.mark.parametrize("then", ALL)
def test_composed_does_one_after_the_other(first: int, then: int) -> None:
    both = oriented(oriented(SQUARE, first), then)
    assert (oriented(SQUARE, COMPOSED[then, first]) == both).all()


@pytest.mark.parametrize("number", ALL)
def test_inverse_takes_it_back_and_the_matrix_moves_pixels_alike(number: int) -> None:
    turned = oriented(SQUARE, number)
    assert (oriented(turned, INVERSE[number]) == SQUARE).all()
    for y, x in np.ndindex(5, 5):
        column, row, _ = (matrix(number, 5) @ [x, y, 1]).astype(int)
        assert turned[row, column] == SQUARE[y, x]


def test_axes_may_lie_anywhere() -> None:
    images = np.arange(2 * 4 * 4 * 3).reshape(2, 4, 4, 3)
    for number in ALL:
        expected = np.stack([oriented(images[0, ..., channel], number) for channel in range(3)], axis=-1)
        assert (oriented(images, number, axes=(1, 2))[0] == expected).all()
