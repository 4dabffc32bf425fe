"""Random changes of training images, as a pure function of images and draws.

Draws follow from seed, epoch and row number, so that a resumed run continues exactly and two
processes agree. All changes of an image are one affine transform: it is interpolated once.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from keras import ops
from numpy.typing import NDArray

from medtransfer.settings.augmentation import Augmentation

# A column each, whether it is active or not, so that one parameter's draws stay when another is switched on or off. A
# new one comes last: the draws of the others then stay.
DRAWS = (
    *("zoom", "width", "height", "shear", "rotation", "shift_x", "shift_y", "crop_x", "crop_y"),
    *("horizontal_flip", "vertical_flip", "zoom_height", "brightness"),
)


@dataclass(frozen=True)
class Augment:
    """Changes images of one shape (H x W x C), in the order of Keras's ImageDataGenerator, with u a draw in 0..1:

    1. rotation: by rotation (2u - 1) degrees about the centre, counter-clockwise where that is positive
    2. shift: by shift (2u - 1) of the width to the right, and of the height downwards
    3. shear: upright lines lean by shear (2u - 1) degrees, at the top to the left where that is positive
    4. zoom: a window of 1 + zoom (2u - 1) times the sides is seen, about the centre: below 1 is nearer; with
       `zoom_axes: each`, the height has a draw of its own (so in ImageDataGenerator; Keras's RandomZoom: together);
       width, height: stretched to 1 + width (2u - 1) times its width, and so for the height
    5. crop: a window of 1 - crop times the sides, its place from the first edge (u = 0) to the last (u = 1), is
       enlarged to the full size
    6. flips: where u < 0.5
    7. brightness: grey levels times 1 + brightness (2u - 1), at most 255 (ImageDataGenerator: `brightness_range`)

    So draws of 0.5 change nothing, but for a crop, whose window is then in the middle. Pixels from outside of the
    picture repeat its edge (fill: nearest, the default of ImageDataGenerator), mirror it (reflect, the default of
    RandomZoom), or are black (constant).
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
        side_y = 1.0 + change.zoom * swing["zoom_height"] if change.zoom_axes == "each" else side
        scale_x = side / (1.0 + change.width * swing["width"])
        scale_y = side_y / (1.0 + change.height * swing["height"])
        slope = ops.tan(np.deg2rad(change.shear) * swing["shear"])
        angle = np.deg2rad(change.rotation) * swing["rotation"]
        # Steps 1, 3 and 4 undone: a point (x, y) from the centre came from (xx x + xy y, yx x + yy y).
        cosine, sine = ops.cos(angle), ops.sin(angle)
        xx, xy = scale_x * cosine, scale_y * (-sine - slope * cosine)
        yx, yy = scale_x * sine, scale_y * (cosine - slope * sine)
        # Where the centre of step 5's window came from.
        right, below = change.crop * middle_x * swing["crop_x"], change.crop * middle_y * swing["crop_y"]
        shift_x, shift_y = change.shift * width * swing["shift_x"], change.shift * height * swing["shift_y"]
        x = xx * right + xy * below - cosine * shift_x + sine * shift_y
        y = yx * right + yy * below - sine * shift_x - cosine * shift_y
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
            fill_mode=self.augmentation.fill,
            fill_value=0.0,
            data_format="channels_last",
        )
        if brightness := self.augmentation.brightness:
            swing = 2.0 * ops.convert_to_tensor(uniforms, dtype="float32")[:, DRAWS.index("brightness")] - 1.0
            moved = moved * (1.0 + brightness * swing)[:, None, None, None]
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
