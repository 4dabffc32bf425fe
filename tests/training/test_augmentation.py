"""Augmentation against SciPy's interpolation of matrices that are put together here, forwards."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import ndimage

from medtransfer.settings.recipes import Augmentation
from medtransfer.training.augmentation import DRAWS, Augment, build_augmentation

HEIGHT, WIDTH = 20, 27
SHAPE = (HEIGHT, WIDTH, 1)
# What makes one parameter active, and the columns that it draws.
ONE: dict[str, tuple[dict[str, float], tuple[str, ...]]] = {
    "zoom": ({"zoom": 0.3}, ("zoom",)),
    "width": ({"width": 0.4}, ("width",)),
    "height": ({"height": 0.4}, ("height",)),
    "shear": ({"shear": 25}, ("shear",)),
    "rotation": ({"rotation": 40}, ("rotation",)),
    "shift": ({"shift": 0.2}, ("shift_x", "shift_y")),
    "crop": ({"crop": 0.25}, ("crop_x", "crop_y")),
    "flips": ({"horizontal_flip": True, "vertical_flip": True}, ("horizontal_flip", "vertical_flip")),
}
ALL = Augmentation.model_validate({key: value for changes, _ in ONE.values() for key, value in changes.items()})
UNIFORMS = arrays.arrays(np.float32, (3, len(DRAWS)), elements=st.floats(0, 1, width=32))


def built(changes: Augmentation, shape: tuple[int, int, int] = SHAPE) -> Augment:
    augment = build_augmentation(changes, shape)
    assert augment is not None
    return augment


def draws(**chosen: float) -> NDArray[np.float32]:
    """Of one image: in the middle, but for some."""
    uniforms = np.full((1, len(DRAWS)), 0.5, np.float32)
    for name, value in chosen.items():
        uniforms[:, DRAWS.index(name)] = value
    return uniforms


def picture(rng: np.random.Generator, shape: tuple[int, ...] = SHAPE) -> NDArray[np.float32]:
    """Smooth, so that it stays comparable where coordinates differ in the last bits."""
    noise = ndimage.gaussian_filter(rng.random(shape), (2, 2, 0))
    return (255 * (noise - noise.min()) / np.ptp(noise)).astype(np.float32)


def forwards(change: Augmentation, u: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where a point (x, y, 1) of the picture goes, a matrix per step of the docstring."""
    swing = dict(zip(DRAWS, 2 * u.astype(np.float64) - 1, strict=True))
    centre = np.array([[1, 0, -(WIDTH - 1) / 2], [0, 1, -(HEIGHT - 1) / 2], [0, 0, 1]])
    nearer = 1 / (1 + change.zoom * swing["zoom"])
    wider, higher = 1 + change.width * swing["width"], 1 + change.height * swing["height"]
    stretch = np.diag([nearer * wider, nearer * higher, 1])
    lean = np.eye(3)
    lean[0, 1] = np.tan(np.deg2rad(change.shear * swing["shear"]))
    angle = np.deg2rad(change.rotation * swing["rotation"])
    # Image rows count downwards, so this turns counter-clockwise.
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    move = np.eye(3)
    move[:2, 2] = change.shift * WIDTH * swing["shift_x"], change.shift * HEIGHT * swing["shift_y"]
    window = np.eye(3)
    window[:2, 2] = (
        -change.crop * (WIDTH - 1) / 2 * swing["crop_x"],
        -change.crop * (HEIGHT - 1) / 2 * swing["crop_y"],
    )
    enlarge = np.diag([1 / (1 - change.crop), 1 / (1 - change.crop), 1])
    mirror = np.diag(
        [
            -1 if change.horizontal_flip and swing["horizontal_flip"] < 0 else 1,
            -1 if change.vertical_flip and swing["vertical_flip"] < 0 else 1,
            1,
        ]
    )
    return np.linalg.inv(centre) @ mirror @ enlarge @ window @ move @ turn @ lean @ stretch @ centre


def by_scipy(image: NDArray[np.float32], change: Augmentation, u: NDArray[np.float32]) -> NDArray[np.float64]:
    back = np.linalg.inv(forwards(change, u))[[1, 0, 2]][:, [1, 0, 2]]  # (row, column) for (x, y)
    moved = [
        ndimage.affine_transform(channel.astype(np.float64), back, order=1, mode="nearest")
        for channel in np.moveaxis(image, -1, 0)
    ]
    return np.stack(moved, axis=-1)


