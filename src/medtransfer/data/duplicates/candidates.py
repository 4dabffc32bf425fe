"""Pairs of images that may be one picture, by small descriptors in all orientations, some rotations and some crops.

An image is described by 16 x 16 thumbnails of several views, in four frames: its content without borders, rotated; the
edges of the content, rotated; the content, cropped; and all of the image in local contrast, rotated. The views of one
image in every orientation are held against the first view of all others at once, by matrix products. The most alike
are the candidates: few enough to register each.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from medtransfer.data.duplicates.frames import SIDE, Box, border_level, content_box, edges, local_contrast
from medtransfer.store.orientations import ALL, matrix, oriented

ROTATIONS = (0, -10, -5, 5, 10)  # degrees; registration bridges what lies between and a little beyond
STEEP = (-30, -20, 20, 30)  # degrees, of the content alone: some sets hold copies that were rotated this far
SIDES = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))  # left, top, right, bottom
CORNERS = ((1, 1, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1), (1, 0, 0, 1))
CROPS = ((0, 0, 0, 0), *SIDES, *CORNERS, (1, 1, 1, 1))
CROPPED = 0.08  # share of the side that a crop takes
SIGNED = {
    "content": True,
    "edges": False,
    "crops": True,
    "whole": True,
}  # by frame: whether a negative has another sign
MIDDLE, SMALL = 64, 16  # pixels a side of a view, and of its descriptor
CONTRAST = {"radius": 8.0, "floor": 8.0, "blur": 1.0}  # of the whole image, at MIDDLE
ROWS = 256  # images compared with all others at a time
EXCLUDED = -2.0  # less than any correlation
# Correlation of a start, and of a pair's best one, below which they are no candidates. Of 1,925 changed copies of real
# images, none had less than 0.42 from the start that found it, and one less than 0.5 from the best.
LEAST, LEAST_BEST = 0.4, 0.5

View = tuple[NDArray, NDArray[np.float64]]  # pixels, and the 3 x 3 map of the image's pixels to the view's, 128 x 128
Known = dict[bytes, dict[str, list[View]]]  # views by frame, of the thumbnails with these bytes


@dataclass(frozen=True)
class Descriptors:
    """The views of N images, by frame; the first view of a frame is what others are compared with."""

    vectors: dict[str, NDArray[np.float32]]  # N x views x 16 x 16, mean 0 and length 1 each
    maps: dict[str, NDArray[np.float32]]  # N x views x 3 x 3: a pixel of the image to its place in the view, 128 x 128


@dataclass(frozen=True, slots=True)
class Start:
    """How registration of a pair begins."""

    first: int
    second: int
    negative: bool
    map: NDArray[np.float64]  # 3 x 3: a pixel of the first to its place in the second, about


def describe(thumbnails: NDArray[np.uint8], known: Known | None = None) -> Descriptors:
    """Descriptors of N grey thumbnails, N x 128 x 128; those `known` are taken, and the others added there."""
    described = Descriptors({}, {})
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for begin in range(0, len(thumbnails), ROWS):  # what lies between thumbnails and vectors is larger than both
            rows = slice(begin, min(begin + ROWS, len(thumbnails)))
            views = _views_of(thumbnails[rows], {} if known is None else known, pool)
            for frame in SIGNED:
                vectors = _unit(np.stack([[vector for vector, _ in each[frame]] for each in views]))
                maps = np.stack([[map for _, map in each[frame]] for each in views])
                for whole, part in ((described.vectors, vectors), (described.maps, maps)):
                    if frame not in whole:
                        whole[frame] = np.empty((len(thumbnails), *part.shape[1:]), np.float32)
                    whole[frame][rows] = part
    return described


def candidates(
    descriptors: Descriptors,
    most: int,
    apart: NDArray[np.intp],
    sets: NDArray[np.intp] | None = None,
    unlike: bool = False,
) -> list[list[Start]]:
    """For every image its `most` nearest in each frame, without unlike ones and those of its own number in `apart`.

    With `sets`, a number for each image, only pairs of two sets. With `unlike`, unlike ones too, and without a word. A
    list for each pair: its starts, the most alike first.
    """
    nearest: dict[tuple[int, int], dict[str, tuple[float, Start]]] = {}
    for frame in SIGNED:
        for similarity, start in _nearest(descriptors, frame, most, apart, sets, unlike):
            frames = nearest.setdefault((min(start.first, start.second), max(start.first, start.second)), {})
            if frame not in frames or frames[frame][0] < similarity:
                frames[frame] = (similarity, start)
    return [
        [start for _, start in sorted(frames.values(), key=lambda pair: -pair[0])]
        for _, frames in sorted(nearest.items())
        if unlike or max(similarity for similarity, _ in frames.values()) > LEAST_BEST
    ]


def _views_of(thumbnails: NDArray[np.uint8], known: Known, pool: ThreadPoolExecutor) -> list[dict[str, list[View]]]:
    keys = [thumbnail.tobytes() for thumbnail in thumbnails]
    new = {key: row for row, key in enumerate(keys) if key not in known}
    known.update(zip(new, pool.map(_views, thumbnails[list(new.values())]), strict=True))
    return [known[key] for key in keys]


def _views(image: NDArray[np.uint8]) -> dict[str, list[View]]:
    content = [_rotated(image, angle) for angle in ROTATIONS + STEEP]
    boxes = [content_box(rotated) for rotated, _ in content]
    cut = [_cut(rotated, box, turn) for (rotated, turn), box in zip(content, boxes, strict=True)]
    gentle = len(ROTATIONS)
    whole = [_cut(rotated, (0, 0, SIDE, SIDE), turn) for rotated, turn in content[:gentle]]
    left, top, right, bottom = boxes[0]
    steps = [np.array(crop) * CROPPED * ([right - left, bottom - top] * 2) for crop in CROPS]
    crops = [np.rint(boxes[0] + step * [1, 1, -1, -1]).astype(int) for step in steps]
    return {
        "content": _small(cut, lambda view: view.astype(np.float32)),
        "edges": _small(cut[:gentle], lambda view: edges(view.astype(np.float32))),
        "crops": _small([_cut(image, tuple(box), np.eye(3)) for box in crops], lambda view: view.astype(np.float32)),
        "whole": _small(whole, lambda view: local_contrast(view, **CONTRAST)),
    }


def _rotated(image: NDArray[np.uint8], angle: float) -> View:
    """Turned about its middle by degrees; what comes in has the border's level."""
    middle = (SIDE - 1) / 2
    turn = np.vstack([cv2.getRotationMatrix2D((middle, middle), angle, 1), [0, 0, 1]])
    if not angle:
        return image, turn
    return cv2.warpAffine(image, turn[:2], (SIDE, SIDE), borderValue=border_level(image)), turn


