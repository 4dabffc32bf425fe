"""Augmentation against SciPy's interpolation of matrices that are put together here, forwards."""

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import ndimage

from medtransfer.settings.augmentation import Augmentation
from medtransfer.training.augmentation import DRAWS, Augment, build_augmentation

HEIGHT, WIDTH = 20, 27
SHAPE = (HEIGHT, WIDTH, 1)
# What makes one parameter active, and the columns that it draws.
ONE: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "zoom": ({"zoom": 0.3}, ("zoom",)),
    "width": ({"width": 0.4}, ("width",)),
    "height": ({"height": 0.4}, ("height",)),
    "shear": ({"shear": 25}, ("shear",)),
    "rotation": ({"rotation": 40}, ("rotation",)),
    "shift": ({"shift": 0.2}, ("shift_x", "shift_y")),
    "crop": ({"crop": 0.25}, ("crop_x", "crop_y")),
    "flips": ({"horizontal_flip": True, "vertical_flip": True}, ("horizontal_flip", "vertical_flip")),
    "zoom of one axis": ({"zoom": 0.3, "zoom_axes": "each"}, ("zoom_height",)),
    "brightness": ({"brightness": 0.6}, ("brightness",)),
}
ALL = Augmentation.model_validate({key: value for changes, _ in ONE.values() for key, value in changes.items()})
MOVES = ALL.model_copy(update={"brightness": 0.0})
MODES = {"nearest": "nearest", "reflect": "reflect", "constant": "grid-constant"}  # SciPy's names
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
    nearer_y = 1 / (1 + change.zoom * swing["zoom_height"]) if change.zoom_axes == "each" else nearer
    wider, higher = 1 + change.width * swing["width"], 1 + change.height * swing["height"]
    stretch = np.diag([nearer * wider, nearer_y * higher, 1])
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
    return np.linalg.inv(centre) @ mirror @ enlarge @ window @ stretch @ lean @ move @ turn @ centre


def by_scipy(image: NDArray[np.float32], change: Augmentation, u: NDArray[np.float32]) -> NDArray[np.float64]:
    back = np.linalg.inv(forwards(change, u))[[1, 0, 2]][:, [1, 0, 2]]  # (row, column) for (x, y)
    moved = [
        ndimage.affine_transform(channel.astype(np.float64), back, order=1, mode=MODES[change.fill])
        for channel in np.moveaxis(image, -1, 0)
    ]
    brighter = 1 + change.brightness * (2 * u[DRAWS.index("brightness")] - 1)
    return np.minimum(brighter * np.stack(moved, axis=-1), 255)


@pytest.mark.parametrize("extreme", [0.0, 0.25, 0.9, 1.0])
@pytest.mark.parametrize("name", ONE)
def test_each_parameter_alone_is_scipys(name: str, extreme: float, rng: np.random.Generator) -> None:
    changes, columns = ONE[name]
    change, image = Augmentation.model_validate(changes), picture(rng)
    uniforms = draws(**dict.fromkeys(columns, extreme))
    pixels = keras.ops.convert_to_numpy(built(change)(image[None], uniforms))[0]
    assert pixels == pytest.approx(by_scipy(image, change, uniforms[0]), abs=0.02)


@pytest.mark.parametrize("fill", MODES)
@settings(max_examples=10)
@given(uniforms=UNIFORMS)
def test_all_together_are_scipys_and_each_image_has_its_own(fill: str, uniforms: NDArray[np.float32]) -> None:
    change, shape = ALL.model_copy(update={"fill": fill}), (HEIGHT, WIDTH, 3 if fill == "nearest" else 1)
    images = np.stack([picture(np.random.default_rng(seed), shape) for seed in range(3)])
    pictures = keras.ops.convert_to_numpy(built(change, shape)(images, uniforms))
    assert pictures.shape == images.shape
    assert pictures.dtype == np.float32
    for image, after, u in zip(images, pictures, uniforms, strict=True):
        assert after == pytest.approx(by_scipy(image, change, u), abs=0.05)


def test_the_middle_of_every_range_changes_nothing(rng: np.random.Generator) -> None:
    change = ALL.model_copy(update={"crop": 0.0})  # a window in the middle is a change
    image = rng.integers(0, 256, (1, *SHAPE)).astype(np.uint8)
    pictures = keras.ops.convert_to_numpy(built(change)(image, draws()))
    assert np.array_equal(pictures, image)
    assert pictures.dtype == np.float32


def spot(pictures: object) -> tuple[int, int]:
    """Row and column of the brightest pixel."""
    image = keras.ops.convert_to_numpy(pictures)[0, ..., 0]
    row, column = np.unravel_index(image.argmax(), image.shape)
    return int(row), int(column)


