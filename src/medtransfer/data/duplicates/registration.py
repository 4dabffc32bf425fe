"""Whether two images are one picture: one is registered to the other, and their local contrast correlated.

The affine map comes from maximising the enhanced correlation coefficient (Evangelidis and Psarakis 2008, OpenCV's
`findTransformECC`). The heads of two patients match in outline, and hardly in local contrast.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from medtransfer.data.duplicates.candidates import Start
from medtransfer.data.duplicates.frames import SIDE, content_box, local_contrast

cv2.setNumThreads(1)  # pairs are registered in parallel, and OpenCV's own threads wait busily for such small images
COARSE = {"radius": 6.0, "floor": 6.0, "blur": 0.0}  # what is registered
FINE = {"radius": 3.0, "floor": 12.0, "blur": 1.0}  # what is correlated; chosen in docs/near-duplicates.md


@dataclass(frozen=True)
class Step:
    """One of the steps in which a pair is registered, or given up."""

    shrink: int  # the side of the thumbnails over the side of what is registered
    gaussian: int  # pixels of OpenCV's own blur
    iterations: int
    coefficient: float = -1.0  # below which the pair is given up
    similarity: float | None = None  # the same, where it is measured after the step


# Of copies, 199 in 200 have a coefficient of 0.60 after the first step, and of 0.65 and a similarity of 0.76 after the
# second; of other pairs, two in three are given up after the first, which costs a tenth of a millisecond.
STEPS = (Step(4, 3, 3, 0.55), Step(2, 5, 4, 0.58, 0.5), Step(2, 5, 16, similarity=-1.0))
SMALLEST_OVERLAP = 0.15  # share of the first image
MARGIN = 3  # pixels inside a border that are not compared
ZOOM = (0.3, 3.3)  # of the two sides, between which a map is accepted: a wide image may lose half its width as border


def _scale(shrink: int) -> NDArray[np.float64]:
    """3 x 3: a pixel of a shrunk thumbnail to its place in the thumbnail."""
    middle = (shrink - 1) / 2
    return np.array([[shrink, 0, middle], [0, shrink, middle], [0, 0, 1]])


# By how much thumbnails are shrunk: that map, and back.
SCALES = {step.shrink: (_scale(step.shrink), np.linalg.inv(_scale(step.shrink))) for step in STEPS}
NEAR_BORDER = np.ones((5, 5), np.uint8)


@dataclass(frozen=True)
class Prepared:
    """What registration needs of an image."""

    coarse: dict[int, NDArray[np.float32]]  # by how much they are shrunk: 64 x 64, 32 x 32
    fine: NDArray[np.float32]  # 128 x 128
    inside: NDArray[np.float32]  # 128 x 128, 1 inside the content's box


@dataclass(frozen=True)
class Registered:
    """A pair, one laid over the other."""

    similarity: float  # correlation of local contrast, -1 to 1
    negative: bool
    map: NDArray[np.float64]  # 3 x 3: a pixel of the first to its place in the second


def prepared(image: NDArray[np.uint8]) -> Prepared:
    """A grey thumbnail of 128 x 128, ready for registration."""
    contrast = local_contrast(image, **COARSE)
    coarse = {
        step.shrink: cv2.resize(contrast, (SIDE // step.shrink,) * 2, interpolation=cv2.INTER_AREA) for step in STEPS
    }
    left, top, right, bottom = content_box(image)
    inside = np.zeros((SIDE, SIDE), np.float32)
    rows = slice(top + MARGIN * (top > 0), bottom - MARGIN * (bottom < SIDE))
    inside[rows, left + MARGIN * (left > 0) : right - MARGIN * (right < SIDE)] = 1
    return Prepared(coarse, local_contrast(image, **FINE), inside)


def register(first: Prepared, second: Prepared, start: Start, least: float = -1.0) -> Registered | None:
    """Lay the second image over the first, from a first guess on; None where they do not fit at all.

    Also where the similarity is below `least`, after the second step or at the end: the last step changes it little.
    """
    sign = -1.0 if start.negative else 1.0
    map, similarity = start.map, -1.0
    for step in STEPS:
        criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, step.iterations, 1e-4)
        images = first.coarse[step.shrink], sign * second.coarse[step.shrink]
        scale, shrunk = SCALES[step.shrink]
        small = (shrunk @ map @ scale)[:2].astype(np.float32)
        try:
            coefficient, small = cv2.findTransformECC(*images, small, cv2.MOTION_AFFINE, criteria, None, step.gaussian)
        except cv2.error:  # it does not converge
            return None
        if coefficient < step.coefficient:
            return None
        map = scale @ np.vstack([small, [0, 0, 1]]) @ shrunk
        zoom = np.linalg.svd(map[:2, :2], compute_uv=False)
        if zoom[1] < ZOOM[0] or zoom[0] > ZOOM[1]:
            return None
        if step.similarity is not None:
            similarity = _correlation(first, second, map, sign)
            if similarity < max(step.similarity, least):
                return None
    return Registered(similarity, start.negative, map)


def _correlation(first: Prepared, second: Prepared, map: NDArray[np.float64], sign: float) -> float:
    """Correlation of local contrast where both have content; -1 where they hardly overlap."""

    def laid_over(image: NDArray[np.float32]) -> NDArray[np.float32]:
        return cv2.warpAffine(
            image, map[:2].astype(np.float32), (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )

    both = (laid_over(second.inside) > 0.99) & (first.inside > 0)
    both = cv2.erode(both.astype(np.uint8), NEAR_BORDER, borderValue=0).astype(bool)
    if both.mean() < SMALLEST_OVERLAP:
        return -1.0
    a, b = first.fine[both], sign * laid_over(second.fine)[both]
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / max(np.sqrt((a * a).sum() * (b * b).sum()), 1e-6))
