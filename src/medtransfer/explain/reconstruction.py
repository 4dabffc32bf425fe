"""Rafiq et al.'s picture of what a classifier sees (2022, section 4.1.1): its encoder, read by a UNet's old decoder."""

import keras
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.explain.base import Explanation, Maps, scaled
from medtransfer.explain.figures import Style
from medtransfer.explain.gradient import GradientSaliency
from medtransfer.explain.method import Method
from medtransfer.explain.methods import METHODS
from medtransfer.explain.panels import panels
from medtransfer.explain.reading import Fold, View
from medtransfer.explain.sample import Sample
from medtransfer.models.unet import one_side, with_encoder

RECONSTRUCTION = "classifier's encoder, UNet's decoder"
UNTOUCHED = "UNet"
GRADIENT = METHODS["gradient"].title


class UNetReconstruction(Explanation):
    """What four UNets make of an image, beside gradient saliency.

    The trained autoencoder; either of its sides alone, the other being drawn at random; and the one with the
    classifier's encoder in place of its own. Their images are grey, N x h x w, 0..1, and scored by their brightness.
    """

    caption = (
        "What the classifier sees (Rafiq et al. 2022): a test image of each class, with the lesion’s outline where "
        "known; the UNet that was trained to reproduce it; either side of that UNet, the other being random; the "
        "classifier’s encoder read by the UNet’s decoder; and the gradient of the predicted class with respect to the "
        "pixels, of which the brightest hundredth is drawn alike. Means over the folds."
    )

    def __init__(self, method: Method, fold: Fold) -> None:
        super().__init__(method, fold)
        if fold.autoencoder is None:
            raise ValueError(f"{method.title} needs the fold's autoencoder")
        self._networks = {
            UNTOUCHED: fold.autoencoder,
            "left side alone": one_side(fold.autoencoder, "left", fold.seed),
            "right side alone": one_side(fold.autoencoder, "right", fold.seed),
            RECONSTRUCTION: with_encoder(fold.autoencoder, fold.network),
        }

    def explain(self, view: View) -> Maps:
        """The four images, and gradient saliency."""
        images = {title: _grey(network, view.images) for title, network in self._networks.items()}
        return images | {GRADIENT: scaled(GradientSaliency.heat_map(*view.read("pixels")))}

    @classmethod
    def scored(cls, maps: Maps) -> list[str]:
        """The whole UNet's image, for comparison, and the classifier's."""
        return [UNTOUCHED, RECONSTRUCTION]

    @classmethod
    def draw(cls, maps: Maps, sample: Sample, style: Style) -> Figure:
        """A row for an image of each class: the most confident right prediction, else the most confident wrong one."""
        first = [number for shown in sample.shown.values() for number in [*shown.right, *shown.wrong][:1]]
        cases = [sample.cases[number] for number in first]
        title = f"{style.subject}: what the classifier sees, as the UNet paints it and by its gradient"
        return panels(cases, {name: images[first] for name, images in maps.items()}, title)


def _grey(network: keras.Model, images: NDArray) -> NDArray[np.float32]:
    # Called as it is: to compile four networks a fold would take longer than to run them.
    return keras.ops.convert_to_numpy(network(images, training=False)).mean(axis=-1)
