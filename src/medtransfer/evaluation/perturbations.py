"""PERTURBATIONS: changes of an image that should not change what it shows, one row each, at three strengths.

To add one, add its function and its row. The changes are those of Hendrycks and Dietterich (2019), as far as a scan
may have them; their strengths are this project's own.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # H x W x C, C is 1 or 3
Change = Callable[[Image, float, np.random.Generator], NDArray]  # grey levels of an image of the same shape, unrounded


@dataclass(frozen=True)
class Perturbation:
    """One kind of change."""

    title: str
    strengths: tuple[float, float, float]  # from mild to strong
    unit: str  # a strength in words, with its unit
    change: Change


def in_words(variant: tuple[str, float]) -> str:
    """A perturbation's title and one of its strengths."""
    key, strength = variant
    return f"{PERTURBATIONS[key].title} ({PERTURBATIONS[key].unit.format(strength)})"


def variants() -> Iterator[tuple[str, float]]:
    """Every perturbation's key with each of its strengths."""
    for key, perturbation in PERTURBATIONS.items():
        for strength in perturbation.strengths:
            yield key, strength


def perturbed(images: NDArray[np.uint8], ids: Sequence[str], variant: tuple[str, float], seed: int) -> NDArray:
    """N x H x W x C images, uint8, changed by a perturbation (its key) at a strength.

    What is random of an image follows from seed, perturbation and id, so neither other images nor their order matter,
    and a stronger variant is the same change, stronger.
    """
    key, strength = variant
    change = PERTURBATIONS[key].change
    out = np.empty_like(images)
    for row, (image, id) in enumerate(zip(images, ids, strict=True)):
        changed = change(image, strength, _generator(seed, key, id)).reshape(image.shape)
        out[row] = np.clip(np.rint(changed), 0, 255)
    return out


def _generator(seed: int, key: str, id: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed} {key} {id}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def _noise(image: Image, strength: float, random: np.random.Generator) -> NDArray:
    """The same for all channels: a grey image stays grey."""
    return image + strength * random.standard_normal((*image.shape[:2], 1))


def _blur(image: Image, strength: float, _: np.random.Generator) -> NDArray:
    return cv2.GaussianBlur(image.astype(np.float32), (0, 0), strength / 100 * max(image.shape[:2]))


def _contrast(image: Image, strength: float, _: np.random.Generator) -> NDArray:
    mean = image.mean()
    return mean + (image - mean) * strength / 100


def _jpeg(image: Image, strength: float, _: np.random.Generator) -> NDArray:
    colour = image.shape[2] == 3
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(strength)]
    coded = cv2.imencode(".jpg", image[:, :, ::-1] if colour else image, quality)[1]  # OpenCV's colours are BGR
    decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE))
    return decoded[:, :, ::-1] if colour else decoded


def _rotation(image: Image, strength: float, random: np.random.Generator) -> NDArray:
    """About the centre, one way or the other; the corners continue the border."""
    height, width = image.shape[:2]
    angle = strength * random.choice((-1, 1))
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    return cv2.warpAffine(image.astype(np.float32), turn, (width, height), borderMode=cv2.BORDER_REPLICATE)


PERTURBATIONS: dict[str, Perturbation] = {
    "noise": Perturbation("Gaussian noise", (5, 15, 30), "s.d. {:g} grey levels", _noise),
    "blur": Perturbation("Gaussian blur", (0.75, 1.5, 3), "s.d. {:g} % of the side", _blur),
    "contrast": Perturbation("lower contrast", (75, 50, 25), "{:g} % of it left", _contrast),
    "jpeg": Perturbation("JPEG", (50, 25, 10), "quality {:g} of 100", _jpeg),
    "rotation": Perturbation("rotation", (5, 10, 20), "{:g}°, one way or the other", _rotation),
}
