"""The kinds of change whose recall is measured, each made of the grey pixels of an image at its own size."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medtransfer.store.orientations import NAMES, oriented

Pixels = NDArray[np.uint8]
DARK, FEW = 20, 0.02  # grey levels of a border, and the share of a row that may be brighter


@dataclass(frozen=True)
class Change:
    """One kind of change, and the share of changed images that the search should find."""

    name: str
    goal: float | None
    make: Callable[[Pixels, np.random.Generator], Pixels]
    turned: bool = True  # whether it is also tried in another orientation


def _unchanged(image: Pixels, _: np.random.Generator) -> Pixels:
    return image


def _orient(image: Pixels, _: np.random.Generator, orientation: int) -> Pixels:
    return oriented(image, orientation)


def _jpeg(image: Pixels, _: np.random.Generator, quality: int) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def _resize(image: Pixels, _: np.random.Generator, width: float, height: float) -> Pixels:
    """To factors of the sides, or to a number of pixels where that is larger than any factor."""
    sides = [round(to if to > 10 else side * to) for side, to in zip(image.shape[::-1], (width, height), strict=True)]
    return np.asarray(Image.fromarray(image).resize((sides[0], sides[1]), Image.Resampling.BICUBIC))


def _levels(image: Pixels, _: np.random.Generator, factor: float, added: float) -> Pixels:
    return _rounded(image * np.float32(factor) + added)


def _contrast(image: Pixels, _: np.random.Generator, factor: float) -> Pixels:
    mean = image.mean()
    return _rounded((image - mean) * factor + mean)


def _gamma(image: Pixels, _: np.random.Generator, exponent: float) -> Pixels:
    return _rounded(255 * (np.arange(256) / 255) ** exponent)[image]


def _clip(image: Pixels, _: np.random.Generator, low: float, high: float) -> Pixels:
    """Stretched so that two percentiles become 0 and 255."""
    bottom, top = np.percentile(image, [low, high])
    return _rounded((image - bottom) * (255 / max(top - bottom, 1)))


def _equalise(image: Pixels, _: np.random.Generator) -> Pixels:
    return cv2.equalizeHist(image)


def _clahe(image: Pixels, _: np.random.Generator) -> Pixels:
    return cv2.createCLAHE(3, (8, 8)).apply(image)


def _sharpen(image: Pixels, _: np.random.Generator) -> Pixels:
    pixels = image.astype(np.float32)
    return _rounded(2 * pixels - cv2.GaussianBlur(pixels, (0, 0), 2))


def _blur(image: Pixels, _: np.random.Generator) -> Pixels:
    return cv2.GaussianBlur(image, (0, 0), max(image.shape) / 150)


def _noise(image: Pixels, rng: np.random.Generator, deviation: float) -> Pixels:
    return _rounded(image + deviation * rng.standard_normal(image.shape, np.float32))


def _negative(image: Pixels, _: np.random.Generator) -> Pixels:
    return 255 - image


def _border(image: Pixels, _: np.random.Generator, share: float, level: int) -> Pixels:
    """A border that is a share of the image's side wide."""
    down, across = (round(side * share) for side in image.shape)
    return cv2.copyMakeBorder(image, down, down, across, across, cv2.BORDER_CONSTANT, value=level)


def _trim(image: Pixels, _: np.random.Generator) -> Pixels:
    """Without its dark border, as scripts for brain MRI cut it off."""
    bright = image > DARK
    rows, columns = (np.flatnonzero(bright.mean(axis=axis) > FEW) for axis in (1, 0))
    if len(rows) < 2 or len(columns) < 2:
        return image
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _crop(image: Pixels, rng: np.random.Generator, share: float) -> Pixels:
    """Without a share of its height and width, wherever the rest lies."""
    kept = [round(side * (1 - share)) for side in image.shape]
    top, left = (int(rng.integers(side - rest + 1)) for side, rest in zip(image.shape, kept, strict=True))
    return image[top : top + kept[0], left : left + kept[1]]


