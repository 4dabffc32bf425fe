"""The part of a recipe that says how training images vary."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from medtransfer.settings.base import Strict

Share = Annotated[float, Field(ge=0, lt=1)]


def _count_or_fresh(value: Any) -> Any:  # noqa: ANN401
    if value != "fresh" and (isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 64):
        raise ValueError(f"{value!r} is neither a number of views from 1 to 64 nor fresh")
    return value


class Augmentation(Strict):
    """Random changes of training images, each drawn evenly from its range. 0 or false: none."""

    zoom: Share = 0.0  # in or out by up to this share
    zoom_axes: Literal["together", "each"] = "together"  # each: the width and the height have a draw each
    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0  # degrees either way
    shift: Share = 0.0  # share of the width and of the height, either way
    shear: Annotated[float, Field(ge=0, lt=90)] = 0.0  # degrees either way
    width: Share = 0.0  # stretched or squeezed by up to this share
    height: Share = 0.0
    crop: Share = 0.0  # share of the sides that a random window leaves out
    horizontal_flip: bool = False
    vertical_flip: bool = False
    brightness: Share = 0.0  # brighter or darker by up to this share of each grey level
    fill: Literal["nearest", "reflect", "constant"] = "nearest"  # what is outside of the picture; constant: black
    # Of a frozen backbone: changed copies whose features are stored; fresh: it runs in every epoch, on new changes.
    views: Annotated[int | Literal["fresh"], BeforeValidator(_count_or_fresh)] = 4

    @property
    def active(self) -> bool:
        """Whether any change is possible."""
        return any(value for name, value in self if name not in ("zoom_axes", "fill", "views"))

    @property
    def uncovers(self) -> bool:
        """Whether a change can show what is outside of the picture."""
        return any((self.zoom, self.rotation, self.shift, self.shear, self.width, self.height))

    @property
    def stored_views(self) -> int:
        """The number of changed copies of each image whose features are stored, beside those of the plain image."""
        return self.views if self.active and self.views != "fresh" else 0
