"""Prepared images in the shape of another data set's, which is the shape of its models' input."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def fitted(images: NDArray[np.uint8], shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """N x h x w x c images (c = 1 or 3) as N x H x W x C, the `shape`: resized by Pillow's bilinear filter.

    Colour becomes grey by ITU-R 601-2 luma; grey becomes colour with three equal channels.
    """
    height, width, channels = shape
    if images.shape[1:] == shape:
        return np.asarray(images)
    mode = "L" if channels == 1 else "RGB"
    result = np.empty((len(images), *shape), np.uint8)
    for number, image in enumerate(images):
        picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).convert(mode)
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        result[number] = np.asarray(picture).reshape(shape)
    return result