def _move(image: Pixels, rng: np.random.Generator, degrees: float = 0, zoom: float = 1, shift: float = 0) -> Pixels:
    """Turned either way, zoomed about the middle and moved along both sides, in the old frame; black comes in."""
    height, width = image.shape
    way, across, down = rng.choice([-1, 1], 3)
    map = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), float(way * degrees), zoom)
    map[:, 2] += across * shift * width, down * shift * height
    return cv2.warpAffine(image, map, (width, height), flags=cv2.INTER_LINEAR, borderValue=0)


def _rounded(values: NDArray) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


CHANGES = (
    Change("unchanged", 0.99, _unchanged, turned=False),
    *(
        Change(name, 0.99, partial(_orient, orientation=number), turned=False)
        for number, name in enumerate(NAMES)
        if number
    ),
    *(Change(f"JPEG, quality {quality}", 0.99, partial(_jpeg, quality=quality)) for quality in (90, 70, 50, 30)),
    Change("resized × 0.5", 0.99, partial(_resize, width=0.5, height=0.5)),
    Change("resized × 1.5", 0.99, partial(_resize, width=1.5, height=1.5)),
    Change("resized to 224 × 224", 0.99, partial(_resize, width=224, height=224)),
    Change("width × 1.2", 0.99, partial(_resize, width=1.2, height=1)),
    Change("width × 0.8", 0.99, partial(_resize, width=0.8, height=1)),
    Change("brightness + 30 levels", 0.99, partial(_levels, factor=1, added=30)),
    Change("brightness - 30 levels", 0.99, partial(_levels, factor=1, added=-30)),
    Change("brightness × 1.3", 0.99, partial(_levels, factor=1.3, added=0)),
    Change("contrast × 1.5", 0.99, partial(_contrast, factor=1.5)),
    Change("contrast × 0.6", 0.99, partial(_contrast, factor=0.6)),
    Change("gamma 0.6", 0.99, partial(_gamma, exponent=0.6)),
    Change("gamma 1.6", 0.99, partial(_gamma, exponent=1.6)),
    Change("sharpened", 0.99, _sharpen),
    Change("blurred, sigma side / 150", 0.99, _blur),
    Change("noise, sigma 12 levels", 0.99, partial(_noise, deviation=12)),
    Change("negative", 0.99, _negative),
    Change("clipped at percentiles 2 and 97", None, partial(_clip, low=2, high=97)),
    Change("histogram equalised", None, _equalise),
    Change("CLAHE, limit 3, 8 × 8 tiles", None, _clahe),
    Change("border of 5 %, black", 0.95, partial(_border, share=0.05, level=0)),
    Change("border of 10 %, black", 0.95, partial(_border, share=0.1, level=0)),
    Change("border of 10 %, white", 0.95, partial(_border, share=0.1, level=255)),
    Change("border removed", 0.95, _trim),
    Change("cropped by 5 %", 0.95, partial(_crop, share=0.05)),
    Change("cropped by 10 %", 0.85, partial(_crop, share=0.1)),
    Change("shifted by 2 %", 0.95, partial(_move, shift=0.02)),
    Change("shifted by 5 %", 0.95, partial(_move, shift=0.05)),
    Change("rotated by 2°", 0.95, partial(_move, degrees=2)),
    Change("rotated by 5°", 0.95, partial(_move, degrees=5)),
    Change("rotated by 10°", 0.85, partial(_move, degrees=10)),
    Change("rotated by 15°", 0.85, partial(_move, degrees=15)),
    Change("zoomed by + 5 %", 0.95, partial(_move, zoom=1.05)),
    Change("zoomed by + 10 %", 0.85, partial(_move, zoom=1.1)),
    Change("zoomed by - 10 %", 0.85, partial(_move, zoom=0.9)),
)
