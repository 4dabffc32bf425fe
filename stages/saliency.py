"""What `explain` adds for a model with an autoencoder: its picture beside gradient saliency (Rafiq et al. 2022)."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medtransfer import formats, plotting
from medtransfer.explain.base import enlarged
from medtransfer.explain.figures import Case
from medtransfer.explain.gradient import GradientSaliency
from medtransfer.explain.localisation import localise
from medtransfer.explain.panels import panels
from medtransfer.explain.reconstruction import PICTURE, UNTOUCHED, pictures
from medtransfer.settings.load import Settings
from stages.common import fold_models


def autoencoders(settings: Settings, dataset: str, model: str) -> list[Path]:
    """The archives of a model's autoencoders, a fold each; none where its recipe has no pretraining."""
    paths = [path.with_name(path.name.replace("fold", "autoencoder")) for path in fold_models(settings, dataset, model)]
    return [path for path in paths if path.exists()]


def write_saliency(
    settings: Settings,
    dataset: str,
    model: str,
    cases: Sequence[Case],
    classes: NDArray[np.integer],
    shown: NDArray[np.integer],
) -> None:
    """A figure of the cases numbered `shown`, and how far each method's brightness falls on the lesions of the others.

    `classes` are the numbers of the cases' predicted classes. All maps are means over the folds.
    """
    images = np.stack([case.image for case in cases])
    found: list[dict[str, NDArray[np.float32]]] = []
    gradient = None
    networks = formats.read_models(fold_models(settings, dataset, model))
    decoders = formats.read_models(autoencoders(settings, dataset, model))
    for network, decoder in zip(networks, decoders, strict=True):
        gradient = gradient or GradientSaliency(network, "")
        heat = gradient.explain(images, classes)
        found.append(pictures(decoder, network, images, settings.params.seed) | {gradient.name: heat})
    maps = {name: np.mean([fold[name] for fold in found], axis=0) for name in found[0]}
    heat = maps[GradientSaliency.name]
    folder = Path(f"plots/explain/{dataset}/{model}")
    rows = [replace(cases[number], heat=heat[number]) for number in shown]
    painted = {name: found[shown] for name, found in maps.items() if name != GradientSaliency.name}
    title = f"{model} on {dataset}: what the classifier sees, as the UNet paints it and by its gradient"
    plotting.write_png(folder / "saliency.png", panels(rows, painted, title, GradientSaliency.name))
    outlined = [n for n, case in enumerate(cases) if case.mask is not None and case.actual == case.predicted]
    scores = []
    for method in (UNTOUCHED, PICTURE, GradientSaliency.name):
        score = {"method": method, "map": list(maps[method].shape[1:])}
        if outlined:
            outlines = np.stack([mask for n in outlined if (mask := cases[n].mask) is not None])
            sized = np.stack([enlarged(maps[method][n], outlines.shape[1:], smooth=False) for n in outlined])
            score |= asdict(localised) if (localised := localise(sized, outlines)) else {}
        scores.append(score)
    formats.write_json(folder / "saliency.json", {"methods": scores})
