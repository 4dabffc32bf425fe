"""Made-up slices with texture of their own, and what people do to pictures before they publish them."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SIZE = 200
Change = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


@cache
def made_up_slice(seed: int) -> NDArray[np.uint8]:
    """A bright, textured oval on black, 200 x 200: each seed has an outline and a texture of its own."""
    rng = np.random.default_rng(seed)
    y, x = (np.mgrid[:SIZE, :SIZE] - SIZE / 2) / (SIZE / 2)
    angle = np.arctan2(y, x)
    waves = sum(rng.normal(0, 0.02) * np.cos(k * angle + rng.uniform(0, 6)) for k in range(1, 6))
    inside = np.hypot(x / rng.uniform(0.6, 0.75), y / rng.uniform(0.7, 0.85)) < 1 + waves
    texture = sum(
        weight * ndimage.gaussian_filter(rng.normal(size=(SIZE, SIZE)), sigma) * sigma
        for sigma, weight in ((4, 1.0), (9, 1.2), (20, 1.0))
    )
    levels = 120 + 60 * texture / np.std(texture)
    return np.where(inside, np.clip(levels, 30, 255), 0).astype(np.uint8)


def _moved(angle: float = 0, zoom: float = 1, shift: float = 0) -> Change:
    def change(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        map = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), angle, zoom)
        map[:, 2] += shift * SIZE
        return cv2.warpAffine(image, map, (SIZE, SIZE))

    return change


def _saved_again(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_GRAYSCALE), np.uint8
    )


CHANGES: dict[str, Change] = {
    "unchanged": lambda image: image,
    "saved again": _saved_again,
    "smaller": lambda image: cv2.resize(image, (90, 90), interpolation=cv2.INTER_AREA),
    "wider": lambda image: cv2.resize(image, (240, 200)),
    "darker": lambda image: (255 * (image / 255.0) ** 1.6).astype(np.uint8),
    "equalised": lambda image: cv2.equalizeHist(image),
    "blurred": lambda image: cv2.GaussianBlur(image, (0, 0), 1.5),
    "negative": lambda image: 255 - image,
    "framed": lambda image: cv2.copyMakeBorder(image, 20, 20, 20, 20, cv2.BORDER_CONSTANT, value=255),
    "cropped": lambda image: image[8:188, 14:194],
    "shifted": _moved(shift=0.05),
    "rotated": _moved(angle=9),
    "tilted": _moved(angle=27),
    "zoomed": _moved(zoom=1.1),
}
