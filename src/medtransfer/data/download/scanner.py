"""What a scanner makes of the phantom's tissue: contrast, coil shading, blur, sampling and noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]

MIN_BLUR = 0.4  # px


@dataclass(frozen=True)
class Scanner:
    """How images are acquired. `acquire` is the only thing in which two scanners differ."""

    noise: tuple[float, float]  # lowest and highest standard deviation of each channel
    bias: float  # standard deviation of the coil's shading, relative
    blur: float  # standard deviation as a part of the image's width
    gamma: float = 1.0  # exponent of the tissue's intensity: below 1, dark tissue is brighter and the contrast flatter
    sampling: float = 1.0  # samples a side for each pixel of the image, which is interpolated from them

    def acquire(self, scene: Floats, shading: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
        """A scene (H x W, 0 to about 1) under a shading (H x W, mean 0, variance 1) as an image, 0..255.

        Noise is Rician: the length of a noisy complex signal.
        """
        lit = np.maximum(scene, 0) ** self.gamma * (1 + self.bias * shading)
        signal = ndimage.gaussian_filter(lit, max(MIN_BLUR, self.blur * len(scene)))
        if self.sampling != 1:
            signal = _resized(signal, round(self.sampling * len(scene)))
        real, imaginary = rng.normal(0, rng.uniform(*self.noise), (2, *signal.shape))
        sampled = np.hypot(signal + real, imaginary)
        image = sampled if self.sampling == 1 else _resized(sampled, len(scene))
        return np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)


def _resized(image: Floats, size: int) -> Floats:
    return np.asarray(ndimage.zoom(image, size / len(image), order=3, mode="nearest", grid_mode=True), dtype=np.float64)


SCANNERS = {
    "first": Scanner(noise=(0.012, 0.03), bias=0.07, blur=0.008),
    "second": Scanner(noise=(0.03, 0.06), bias=0.14, blur=0.008, gamma=0.9, sampling=0.75),
}
