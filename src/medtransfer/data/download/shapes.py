"""The embedded source of transfer: grey images of one shape or one texture, made by code from a seed.

A task of another kind than the phantom's: there is no head and no lesion, and the class is what is drawn, wherever it
lies. Each image has a smooth random background and noise; place, size, contrast and turn of what is drawn are random.

The image spans -1 to 1 in x (to the right) and y (down); lengths are in these units, so an image looks the same at any
size. Intensities are floats from 0 to 1 until the last step.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medtransfer.data.download.png_archive import write_pngs

SIZES = (32, 256)  # px; below, the finest stripes fall between the pixels

Floats = NDArray[np.float64]

LEVEL = (0.35, 0.65)  # of the background
SHADING, SHADING_LENGTH = (0.02, 0.08), (0.15, 0.5)  # of the background: standard deviation, and how smooth it is
CONTRAST = (0.18, 0.4)  # intensity of what is drawn less the background's
NOISE = (0.02, 0.06)  # standard deviation
CENTRE = 0.6  # how far from the middle a centre lies at most, in x and in y
RADIUS, STRETCH = (0.14, 0.45), (1.0, 1.5)  # of discs, rings and blobs: half the longer axis; ratio of the axes
WALL = (0.3, 0.5)  # of rings: as a part of the radius
BORDER = 0.04  # width of a sharp border: about one pixel of 64
PATCH = (0.5, 0.9)  # radius of the soft patch that a texture fills
# Cycles from one side of the image to the other.
COARSE_STRIPES, FINE_STRIPES, CHECKERS = (3.0, 5.0), (8.0, 12.0), (2.5, 6.0)
COARSE_GRAIN, FINE_GRAIN = (0.08, 0.12), (0.025, 0.04)  # standard deviation of the blur of white noise


@dataclass(frozen=True)
class Picture:
    """One image: uint8, H x W, 0 (black) to 255."""

    image: NDArray[np.uint8]
    label: str
    number: int


@dataclass(frozen=True)
class Canvas:
    """Every pixel's `x` and `y`, both H x W, and the image's own draws."""

    x: Floats
    y: Floats
    rng: np.random.Generator

    def frame(self) -> tuple[Floats, Floats]:
        """Coordinates along and across a random direction, from a random centre."""
        (right, down), turn = self.rng.uniform(-CENTRE, CENTRE, 2), self.rng.uniform(0, 2 * np.pi)
        x, y = self.x - right, self.y - down
        return np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x

    def field(self, length: float) -> Floats:
        """White noise blurred by `length`, mean 0 and standard deviation 1."""
        noise = ndimage.gaussian_filter(self.rng.normal(size=self.x.shape), length * len(self.x) / 2, mode="wrap")
        return (noise - noise.mean()) / noise.std()


def generate(size: int, images: int, seed: int) -> Iterator[Picture]:
    """Yield `images` images, `size` px wide; the classes take turns, and image k depends on `seed` and k alone."""
    if not SIZES[0] <= size <= SIZES[1]:
        raise ValueError(f"size must lie in {SIZES[0]}..{SIZES[1]} px, not {size}")
    axis = (2 * np.arange(size) + 1) / size - 1
    x, y = np.meshgrid(axis, axis)
    labels = tuple(CLASSES)
    for k in range(images):
        label = labels[k % len(labels)]
        canvas = Canvas(x, y, np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,))))
        yield Picture(_render(canvas, CLASSES[label]), label, k + 1)


def write_archive(pictures: Iterable[Picture], path: Path) -> None:
    """Write `LABEL/NUMBER.png` to a zip; equal pictures give equal bytes."""
    write_pngs(((f"{item.label}/{item.number:05d}.png", item.image) for item in pictures), path)


Drawing = Callable[[Canvas], Floats]  # weights, -1 (darker) to 1 (brighter than the background), H x W


def _render(canvas: Canvas, draw: Drawing) -> NDArray[np.uint8]:
    """A drawing over its background, with noise."""
    rng = canvas.rng
    background = rng.uniform(*LEVEL) + rng.uniform(*SHADING) * canvas.field(rng.uniform(*SHADING_LENGTH))
    scene = background + rng.uniform(*CONTRAST) * draw(canvas)
    scene = scene + rng.normal(0, rng.uniform(*NOISE), scene.shape)
    return np.rint(255 * np.clip(scene, 0, 1)).astype(np.uint8)


def _step(distance: Floats) -> Floats:
    """1 where a signed distance is below 0, 0 above, a ramp between."""
    return np.clip(0.5 - distance / BORDER, 0, 1)


def _away(canvas: Canvas) -> tuple[Floats, float]:
    """How far each pixel lies from the centre of an ellipse, and half its longer axis."""
    along, across = canvas.frame()
    return np.hypot(along, across * canvas.rng.uniform(*STRETCH)), canvas.rng.uniform(*RADIUS)


def _disc(canvas: Canvas, sign: float) -> Floats:
    away, radius = _away(canvas)
    return sign * _step(away - radius)


def _ring(canvas: Canvas, sign: float) -> Floats:
    away, radius = _away(canvas)
    return sign * _step(np.abs(away - radius) - canvas.rng.uniform(*WALL) * radius / 2)


def _blob(canvas: Canvas, sign: float) -> Floats:
    away, radius = _away(canvas)
    return sign * np.exp(-2 * (away / radius) ** 2)


def _edge(canvas: Canvas) -> Floats:
    return _step(canvas.frame()[0]) - 0.5


def _stripes(canvas: Canvas, cycles: tuple[float, float]) -> Floats:
    return _patch(canvas) * np.sin(np.pi * canvas.rng.uniform(*cycles) * canvas.frame()[0])


def _checkers(canvas: Canvas) -> Floats:
    along, across = (np.pi * canvas.rng.uniform(*CHECKERS) * frame for frame in canvas.frame())
    return _patch(canvas) * np.sign(np.sin(along) * np.sin(across))


def _grain(canvas: Canvas, lengths: tuple[float, float]) -> Floats:
    return _patch(canvas) * np.clip(canvas.field(canvas.rng.uniform(*lengths)) / 2, -1, 1)


def _patch(canvas: Canvas) -> Floats:
    """The soft round patch that a texture fills."""
    along, across = canvas.frame()
    return np.clip(2 - 2 * np.hypot(along, across) / canvas.rng.uniform(*PATCH), 0, 1)


CLASSES: dict[str, Drawing] = {
    "bright_blob": partial(_blob, sign=1),
    "bright_disc": partial(_disc, sign=1),
    "bright_ring": partial(_ring, sign=1),
    "checkers": _checkers,
    "dark_blob": partial(_blob, sign=-1),
    "dark_disc": partial(_disc, sign=-1),
    "dark_ring": partial(_ring, sign=-1),
    "edge": _edge,
    "grain_coarse": partial(_grain, lengths=COARSE_GRAIN),
    "grain_fine": partial(_grain, lengths=FINE_GRAIN),
    "stripes_coarse": partial(_stripes, cycles=COARSE_STRIPES),
    "stripes_fine": partial(_stripes, cycles=FINE_STRIPES),
}
