"""Random changes of training images, as a pure function of images and draws.

Draws follow from seed, epoch and row number, so that a resumed run continues exactly and two
processes agree. All changes of an image are one affine transform: it is interpolated once.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from keras import ops
from numpy.typing import NDArray

from medtransfer.settings.recipes import Augmentation

# A column each, whether it is active or not, so that one parameter's draws stay when another is switched on or off.
DRAWS = (
    *("zoom", "width", "height", "shear", "rotation", "shift_x", "shift_y", "crop_x", "crop_y"),
    *("horizontal_flip", "vertical_flip"),
)


@dataclass(frozen=True)
class Augment:
    """Changes images of one shape (H x W x C), in this order, with u a draw in 0..1:

    1. zoom: a window of 1 + zoom (2u - 1) times the sides is seen, about the centre: below 1 is nearer;
       width, height: stretched to 1 + width (2u - 1) times its width, and so for the height
    2. shear: upright lines lean by shear (2u - 1) degrees, at the top to the left where that is positive
    3. rotation: by rotation (2u - 1) degrees about the centre, counter-clockwise where that is positive
    4. shift: by shift (2u - 1) of the width to the right, and of the height downwards
    5. crop: a window of 1 - crop times the sides, its place from the first edge (u = 0) to the last (u = 1), is
       enlarged to the full size
    6. flips: where u < 0.5

    So draws of 0.5 change nothing, but for a crop, whose window is then in the middle. Pixels from
    outside of the picture repeat its edge (`nearest` of Keras' ImageDataGenerator).
    """

    augmentation: Augmentation
    image_shape: tuple[int, int, int]
    draws: ClassVar[int] = len(DRAWS)

    def uniforms(self, seed: int, epoch: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Draws (N x `draws`, each in 0..1) of N images: of seed, epoch and each one's row number alone."""
        return np.stack([_draws_of(seed, epoch, int(row)) for row in rows])

    def transforms(self, uniforms: Any) -> Any:  # noqa: ANN401
        """N x 8, as keras.ops.image.affine_transform has them: from pixels of the output to those of the input."""
        change = self.augmentation
        draws = ops.convert_to_tensor(uniforms, dtype="float32")
        share = {name: draws[:, column] for column, name in enumerate(DRAWS)}
        swing = {name: 2.0 * value - 1.0 for name, value in share.items()}  # -1..1
        height, width, _ = self.image_shape
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2

        side = 1.0 + change.zoom * swing["zoom"]
        scale_x = side / (1.0 + change.width * swing["width"])
        scale_y = side / (1.0 + change.height * swing["height"])
        slope = ops.tan(np.deg2rad(change.shear) * swing["shear"])
        angle = np.deg2rad(change.rotation) * swing["rotation"]
        # Steps 1 to 3 undone: a point (x, y) from the centre came from (xx x + xy y, yx x + yy y).
        cosine, sine = ops.cos(angle), ops.sin(angle)
        xx, xy = scale_x * (cosine - slope * sine), scale_x * (-sine - slope * cosine)
        yx, yy = scale_y * sine, scale_y * cosine
        # Steps 4 and 5: where the window's centre lies before them.
        x = change.crop * middle_x * swing["crop_x"] - change.shift * width * swing["shift_x"]
        y = change.crop * middle_y * swing["crop_y"] - change.shift * height * swing["shift_y"]
        x, y = xx * x + xy * y, yx * x + yy * y
        # Steps 5 and 6: the window's size, and its mirror images.
        left = (1.0 - change.crop) * _mirror(change.horizontal_flip, share["horizontal_flip"])
        down = (1.0 - change.crop) * _mirror(change.vertical_flip, share["vertical_flip"])
        xx, xy, yx, yy = xx * left, xy * down, yx * left, yy * down
        x = x + middle_x - xx * middle_x - xy * middle_y
        y = y + middle_y - yx * middle_x - yy * middle_y
        return ops.stack([xx, xy, x, yx, yy, y, ops.zeros_like(x), ops.zeros_like(x)], axis=1)

    def __call__(self, images: Any, uniforms: Any) -> Any:  # noqa: ANN401
        """N x H x W x C in 0..255 (integers or floats) to the same shape and range, float32."""
        moved = ops.image.affine_transform(
            ops.cast(ops.convert_to_tensor(images), "float32"),
            self.transforms(uniforms),
            interpolation="bilinear",
            fill_mode="nearest",
            data_format="channels_last",
        )
        # A weighted mean of 255 and 255 may round to more.
        return ops.clip(moved, 0.0, 255.0)


def build_augmentation(augmentation: Augmentation, image_shape: tuple[int, int, int]) -> Augment | None:
    """The augmentation of a recipe, for images H x W x C; None where it changes nothing."""
    return Augment(augmentation, image_shape) if augmentation.active else None


def _draws_of(seed: int, epoch: int, row: int) -> NDArray[np.float32]:
    # As a spawn key, row 0 too differs from the stream of (seed, epoch), which shuffles.
    stream = np.random.SeedSequence([seed, epoch], spawn_key=(row,))
    return np.random.Generator(np.random.PCG64(stream)).random(len(DRAWS), dtype=np.float32)


def _mirror(active: bool, share: Any) -> Any:  # noqa: ANN401
    return ops.where(share < 0.5, -1.0, 1.0) if active else ops.ones_like(share)
