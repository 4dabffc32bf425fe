"""What explanation methods share: a method is a small class that makes maps of what one fold's network reads."""

import pkgutil
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.explain.figures import Style, overlay_grid
from medtransfer.explain.method import Method
from medtransfer.explain.reading import Fold, View
from medtransfer.explain.sample import Sample

Maps = dict[str, NDArray[np.floating]]  # N x h x w, 0..1, by title


class Explanation(ABC):
    """A method, bound to one fold of a model; its row in METHODS says what it reads."""

    caption: ClassVar[str]  # what `draw` shows, in words; {title} stands for the method's

    def __init__(self, method: Method, fold: Fold) -> None:
        self.method, self.fold = method, fold

    @abstractmethod
    def explain(self, view: View) -> Maps:
        """Maps of a batch of N images: under the same titles, and of the same size, in every fold."""

    @classmethod
    def scored(cls, maps: Maps) -> list[str]:
        """Titles of the maps that are held against lesion masks."""
        return list(maps)

    @classmethod
    @abstractmethod
    def draw(cls, maps: Maps, sample: Sample, style: Style) -> Figure:
        """The method's figure, of maps that are means over folds (N x h x w each, N as in the sample)."""


class HeatMap(Explanation):
    """A method with one map an image: how much each place speaks for the class. Subclasses override `heat_map`."""

    caption = (
        "{title} of the predicted class over test images: the most confident right and wrong predictions of each class "
        "(a row each). The lesion’s outline, where known, is white; in figures with white contour lines it is orange "
        "and dashed. Below each: the predicted class and its probability. The mean over the tested networks."
    )

    @staticmethod
    @abstractmethod
    def heat_map(maps: NDArray[np.float32], gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """N x h x w, at least 0, from what the method reads and the logit's gradient there (both N x h x w x C)."""

    def explain(self, view: View) -> Maps:
        """The heat maps of each image's class, scaled to a maximum of 1; a map of nothing stays all zero."""
        return {self.method.title: scaled(self.heat_map(*view.read(self.method.reads)))}

    @classmethod
    def draw(cls, maps: Maps, sample: Sample, style: Style) -> Figure:
        """The maps over the images that the sample shows."""
        [(title, heat_maps)] = maps.items()
        return overlay_grid(sample, heat_maps, f"{title}: {style.subject}", style)


def implementation_of(method: Method) -> type[Explanation]:
    """The class of a row of METHODS."""
    return pkgutil.resolve_name(method.implementation)


def scaled(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps (N x h x w, at least 0), each divided by its maximum; a map of zeros stays one."""
    peak = maps.max(axis=(1, 2), keepdims=True)
    return np.divide(maps, peak, out=np.zeros_like(maps), where=peak > 0)
