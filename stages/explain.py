"""Grad-CAM for test images: overlays of right and wrong predictions, and how far heat falls on the lesion."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medtransfer import formats, plotting
from medtransfer.data.partitions import held_out_rows
from medtransfer.explain.base import enlarged, together
from medtransfer.explain.figures import Case, choose, overlay_grid
from medtransfer.explain.gradcam import GradCAM
from medtransfer.explain.localisation import localise
from medtransfer.models.backend import make_deterministic
from medtransfer.models.build import explained_layer
from medtransfer.settings.load import Settings
from stages.common import fold_models, label_codes, run
from stages.saliency import autoencoders, write_saliency


def main(settings: Settings, dataset: str, model: str) -> None:
    """Explains the predicted class, with the mean heat of the folds, as their mean is the prediction."""
    make_deterministic(settings.params.seed)
    members = settings.ensemble(model).members if model in settings.ensembles else (model,)
    classes = list(settings.dataset(dataset).classes)
    split = formats.read_table(Path(f"data/splits/{dataset}.csv"))
    held_out = held_out_rows(split)
    predictions = formats.read_table(Path(f"plots/evaluate/{dataset}/{model}/predictions.csv"))
    actual = label_codes(settings, dataset, predictions["actual"].to_numpy())
    predicted = label_codes(settings, dataset, predictions["predicted"].to_numpy())
    confidence = predictions[classes].to_numpy().max(axis=1)
    masks = formats.read_masks(Path(f"data/prepared/{dataset}/masks.npz"))
    shown = choose(actual, predicted, confidence, settings.params.explain.images_per_class)
    outlined = [row for row, id in enumerate(predictions["id"]) if id in masks]
    wanted = np.unique(np.concatenate([*shown.values(), outlined]).astype(int))
    images = formats.read_array(Path(f"data/prepared/{dataset}/images.npy"))[held_out[wanted]]
    each = [_heat(settings, dataset, member, images, predicted[wanted]) for member in members]
    heat = dict(zip(wanted.tolist(), together(each), strict=True))
    image = dict(zip(wanted.tolist(), images, strict=True))

    def case(row: int) -> Case:
        names = classes[actual[row]], classes[predicted[row]]
        smooth = enlarged(heat[row], image[row].shape[:2], smooth=True)
        return Case(image[row], smooth, masks.get(predictions["id"][row]), *names, float(confidence[row]))

    grid = {
        name: ([case(row) for row in shown[label, True]], [case(row) for row in shown[label, False]])
        for label, name in enumerate(classes)
    }
    folder = Path(f"plots/explain/{dataset}/{model}")
    asked = settings.params.explain
    figure = overlay_grid(grid, asked.images_per_class, f"{GradCAM.name}: {model} on {dataset}", asked.overlay)
    plotting.write_png(folder / "gradcam.png", figure)
    right = [row for row in outlined if actual[row] == predicted[row]]
    scores = {"method": GradCAM.name, "map": list(heat[int(wanted[0])].shape)}
    if right:
        outlines = np.stack([masks[predictions["id"][row]] for row in right])
        maps = np.stack([enlarged(heat[row], outlines.shape[1:], smooth=False) for row in right])
        scores |= asdict(found) if (found := localise(maps, outlines)) else {}
    formats.write_json(folder / "localisation.json", scores)
    if autoencoders(settings, dataset, model):
        first = [next(iter([*shown[label, True], *shown[label, False]]), None) for label in np.unique(actual)]
        places = np.searchsorted(wanted, [row for row in first if row is not None])
        write_saliency(settings, dataset, model, [case(int(row)) for row in wanted], predicted[wanted], places)


def _heat(
    settings: Settings, dataset: str, model: str, images: NDArray, classes: NDArray[np.integer]
) -> NDArray[np.float32]:
    """The mean heat of a model's folds, N x h x w."""
    method, heats = None, []
    for network in formats.read_models(fold_models(settings, dataset, model)):
        method = method or GradCAM(network, explained_layer(settings.recipe(model)))
        heats.append(method.explain(images, classes))
    return np.mean(heats, axis=0)


if __name__ == "__main__":
    run(main)