def _cut(image: NDArray[np.uint8], box: Box, before: NDArray[np.float64]) -> View:
    """What a box holds, 64 x 64, and the map from the image before to it, scaled to 128 x 128."""
    left, top, right, bottom = box
    cut = cv2.resize(image[top:bottom, left:right], (MIDDLE, MIDDLE), interpolation=cv2.INTER_AREA)
    across, down = SIDE / (right - left), SIDE / (bottom - top)
    return cut, np.array([[across, 0, -left * across], [0, down, -top * down], [0, 0, 1]]) @ before


def _small(views: list[View], seen: Callable[[NDArray], NDArray]) -> list[View]:
    return [(cv2.resize(seen(view), (SMALL, SMALL), interpolation=cv2.INTER_AREA), map) for view, map in views]


def _nearest(
    descriptors: Descriptors,
    frame: str,
    most: int,
    apart: NDArray[np.intp],
    sets: NDArray[np.intp] | None,
    unlike: bool,
) -> Iterator[tuple[float, Start]]:
    """The nearest of every image in one frame, and how near: correlation, of either sign where negatives have one."""
    vectors, signed = descriptors.vectors[frame], SIGNED[frame]
    variants = [(view, orientation) for orientation in ALL for view in range(vectors.shape[1])]

    def block(rows: NDArray[np.intp], compared: NDArray[np.intp], columns: NDArray) -> list[tuple[float, Start]]:
        shape = (len(rows), SMALL * SMALL)
        views = np.stack([oriented(vectors[rows, view], turn).reshape(shape) for view, turn in variants])
        best = np.full((len(rows), len(compared)), -1, np.float32)
        product = np.empty_like(best)
        for view in views:
            np.matmul(view, columns, out=product)
            np.maximum(best, np.abs(product, out=product) if signed else product, out=best)
        best[apart[rows, None] == apart[None, compared]] = EXCLUDED
        count = min(most, len(compared))
        starts = []
        for row, others in enumerate(np.argpartition(-best, count - 1, axis=1)[:, :count]):
            others = np.sort(others[best[row, others] > (EXCLUDED if unlike else LEAST)])
            products = views[:, row] @ columns[:, others]  # variants x others
            chosen = (np.abs(products) if signed else products).argmax(axis=0)
            for place, other in enumerate(compared[others].tolist()):
                value = float(products[chosen[place], place])
                starts.append(
                    (abs(value), _start(descriptors, frame, int(rows[row]), other, variants[chosen[place]], value))
                )
        return starts

    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = list(_blocks(vectors[:, 0].reshape(len(vectors), -1), sets))
        work = tqdm(
            pool.map(lambda part: block(*part), blocks), total=len(blocks), desc=f"compare {frame}", unit="block",
            disable=unlike,
        )  # fmt: skip
        for starts in work:
            yield from starts


def _blocks(
    vectors: NDArray[np.float32], sets: NDArray[np.intp] | None
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]]:
    """Rows to compare at a time, the rows that they are compared with (those of other sets), and these as columns."""
    every = np.arange(len(vectors))
    for number in [None] if sets is None else np.unique(sets):
        rows, compared = (every, every) if sets is None else (every[sets == number], every[sets != number])
        columns = np.ascontiguousarray((vectors if sets is None else vectors[compared]).T)
        for begin in range(0, len(rows) if len(compared) else 0, ROWS):
            yield rows[begin : begin + ROWS], compared, columns


def _start(
    descriptors: Descriptors, frame: str, first: int, second: int, variant: tuple[int, int], value: float
) -> Start:
    view, orientation = variant
    if not SIGNED[frame]:  # the grey levels of the same view tell
        content = descriptors.vectors["content"]
        value = float((oriented(content[first, view], orientation) * content[second, 0]).sum())
    before, after = descriptors.maps[frame][first, view], descriptors.maps[frame][second, 0]
    return Start(first, second, value < 0, np.linalg.inv(after) @ matrix(orientation, SIDE) @ before)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = vectors - vectors.mean(axis=(-2, -1), keepdims=True)
    length = np.sqrt((centred**2).sum(axis=(-2, -1), keepdims=True))
    return (centred / np.maximum(length, 1e-6)).astype(np.float32)
