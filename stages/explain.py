"""Saliency maps of test images: overlays of right and wrong predictions, and how far heat falls on the lesion."""

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from medtransfer import plotting, store
from medtransfer.command import run
from medtransfer.data.partitions import held_out_rows
from medtransfer.explain.base import enlarged, together
from medtransfer.explain.figures import Case, choose, overlay_grid
from medtransfer.explain.gradcam import GradCAM
from medtransfer.explain.localisation import localise
from medtransfer.explain.saliency import saliency
from medtransfer.models.determinism import make_deterministic
from medtransfer.settings.params import Params


def main(params: Params, dataset: str, model: str) -> None:
    """Explains the predicted class, with the mean heat of the folds, as their mean is the prediction."""
    make_deterministic(params.seed)
    members = store.members(model).read().members if model in params.study.ensembles else [model]
    classes = store.settings_of_dataset(dataset).classes.read()
    held_out = held_out_rows(store.split(dataset).read())
    predictions = store.evaluated(dataset, model).predictions.read()
    actual, predicted = classes.codes(predictions["actual"]), classes.codes(predictions["predicted"])
    confidence = predictions[classes.names].to_numpy().max(axis=1)
    masks = store.prepared(dataset).masks.read()
    shown = choose(actual, predicted, confidence, params.explain.images_per_class)
    outlined = [row for row, id in enumerate(predictions["id"]) if id in masks]
    wanted = np.unique(np.concatenate([*shown.values(), outlined]).astype(int))
    images = store.prepared(dataset).images.read()[held_out[wanted]]
    each = [_heat(dataset, member, images, predicted[wanted]) for member in members]
    heat = dict(zip(wanted.tolist(), together(each), strict=True))
    image = dict(zip(wanted.tolist(), images, strict=True))

    def case(row: int) -> Case:
        names = classes.names[actual[row]], classes.names[predicted[row]]
        smooth = enlarged(heat[row], image[row].shape[:2], smooth=True)
        return Case(image[row], smooth, masks.get(predictions["id"][row]), *names, float(confidence[row]))

    grid = {
        name: ([case(row) for row in shown[label, True]], [case(row) for row in shown[label, False]])
        for label, name in enumerate(classes.names)
    }
    into, asked = store.explained(dataset, model), params.explain
    figure = overlay_grid(grid, asked.images_per_class, f"{GradCAM.name}: {model} on {dataset}", asked.overlay)
    into.figure("gradcam").write(plotting.png(figure))
    right = [row for row in outlined if actual[row] == predicted[row]]
    scores = {"method": GradCAM.name, "map": list(heat[int(wanted[0])].shape)}
    if right:
        outlines = np.stack([masks[predictions["id"][row]] for row in right])
        maps = np.stack([enlarged(heat[row], outlines.shape[1:], smooth=False) for row in right])
        scores |= asdict(found) if (found := localise(maps, outlines)) else {}
    into.localisation.write(scores)
    if members == [model] and store.trained(dataset, model).training.read().pretrained:
        first = [next(iter([*shown[label, True], *shown[label, False]]), None) for label in np.unique(actual)]
        places = np.searchsorted(wanted, [row for row in first if row is not None])
        cases = [case(int(row)) for row in wanted]
        title = f"{model} on {dataset}: what the classifier sees, as the UNet paints it and by its gradient"
        trained = store.trained(dataset, model)
        networks = zip(trained.networks(), trained.autoencoders(), strict=True)
        panels, methods = saliency(networks, cases, predicted[wanted], places, params.seed, title)
        into.figure("saliency").write(plotting.png(panels))
        into.saliency.write({"methods": methods})


def _heat(dataset: str, model: str, images: NDArray, classes: NDArray[np.integer]) -> NDArray[np.float32]:
    """The mean heat of a model's folds, N x h x w."""
    trained, method, heats = store.trained(dataset, model), None, []
    layer = trained.training.read().explained_layer
    for network in trained.networks():
        method = method or GradCAM(network, layer)
        heats.append(method.explain(images, classes))
    return np.mean(heats, axis=0)


if __name__ == "__main__":
    run(main)
