"""The part of a picture that is compared: its content without uniform borders, as local contrast."""

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 128  # pixels of a thumbnail
TOLERANCE = 20  # grey levels by which content differs from the border
COVERED = 0.03  # share of a row or column that must differ
SMALLEST = 32  # pixels a side that are left at least
ROUNDS = 3  # a white frame around a black background has two borders
BLURRED = 1  # pixels inside a border that resizing has mixed with it

Box = tuple[int, int, int, int]  # left, top, right, bottom


def border_level(image: NDArray) -> float:
    """The median of the outermost pixels."""
    return float(np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])))


def content_box(image: NDArray[np.uint8]) -> Box:
    """The part of a grey image inside its uniform borders, of any level."""
    left, top, right, bottom = 0, 0, image.shape[1], image.shape[0]
    for _ in range(ROUNDS):
        inside = image[top:bottom, left:right]
        differs = np.abs(inside.astype(np.float32) - border_level(inside)) > TOLERANCE
        rows, columns = (np.flatnonzero(differs.mean(axis=axis) > COVERED) for axis in (1, 0))
        if len(rows) < SMALLEST or len(columns) < SMALLEST:
            break
        cut = (columns[0], rows[0], inside.shape[1] - 1 - columns[-1], inside.shape[0] - 1 - rows[-1])
        if not any(cut):
            break
        more = [int(side) + BLURRED * bool(side) for side in cut]
        left, top, right, bottom = left + more[0], top + more[1], right - more[2], bottom - more[3]
    return left, top, right, bottom


def local_contrast(image: NDArray[np.uint8], radius: float, floor: float, blur: float) -> NDArray[np.float32]:
    """Each pixel's difference from its surroundings, over the standard deviation there plus `floor` grey levels.

    It hardly changes with brightness, contrast, gamma or histogram equalisation. `radius` and `blur` are the
    standard deviations, in pixels, of the surroundings and of a blur before.
    """
    pixels = image.astype(np.float32)
    if blur:
        pixels = cv2.GaussianBlur(pixels, (0, 0), blur)
    difference = pixels - cv2.GaussianBlur(pixels, (0, 0), radius)
    spread = np.sqrt(cv2.GaussianBlur(difference * difference, (0, 0), radius))
    return difference / (spread + floor)


def edges(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The square root of the gradient's magnitude: the same of an image and its negative."""
    smooth = cv2.GaussianBlur(image, (0, 0), 1.5)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    return np.sqrt(np.hypot(across, down))