@pytest.mark.parametrize(
    ("changes", "chosen", "goes_to"),
    [
        ({"zoom": 0.5}, {"zoom": 0.0}, (10, 18)),  # a window half as large: twice as far from the centre
        ({"zoom": 0.5}, {"zoom": 1.0}, (10, 13)),
        ({"zoom": 0.5, "zoom_axes": "each"}, {"zoom_height": 0.0}, (10, 14)),  # on the height of the centre
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
    place = spot(built(Augmentation.model_validate(changes), (21, 21, 1))(image, draws(**chosen)))
    assert np.abs(np.subtract(place, goes_to)).max() <= (1 if changes.get("zoom") else 0)


def test_upright_lines_lean_by_the_shear() -> None:
    image = np.zeros((1, 21, 21, 1), np.float32)
    image[0, :, 10] = 255
    pictures = keras.ops.convert_to_numpy(built(Augmentation(shear=30), (21, 21, 1))(image, draws(shear=1.0)))
    columns = pictures[0, ..., 0] @ np.arange(21) / pictures[0, ..., 0].sum(axis=1)
    assert columns - 10 == pytest.approx(np.tan(np.deg2rad(30)) * (np.arange(21) - 10), abs=0.05)


@given(UNIFORMS)
def test_flips_are_exact(uniforms: NDArray[np.float32]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, *SHAPE)).astype(np.uint8)
    change = Augmentation(horizontal_flip=True, vertical_flip=True)
    pictures = keras.ops.convert_to_numpy(built(change)(images, uniforms))
    for image, after, u in zip(images, pictures, uniforms, strict=True):
        horizontal, vertical = (u[DRAWS.index(name)] < 0.5 for name in ("horizontal_flip", "vertical_flip"))
        expected = image[:, ::-1] if horizontal else image
        assert np.array_equal(after, expected[::-1] if vertical else expected)


@settings(max_examples=15)
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
    alone = linear(Augmentation(zoom=0.3, zoom_axes="each"))[0][:, [0, 1], [0, 1]]
    assert (alone[:, 0] == sides[:, 0]).all()
    assert alone[:, 1] == pytest.approx(1 + 0.3 * (2 * uniforms[:, DRAWS.index("zoom_height")] - 1))
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
    pictures = keras.ops.convert_to_numpy(built(MOVES)(images, uniforms))
    assert pictures.min() >= 3 - 1e-3
    assert pictures.max() <= 255


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


def test_a_draw_that_was_added_last_leaves_those_before() -> None:
    """The first eleven columns of row 5 in epoch 2 of seed 1, computed before zoom_height and brightness were added."""
    before = [
        0.969512,
        0.500821,
        0.611035,
        0.973125,
        0.11296,
        0.930564,
        0.551745,
        0.519385,
        0.960145,
        0.958681,
        0.848083,
    ]
    assert built(ALL).uniforms(1, 2, np.array([5]))[0, : len(before)] == pytest.approx(before, abs=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_steps_have_the_order_of_keras_generator(rng: np.random.Generator) -> None:
    """And its ranges; its shear shortens lines too, by a cosine that is 1 at 0.2 degrees."""
    from keras.src.legacy.preprocessing.image import apply_affine_transform

    image, names = picture(rng, (24, 24, 1)), ("rotation", "shift_x", "shift_y", "shear", "zoom", "zoom_height")
    change = Augmentation(rotation=20, shift=0.2, shear=0.2, zoom=0.2, zoom_axes="each")
    chosen = dict(zip(names, (0.9, 0.7, 0.2, 1.0, 0.1, 0.8), strict=True))
    angle, right, down, lean, zoom_x, zoom_y = (2 * chosen[name] - 1 for name in names)
    theirs = apply_affine_transform(
        image, theta=20 * angle, tx=-0.2 * 24 * right, ty=-0.2 * 24 * down, shear=0.2 * lean,
        zx=1 + 0.2 * zoom_x, zy=1 + 0.2 * zoom_y, row_axis=0, col_axis=1, channel_axis=2, fill_mode="nearest",
    )  # fmt: skip
    ours = keras.ops.convert_to_numpy(built(change, (24, 24, 1))(image[None], draws(**chosen)))[0]
    assert ours == pytest.approx(theirs, abs=0.05)


def test_borders_of_a_zoom_are_filled_as_keras_own_layer_fills_them(rng: np.random.Generator) -> None:
    """RandomZoom without draws: its factor is a range of one number. Its default is `reflect`."""
    image = picture(rng, (1, 24, 24, 1)[1:])[None]
    ours = built(Augmentation(zoom=0.4, fill="reflect"), (24, 24, 1))(image, draws(zoom=1.0))
    theirs = keras.layers.RandomZoom((0.4, 0.4))(image, training=True)
    assert keras.ops.convert_to_numpy(ours) == pytest.approx(keras.ops.convert_to_numpy(theirs), abs=0.05)


def test_black_stays_black_and_white_is_the_brightest() -> None:
    images = np.repeat(np.array([0, 100, 200], np.uint8), 4).reshape(1, 3, 4, 1)
    change = built(Augmentation(brightness=0.5), (3, 4, 1))
    brightest, darkest = (keras.ops.convert_to_numpy(change(images, draws(brightness=u)))[0, :, 0, 0] for u in (1, 0))
    assert brightest.tolist() == [0, 150, 255]
    assert darkest.tolist() == [0, 50, 100]


def test_nothing_active_is_nothing() -> None:
    assert build_augmentation(Augmentation(views=9, zoom_axes="each", fill="reflect"), SHAPE) is None
