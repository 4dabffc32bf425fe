"""A lesion's mask covers what was drawn: in place, as large, whoever drew it; what cannot be drawn says why."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from medtransfer.data.prepare.decode import UndecodableError
from medtransfer.data.prepare.lesions import draw, read_mask, read_outlines, refuse_other_shape, resized
from medtransfer.settings.errors import UserError
from tests.data.archives import encode
from tests.data.prepare.test_decode import png_that_claims

TRIANGLE = {"name": "polygon", "all_points_x": [10, 90, 10], "all_points_y": [20, 20, 80]}
RECTANGLE = {"name": "rect", "x": 30, "y": 10, "width": 40, "height": 60}
CIRCLE = {"name": "circle", "cx": 60, "cy": 50, "r": 25}
ELLIPSE = {"name": "ellipse", "cx": 60, "cy": 50, "rx": 40, "ry": 15}


def centroid(mask: NDArray[np.bool_]) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    return float(columns.mean()), float(rows.mean())


def spread(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """The direction of a mask's longer axis in rad, and its half length, were it an ellipse."""
    rows, columns = np.nonzero(mask)
    values, vectors = np.linalg.eigh(np.cov(columns, rows))
    return float(np.arctan2(vectors[1, 1], vectors[0, 1]) % np.pi), 2 * float(np.sqrt(values[1]))


@pytest.mark.parametrize(
    ("shape", "area", "place"),
    [
        (TRIANGLE, 80 * 60 / 2, (10 + 80 / 3, 20 + 60 / 3)),
        (RECTANGLE, 40 * 60, (50, 40)),
        (CIRCLE, np.pi * 25**2, (60, 50)),
        (ELLIPSE, np.pi * 40 * 15, (60, 50)),
        (ELLIPSE | {"theta": 0.7}, np.pi * 40 * 15, (60, 50)),
    ],
    ids=["polygon", "rect", "circle", "ellipse", "turned ellipse"],
)
def test_a_shape_has_its_area_and_its_place(shape: dict[str, Any], area: float, place: tuple[float, float]) -> None:
    mask = draw([shape], 120, 100)
    assert mask.shape == (100, 120)
    assert mask.dtype == bool
    assert mask.sum() == pytest.approx(area, rel=0.05)
    assert centroid(mask) == pytest.approx(place, abs=0.6)


@pytest.mark.parametrize("turn", [0.0, 0.5, np.pi / 2, 2.0, -0.5])
def test_an_ellipse_is_turned_by_its_angle_from_right_to_down(turn: float) -> None:
    direction, length = spread(draw([ELLIPSE | {"theta": turn}], 120, 100))
    assert abs((direction - turn + np.pi / 2) % np.pi - np.pi / 2) < 0.03
    assert length == pytest.approx(40, rel=0.04)


def test_several_shapes_are_drawn_together() -> None:
    corner = {"name": "rect", "x": 100, "y": 80, "width": 10, "height": 10}
    both = draw([CIRCLE, corner], 120, 100)
    np.testing.assert_array_equal(both, draw([CIRCLE], 120, 100) | draw([corner], 120, 100))


def test_a_shape_beyond_the_border_is_cut_off() -> None:
    mask = draw([CIRCLE | {"cx": 120}], 120, 100)
    assert mask.sum() == pytest.approx(np.pi * 25**2 / 2, rel=0.05)
    assert not mask[:, 0].any()
    assert not draw([CIRCLE | {"cx": 500}], 120, 100).any()


@pytest.mark.parametrize(
    "shape",
    [
        {"name": "polygon", "all_points_x": [10, 90], "all_points_y": [20, 20]},
        {"name": "polygon", "all_points_x": [], "all_points_y": []},
        {"name": "polygon", "all_points_x": [1, 2, 3], "all_points_y": [1, 2]},
        {"name": "polygon", "all_points_x": ["1", "2", "3"], "all_points_y": [1, 2, 3]},
        {"name": "polygon", "all_points_x": None, "all_points_y": None},
        {"name": "rect", "x": 1, "y": 2, "width": 3},
        {"name": "circle", "cx": 1, "cy": 2, "r": "3"},
        {"name": "circle", "cx": 1, "cy": 2, "r": 10**400},
        {"name": "point", "cx": 1, "cy": 2},
        {},
    ],
)
def test_a_shape_that_cannot_be_drawn_says_why(shape: dict[str, Any]) -> None:
    with pytest.raises(UndecodableError, match=rf"its outline \({shape.get('name')}\) cannot be drawn: .+"):
        draw([shape], 20, 20)


