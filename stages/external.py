"""Score every model of the study on an external data set, without copies of the images that it was trained on."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.data.prepare.fitted import fitted
from medtransfer.data.split.external import ExternalImages, external_images, refuse_too_few
from medtransfer.data.split.shared import shared_kinds
from medtransfer.evaluation.choices import Choices
from medtransfer.evaluation.development import Development
from medtransfer.evaluation.external import Labels, drops, sample, scored
from medtransfer.models.determinism import make_deterministic
from medtransfer.models.fold_outputs import FoldOutputs
from medtransfer.models.predict import softmax
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.settings.resolved import Classes
from medtransfer.store.external_records import External, ScoredOutside
from medtransfer.store.partitions import DEVELOPMENT, TEST

AT_ONCE = 512  # images in memory at the models' size
Probabilities = NDArray[np.float64]  # N x K


def main(params: Params, dataset: str, external: str) -> None:
    """Internal scores are of the predictions that `evaluate` and `ensemble` have left, over the common labels."""
    make_deterministic(params.seed)
    mapping, split = store.settings_of_external(external).read(), store.split(dataset).read()
    test, groups = split[split["partition"] == TEST], split.set_index("id")["group"]
    index = store.prepared(external).index.read()
    labels = index["label"].map(mapping.external)
    images = _images(params, dataset, external)
    refuse_too_few(external, dataset, labels, mapping.labels.names, images)
    actual = mapping.labels.codes(labels.iloc[images.rows])
    onto, models = Labels.of(mapping.own, mapping.labels.names), []
    for model, probabilities in _probabilities(params, dataset, external, images.rows).items():
        development = store.development(dataset, model, Development).read()
        how = Choices(rule=development.rule, temperature=development.temperature.value)
        here = store.evaluated(dataset, model).predictions.read()
        own = mapping.labels.codes(here["actual"].map(mapping.own))
        held_out = sample(own, here[list(mapping.own)].to_numpy(), groups[here["id"]].to_numpy(), onto, how)
        inside, outside = scored(held_out), scored(sample(actual, probabilities, images.groups, onto, how))
        models.append(ScoredOutside(model, inside, outside, drops(inside, outside), how.temperature))
        print(f"{model}: accuracy {inside['accuracy'].value:.3f}, on {external} {outside['accuracy'].value:.3f}")
    store.external(dataset, external).write(
        External(
            dataset=dataset,
            external=external,
            labels=mapping.labels.names,
            own=mapping.own,
            mapped=mapping.external,
            prepared=len(index),
            exact=images.copied.exact,
            near=images.copied.near,
            turned=images.copied.turned,
            joined=images.joined,
            images=_counted(mapping.labels, actual),
            groups=len(np.unique(images.groups)),
            internal_images=len(test),
            internal_groups=test["group"].nunique(),
            tested=params.evaluate.tested,
            models=models,
        )
    )


def _images(params: Params, dataset: str, external: str) -> ExternalImages:
    """Those without a copy among the images that models are trained on: the development rows of the split.

    Sources have left out their copies of all external images before.
    """
    trained_on = (store.split(dataset).read()["partition"] == DEVELOPMENT).to_numpy()
    kinds = shared_kinds(store.shared_pictures(dataset, external).read(), external, trained_on)
    prepared = store.prepared(external)
    return external_images(prepared.index.read(), prepared.thumbnails.read()[..., 0], kinds, params.duplicates)


def _probabilities(params: Params, dataset: str, external: str, rows: NDArray[np.intp]) -> Mapping[str, Probabilities]:
    """Of the folds' mean or of the refit, by model; of an ensemble, its members' mean."""
    images, shape = store.prepared(external).images.read(), store.prepared(dataset).images.read().shape[1:]
    refit, probabilities = params.evaluate.tested == "refit", {}
    for model in params.study.models:
        trained = store.trained(dataset, model)
        outputs = FoldOutputs(trained.networks(refit), trained.training.read().frozen)
        parts = [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]
        logits = np.concatenate([outputs(fitted(images[part], shape)) for part in parts], axis=1)
        probabilities[model] = np.mean([softmax(of_fold) for of_fold in logits], axis=0)
    for ensemble in params.study.ensembles:
        members = store.trained(dataset, ensemble).members.read()
        probabilities[ensemble] = np.mean([probabilities[member] for member in members], axis=0)
    return probabilities


def _counted(labels: Classes, codes: NDArray[np.int64]) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(labels.names))
    return dict(zip(labels.names, counts.tolist(), strict=True))


if __name__ == "__main__":
    run(main)