@pytest.mark.parametrize("extreme", [0.0, 0.25, 0.9, 1.0])
@pytest.mark.parametrize("name", ONE)
def test_each_parameter_alone_is_scipys(name: str, extreme: float, rng: np.random.Generator) -> None:
    changes, columns = ONE[name]
    change, image = Augmentation.model_validate(changes), picture(rng)
    uniforms = draws(**dict.fromkeys(columns, extreme))
    found = keras.ops.convert_to_numpy(built(change)(image[None], uniforms))[0]
    assert found == pytest.approx(by_scipy(image, change, uniforms[0]), abs=0.02)


@pytest.mark.parametrize("channels", [1, 3])
@given(uniforms=UNIFORMS)
def test_all_together_are_scipys_and_each_image_has_its_own(channels: int, uniforms: NDArray[np.float32]) -> None:
    shape = (HEIGHT, WIDTH, channels)
    images = np.stack([picture(np.random.default_rng(seed), shape) for seed in range(3)])
    found = keras.ops.convert_to_numpy(built(ALL, shape)(images, uniforms))
    assert found.shape == images.shape
    assert found.dtype == np.float32
    for image, after, u in zip(images, found, uniforms, strict=True):
        assert after == pytest.approx(by_scipy(image, ALL, u), abs=0.05)


def test_the_middle_of_every_range_changes_nothing(rng: np.random.Generator) -> None:
    change = ALL.model_copy(update={"crop": 0.0})  # a window in the middle is a change
    image = rng.integers(0, 256, (1, *SHAPE)).astype(np.uint8)
    found = keras.ops.convert_to_numpy(built(change)(image, draws()))
    assert np.array_equal(found, image)
    assert found.dtype == np.float32


def spot(found: object) -> tuple[int, int]:
    """Row and column of the brightest pixel."""
    image = keras.ops.convert_to_numpy(found)[0, ..., 0]
    row, column = np.unravel_index(image.argmax(), image.shape)
    return int(row), int(column)


@pytest.mark.parametrize(
    ("changes", "chosen", "goes_to"),
    [
        ({"zoom": 0.5}, {"zoom": 0.0}, (10, 18)),  # a window half as large: twice as far from the centre
        ({"zoom": 0.5}, {"zoom": 1.0}, (10, 13)),
        ({"width": 0.5}, {"width": 1.0}, (10, 16)),
        ({"height": 0.5}, {"height": 1.0}, (10, 14)),  # of the same height as the centre
        ({"rotation": 90}, {"rotation": 1.0}, (6, 10)),  # from the right to the top
        ({"shift": 0.2}, {"shift_x": 1.0}, (10, 18)),
        ({"shift": 0.2}, {"shift_y": 0.0}, (6, 14)),
        ({"crop": 0.5}, {"crop_x": 1.0}, (10, 8)),  # the right half: from 10 on, twice as large
        ({"horizontal_flip": True}, {"horizontal_flip": 0.49}, (10, 6)),
        ({"vertical_flip": True}, {"vertical_flip": 0.0}, (10, 14)),
    ],
)
def test_a_spot_goes_where_the_name_says(
    changes: dict[str, float], chosen: dict[str, float], goes_to: tuple[int, int]
) -> None:
    image = np.zeros((1, 21, 21, 1), np.float32)
    image[0, 10, 14] = 255
    image = ndimage.gaussian_filter(image, (0, 1, 1, 0))
    found = spot(built(Augmentation.model_validate(changes), (21, 21, 1))(image, draws(**chosen)))
    assert np.abs(np.subtract(found, goes_to)).max() <= (1 if changes.get("zoom") else 0)


def test_upright_lines_lean_by_the_shear() -> None:
    image = np.zeros((1, 21, 21, 1), np.float32)
    image[0, :, 10] = 255
    found = keras.ops.convert_to_numpy(built(Augmentation(shear=30), (21, 21, 1))(image, draws(shear=1.0)))
    columns = found[0, ..., 0] @ np.arange(21) / found[0, ..., 0].sum(axis=1)
    assert columns - 10 == pytest.approx(np.tan(np.deg2rad(30)) * (np.arange(21) - 10), abs=0.05)


@given(UNIFORMS)
def test_flips_are_exact(uniforms: NDArray[np.float32]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, *SHAPE)).astype(np.uint8)
    change = Augmentation(horizontal_flip=True, vertical_flip=True)
    found = keras.ops.convert_to_numpy(built(change)(images, uniforms))
    for image, after, u in zip(images, found, uniforms, strict=True):
        horizontal, vertical = (u[DRAWS.index(name)] < 0.5 for name in ("horizontal_flip", "vertical_flip"))
        expected = image[:, ::-1] if horizontal else image
        assert np.array_equal(after, expected[::-1] if vertical else expected)


