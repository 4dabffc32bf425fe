"""Training images beside drawn views of them."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


def views_of_images(views: NDArray[np.uint8]) -> Figure:
    """A row per image, N x (1 + views) x H x W x 1 or 3; the first of a row is the image as it is."""
    count, across = views.shape[:2]
    figure, axes = plt.subplots(count, across, figsize=(1.3 * across, 1.3 * count + 0.3), squeeze=False)
    for line, row in zip(axes, views, strict=True):
        for axis, view in zip(line, row, strict=True):
            axis.set_axis_off()
            axis.imshow(np.broadcast_to(view, (*view.shape[:2], 3)))
    for number, axis in enumerate(axes[0]):
        axis.set_title(f"view {number}" if number else "as it is", fontsize=9)
    return figure
