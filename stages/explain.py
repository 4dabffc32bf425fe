"""Saliency maps of test images: a figure of each method, and how far its maps fall on the lesion."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.evaluation.localisation import score
from medtransfer.explain.chosen import drawn_images, named_images
from medtransfer.explain.figures import Style
from medtransfer.explain.grids import cell_by_cell
from medtransfer.explain.methods import applicable
from medtransfer.explain.reading import Folds
from medtransfer.explain.run import compared_maps, explained, mean_maps, mean_of_members
from medtransfer.explain.sample import Sample, Wanted, draw_sample
from medtransfer.models.determinism import make_deterministic
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store.partitions import held_out_rows
from medtransfer.store.records import MethodScores
from medtransfer.store.trained import Trained


def main(params: Params, dataset: str, model: str) -> None:
    """Explains the predicted class by the mean map of the folds, as their mean is the prediction."""
    make_deterministic(params.seed)
    options = params.explain
    of_ensemble = model in params.study.ensembles
    members = list(store.trained(dataset, model).members.read()) if of_ensemble else [model]
    trained = [store.trained(dataset, member) for member in members]
    methods = applicable(options.methods, all(each.training.read().pretrained for each in trained))
    if skipped := [key for key in options.methods if key not in methods]:
        whose = "not every member has one" if len(members) > 1 else "the model has none"
        print(f"{model}: {', '.join(skipped)} left out: it needs an autoencoder, and {whose}")
    split = store.split(dataset).read()
    held_out = held_out_rows(split)
    predictions = store.evaluated(dataset, model).predictions.read()
    predictions = predictions.assign(group=split["group"].to_numpy()[held_out])
    classes, masks = store.settings_of_dataset(dataset).classes.read(), store.prepared(dataset).masks.read()
    drawn = drawn_images(predictions, classes.names, masks, params.seed)
    wanted = Wanted(options.images_per_class, named_images(split, held_out, options.images) or drawn)
    images = store.prepared(dataset).images.read()
    sample = draw_sample(predictions, classes, images, held_out, masks, wanted)
    refit = params.evaluate.tested == "refit"
    maps = [mean_maps(_folds(each, refit, params.seed), methods, sample.images, sample.classes) for each in trained]
    style = Style(f"{model} on {dataset}", options.images_per_class, options.overlay)
    mean = mean_of_members(maps)
    results, outputs = explained(methods, mean, sample, style), store.explained(dataset, model)
    for key, result in results.items():
        outputs.figure(key).write(result.figure)
    outputs.captions.write({key: result.caption for key, result in results.items()})
    scored = {(key, title): mean[key][title] for key, result in results.items() for title in result.scored}
    outputs.scores.write([_score(method, title, maps, sample) for (method, title), maps in scored.items()])
    of_compared = [sample.cases[number] for number in sample.compared]
    columns = {name: [getattr(case, name) for case in of_compared] for name in ("actual", "predicted", "probability")}
    outputs.compared.write(pd.DataFrame({"id": list(wanted.compared)} | columns))
    outputs.compared_maps.write(compared_maps(methods, mean, sample))


def _score(method: str, title: str, maps: NDArray[np.floating], sample: Sample) -> MethodScores:
    """Of N maps of the sample's images (N x h x w), those on images with a lesion."""
    (height, width), lesions, size = maps.shape[1:], sample.lesions, sample.lesions.masks.shape[1:]
    large = cell_by_cell(maps[lesions.numbers], (size[0], size[1]))
    return score(method, title, (height, width), large, lesions.masks, lesions.groups)


def _folds(trained: Trained, refit: bool, seed: int) -> Folds:
    """Whose maps are explained: of the networks that are tested."""
    training = trained.training.read()
    return Folds(trained.networks(refit), trained.autoencoders(refit), training.explained_layer, training.frozen, seed)


if __name__ == "__main__":
    run(main)