@given(UNIFORMS)
def test_ranges_are_respected(uniforms: NDArray[np.float32]) -> None:
    within = 1 + 1e-5

    def linear(changes: Augmentation) -> tuple[NDArray, NDArray]:
        matrices = keras.ops.convert_to_numpy(built(changes).transforms(uniforms))
        assert not matrices[:, 6:].any()
        return matrices[:, [0, 1, 3, 4]].reshape(-1, 2, 2), matrices[:, [2, 5]]

    sides = linear(Augmentation(zoom=0.3))[0][:, [0, 1], [0, 1]]
    assert (np.abs(sides - 1) <= 0.3 * within).all()
    assert (sides[:, 0] == sides[:, 1]).all()
    wider = 1 / linear(Augmentation(width=0.4))[0][:, 0, 0]
    assert (np.abs(wider - 1) <= 0.4 * within).all()
    turned = linear(Augmentation(rotation=40))[0]
    assert np.linalg.det(turned) == pytest.approx(1)
    assert (np.abs(np.arctan2(turned[:, 1, 0], turned[:, 0, 0])) <= np.deg2rad(40) * within).all()
    assert (np.abs(linear(Augmentation(shift=0.2))[1] / [WIDTH, HEIGHT]) <= 0.2 * within).all()
    leaning = linear(Augmentation(shear=25))[0][:, 0, 1]
    assert (np.abs(np.rad2deg(np.arctan(leaning))) <= 25 * within).all()
    # A crop never looks out of the picture.
    matrices, offsets = linear(Augmentation(crop=0.25, horizontal_flip=True, vertical_flip=True))
    last = np.array([WIDTH - 1, HEIGHT - 1])
    for corner in ([0, 0], last):
        seen = matrices @ np.array(corner) + offsets
        assert (seen >= -1e-3).all()
        assert (seen <= last + 1e-3).all()


@given(UNIFORMS, st.integers(0, 2**32 - 1))
def test_grey_levels_stay_within_those_of_the_image(uniforms: NDArray[np.float32], seed: int) -> None:
    images = np.random.default_rng(seed).choice([3, 255], (3, *SHAPE)).astype(np.uint8)
    found = keras.ops.convert_to_numpy(built(ALL)(images, uniforms))
    assert found.min() >= 3 - 1e-3
    assert found.max() <= 255


def test_integers_and_floats_are_the_same_picture(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (4, *SHAPE)).astype(np.uint8)
    augment = built(ALL)
    uniforms = augment.uniforms(0, 1, np.arange(4))
    first, second, third = (
        keras.ops.convert_to_numpy(augment(values, uniforms)) for values in (images, images, images.astype(np.float32))
    )
    assert np.array_equal(first, second)
    assert np.array_equal(first, third)


def test_an_image_is_changed_the_same_way_in_any_company(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (9, *SHAPE)).astype(np.uint8)
    augment = built(ALL)
    together, alone = np.array([7, 2, 5]), np.array([5])
    whole = keras.ops.convert_to_numpy(augment(images[together], augment.uniforms(3, 4, together)))
    single = keras.ops.convert_to_numpy(augment(images[alone], augment.uniforms(3, 4, alone)))
    assert np.array_equal(whole[2:], single)


def test_draws_differ_with_seed_epoch_row_and_parameter() -> None:
    augment = built(ALL)
    rows = np.arange(400)
    first = augment.uniforms(1, 2, rows)
    assert first.shape == (400, augment.draws)
    assert first.dtype == np.float32
    assert (first >= 0).all()
    assert (first < 1).all()
    assert first.mean(axis=0) == pytest.approx([0.5] * augment.draws, abs=0.08)
    everything = np.concatenate([first, augment.uniforms(2, 1, rows), augment.uniforms(1, 3, rows)])
    assert len(np.unique(everything)) > 0.99 * everything.size
    assert not np.array_equal(first[0], np.random.default_rng([1, 2]).random(augment.draws, dtype=np.float32))


def test_a_parameter_keeps_its_draws_when_another_is_switched_on() -> None:
    rows = np.arange(3)
    alone, together = built(Augmentation(zoom=0.1)), built(ALL)
    assert np.array_equal(alone.uniforms(0, 0, rows), together.uniforms(0, 0, rows))


def test_nothing_active_is_nothing() -> None:
    assert build_augmentation(Augmentation(views=9), SHAPE) is None
