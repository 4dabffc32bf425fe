"""What `explain` adds for a model with an autoencoder: its picture beside gradient saliency (Rafiq et al. 2022)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from medtransfer.explain.base import enlarged
from medtransfer.explain.figures import Case
from medtransfer.explain.gradient import GradientSaliency
from medtransfer.explain.localisation import localise
from medtransfer.explain.panels import panels
from medtransfer.explain.reconstruction import PICTURE, UNTOUCHED, pictures


def saliency(
    networks: Iterable[tuple[keras.Model, keras.Model]],
    cases: Sequence[Case],
    classes: NDArray[np.integer],
    shown: NDArray[np.integer],
    seed: int,
    title: str,
) -> tuple[Figure, list[dict[str, Any]]]:
    """A figure of the cases numbered `shown`, and how far each method's brightness falls on the lesions of the others.

    `networks` are the classifier and the autoencoder of each fold, `classes` the numbers of the cases' predicted
    classes. All maps are means over the folds.
    """
    images = np.stack([case.image for case in cases])
    found: list[dict[str, NDArray[np.float32]]] = []
    gradient = None
    for network, decoder in networks:
        gradient = gradient or GradientSaliency(network, "")
        heat = gradient.explain(images, classes)
        found.append(pictures(decoder, network, images, seed) | {gradient.name: heat})
    maps = {name: np.mean([fold[name] for fold in found], axis=0) for name in found[0]}
    heat = maps[GradientSaliency.name]
    rows = [replace(cases[number], heat=heat[number]) for number in shown]
    painted = {name: found[shown] for name, found in maps.items() if name != GradientSaliency.name}
    figure = panels(rows, painted, title, GradientSaliency.name)
    outlined = [n for n, case in enumerate(cases) if case.mask is not None and case.actual == case.predicted]
    scores = []
    for method in (UNTOUCHED, PICTURE, GradientSaliency.name):
        score = {"method": method, "map": list(maps[method].shape[1:])}
        if outlined:
            outlines = np.stack([mask for n in outlined if (mask := cases[n].mask) is not None])
            sized = np.stack([enlarged(maps[method][n], outlines.shape[1:], smooth=False) for n in outlined])
            score |= asdict(localised) if (localised := localise(sized, outlines)) else {}
        scores.append(score)
    return figure, scores
