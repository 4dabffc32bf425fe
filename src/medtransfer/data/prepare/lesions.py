"""Where the lesion is: a mask from a picture, or from outlines drawn with the VGG Image Annotator (VIA 2)."""

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from medtransfer.data.prepare.decode import FORMATS, UndecodableError, reason, refuse_giants
from medtransfer.settings.errors import UserError

CORNERS = 72  # of the polygon that stands for an ellipse


def read_mask(content: bytes) -> NDArray[np.bool_]:
    """A picture of a mask, white on the lesion, as H x W; raises UndecodableError."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            refuse_giants(image.width, image.height)
            return np.asarray(ImageOps.exif_transpose(image).convert("L")) > 127
    except UndecodableError:
        raise
    except UnidentifiedImageError:
        raise UndecodableError("its mask is not an image") from None
    except Exception as error:  # Pillow's readers raise nearly anything on a mangled file
        raise UndecodableError(f"its mask cannot be read: {reason(error)}") from None


def read_outlines(content: bytes, name: str) -> dict[str, list[dict[str, Any]]]:
    """Shapes by the file name of the image they were drawn on, from VIA's JSON; raises UserError."""
    try:
        entries = json.loads(content)
        entries = entries.get("_via_img_metadata", entries)  # a saved project wraps them
        shapes_of: dict[str, list[dict[str, Any]]] = {}
        for entry in entries.values():
            regions = entry["regions"]
            shapes = [region["shape_attributes"] for region in _listed(regions)]
            if not all(isinstance(shape, dict) for shape in shapes):
                raise TypeError("a region without a shape")
            shapes_of.setdefault(entry["filename"], []).extend(shapes)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{name} in the archive holds no outlines of the VGG Image Annotator: {error!r}") from None
    return shapes_of


def draw(shapes: Iterable[Mapping[str, Any]], width: int, height: int) -> NDArray[np.bool_]:
    """VIA's shapes (polygon, rectangle, circle, ellipse; pixels, angles in rad), filled, as H x W.

    Raises UndecodableError where a shape is of another kind, or lacks a number.
    """
    canvas = Image.new("1", (width, height))
    pen = ImageDraw.Draw(canvas)
    for shape in shapes:
        try:
            corners = _corners(shape)
            if not np.isfinite(corners).all():
                raise ValueError("a place that is no number")
            pen.polygon(corners, fill=1)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise UndecodableError(f"its outline ({shape.get('name')}) cannot be drawn: {error!r}") from None
    return np.asarray(canvas)


def refuse_other_shape(mask: NDArray[np.bool_], width: int, height: int) -> None:
    """Raise UndecodableError where a mask is not of its image's proportions: stretched, it would lie elsewhere."""
    tall, wide = mask.shape
    if abs(wide * height - tall * width) > 0.02 * tall * width:
        raise UndecodableError(f"its mask has {wide} x {tall} pixels, which do not fit its {width} x {height}")


def resized(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """A mask at the size of its prepared image: `size` x `size`, no levels between on and off."""
    return np.asarray(Image.fromarray(mask).resize((size, size), Image.Resampling.NEAREST))


def _corners(shape: Mapping[str, Any]) -> list[tuple[float, float]]:
    match shape["name"]:
        case "polygon":
            corners = list(zip(shape["all_points_x"], shape["all_points_y"], strict=True))
            if len(corners) < 3:
                raise ValueError(f"{len(corners)} corners")
            return corners
        case "rect":
            left, top = shape["x"], shape["y"]
            right, bottom = left + shape["width"], top + shape["height"]
            return [(left, top), (right, top), (right, bottom), (left, bottom)]
        case "circle":
            return _ellipse(shape["cx"], shape["cy"], shape["r"], shape["r"], 0)
        case "ellipse":
            return _ellipse(shape["cx"], shape["cy"], shape["rx"], shape["ry"], shape.get("theta", 0))
        case other:
            raise ValueError(f"no known shape: {other}")


def _ellipse(x: float, y: float, along: float, across: float, turn: float) -> list[tuple[float, float]]:
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    a, b = along * np.cos(angle), across * np.sin(angle)
    xs, ys = x + a * np.cos(turn) - b * np.sin(turn), y + a * np.sin(turn) + b * np.cos(turn)
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def _listed(regions: Any) -> Iterable[dict[str, Any]]:  # noqa: ANN401
    return regions.values() if isinstance(regions, dict) else regions  # VIA 1 numbers them in a mapping