NUMBER = st.one_of(st.integers(-99, 99), st.floats(), st.sampled_from([None, "", "7", 10**30, 10**400]))
VALUE = st.one_of(NUMBER, st.lists(NUMBER, max_size=4), st.just({"x": 1}))
KEYS = ["all_points_x", "all_points_y", "x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "theta"]
WILD = st.builds(
    lambda name, values: {"name": name} | dict(zip(KEYS, values, strict=False)),
    st.sampled_from(["polygon", "rect", "circle", "ellipse", None]),
    st.lists(VALUE, min_size=len(KEYS) - 3, max_size=len(KEYS)),
)


@given(st.lists(WILD, max_size=3))
def test_wild_shapes_are_drawn_or_say_why(shapes: list[dict[str, Any]]) -> None:
    try:
        mask = draw(shapes, 9, 7)
    except UndecodableError as error:
        assert "cannot be drawn" in str(error)
    else:
        assert mask.shape == (7, 9)


def via(regions: object, **more: object) -> dict[str, object]:
    """Outlines as the annotator writes them: keyed by name and size."""
    shown = {"filename": "y0.jpg", "size": 4711, "regions": regions, "file_attributes": {}}
    return {"y0.jpg4711": shown, "y1.jpg12": {"filename": "y1.jpg", "size": 12, "regions": []}, **more}


def region(shape: dict[str, Any]) -> dict[str, Any]:
    return {"shape_attributes": shape, "region_attributes": {"name": "tumour"}}


@pytest.mark.parametrize(
    "content",
    [
        via({"0": region(TRIANGLE), "1": region(CIRCLE)}),
        via([region(TRIANGLE), region(CIRCLE)]),
        {"_via_settings": {}, "_via_img_metadata": via([region(TRIANGLE), region(CIRCLE)]), "_via_attributes": {}},
    ],
    ids=["VIA 1", "VIA 2", "saved project"],
)
def test_outlines_are_read_from_every_form_of_the_annotators_file(content: dict[str, object]) -> None:
    outlines = read_outlines(json.dumps(content).encode(), "via.json")
    assert outlines == {"y0.jpg": [TRIANGLE, CIRCLE], "y1.jpg": []}


def test_two_entries_of_one_image_are_put_together() -> None:
    twice = via([region(TRIANGLE)], again={"filename": "y0.jpg", "regions": [region(CIRCLE)]})
    assert read_outlines(json.dumps(twice).encode(), "via.json")["y0.jpg"] == [TRIANGLE, CIRCLE]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"7",
        b'"text"',
        b'{"a": 1}',
        b'{"a": {"filename": "a.jpg"}}',
        b'{"a": {"regions": []}}',
        b'{"a": {"filename": "a.jpg", "regions": 3}}',
        b'{"a": {"filename": "a.jpg", "regions": [{}]}}',
        b'{"a": {"filename": "a.jpg", "regions": [{"shape_attributes": null}]}}',
        b'{"a": {"filename": "a.jpg", "regions": [{"shape_attributes": "polygon"}]}}',
        b'{"a": {"filename": ["a.jpg"], "regions": []}}',
        b'{"_via_img_metadata": []}',
        b"[" * 100_000,
    ],
    ids=lambda content: content[:60].decode("latin-1"),
)
def test_what_holds_no_outlines_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(UserError, match=r"folder/via\.json in the archive holds no outlines"):
        read_outlines(content, "folder/via.json")


JSON = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["filename", "regions", "shape_attributes", "name", "a"]), inner, max_size=4),
    ),
    max_leaves=20,
)


@given(JSON)
@settings(max_examples=50)
def test_wild_outlines_are_read_or_refused(content: object) -> None:
    try:
        outlines = read_outlines(json.dumps(content).encode(), "via.json")
    except UserError:
        return
    for shapes in outlines.values():
        assert all(isinstance(shape, dict) for shape in shapes)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P"])
def test_a_mask_is_white_on_the_lesion(mode: str) -> None:
    lesion = np.zeros((12, 20), np.uint8)
    lesion[2:6, 10:17] = 255
    np.testing.assert_array_equal(read_mask(encode(lesion, "PNG", mode)), lesion > 0)


def test_a_mask_is_set_upright_as_its_image_is() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lesion = np.zeros((12, 20), np.uint8)
    lesion[2:6, 10:17] = 255
    turned = np.ascontiguousarray(np.rot90(lesion))
    np.testing.assert_array_equal(read_mask(encode(turned, exif=exif.tobytes())), lesion > 0)


@pytest.mark.parametrize(
    "content", [b"", b"no mask", encode(np.zeros((64, 64), np.uint8))[:60], png_that_claims(9000, 9000)]
)
def test_a_mask_that_cannot_be_read_says_why(content: bytes) -> None:
    with pytest.raises(UndecodableError, match=r"its mask (cannot be read: .|is not an image)|claims 9000 x 9000"):
        read_mask(content)


@given(
    st.integers(40, 200),
    st.integers(40, 200),
    st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)),
    st.floats(0.15, 0.3),
    st.integers(32, 96),
)
def test_a_resized_mask_keeps_its_place_and_its_share_of_the_image(
    width: int, height: int, place: tuple[float, float], part: float, size: int
) -> None:
    shape = {
        "name": "ellipse",
        "cx": place[0] * width,
        "cy": place[1] * height,
        "rx": part * width,
        "ry": part * height,
    }
    mask = draw([shape], width, height)
    small = resized(mask, size)
    assert small.shape == (size, size)
    assert small.dtype == bool
    assert small.mean() == pytest.approx(mask.mean(), rel=0.2)
    middle = [(number + 0.5) / side for number, side in zip(centroid(mask), (width, height), strict=True)]
    assert [(number + 0.5) / size for number in centroid(small)] == pytest.approx(middle, abs=0.02)


def test_a_mask_of_other_proportions_than_its_image_is_refused() -> None:
    refuse_other_shape(np.zeros((50, 100), dtype=bool), 200, 100)
    with pytest.raises(UndecodableError, match=r"its mask has 90 x 50 pixels, which do not fit its 120 x 100"):
        refuse_other_shape(np.zeros((50, 90), dtype=bool), 120, 100)
