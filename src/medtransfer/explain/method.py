"""A row of METHODS."""

from dataclasses import dataclass
from typing import Literal

Place = Literal["feature map", "pixels"]


@dataclass(frozen=True)
class Method:
    """What is to be known of a method before it is loaded."""

    title: str
    implementation: str  # module:class, a subclass of `explain.base.Explanation`
    reads: Place  # where it looks: the recipe's explained layer, or the image
    source: str
    autoencoder: bool = False  # whether it needs the autoencoder that each fold was pretrained with
