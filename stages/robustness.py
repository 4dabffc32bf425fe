"""Measure what perturbed test images and, of a frozen backbone, other seeds do to the headline model's accuracy."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.evaluation.choices import Choices
from medtransfer.evaluation.development import Development
from medtransfer.evaluation.perturbations import perturbed, variants
from medtransfer.evaluation.robustness import summarise, unperturbed
from medtransfer.models.build import build, head_of
from medtransfer.models.determinism import make_deterministic
from medtransfer.models.fold_outputs import FoldOutputs
from medtransfer.models.predict import softmax
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.settings.resolved import ModelSettings
from medtransfer.store.partitions import held_out_rows, rows
from medtransfer.store.robustness_records import Robustness, Seeds
from medtransfer.training.cache import shared_features
from medtransfer.training.compiled import Task
from medtransfer.training.head_seeds import Examples, outputs_over_seeds

SEEDS, STEP = 3, 1000  # further seeds, far enough apart: a fold adds its number to them
NO_SEEDS = {
    True: "the headline is an ensemble, and each of its members would be trained again",
    False: "the model trains its backbone, so the whole network would be trained again",
}
Probabilities = NDArray[np.float64]  # N x K
Rule = Callable[[Probabilities], NDArray[np.int64]]  # class numbers (N)


def main(params: Params, dataset: str, model: str) -> None:
    """Of the folds' mean probability or of the refit, of an ensemble of its members' mean."""
    make_deterministic(params.seed)
    ensemble, refit = model in params.study.ensembles, params.evaluate.tested == "refit"
    split, classes = store.split(dataset).read(), store.settings_of_dataset(dataset).classes.read()
    held_out = held_out_rows(split)
    test, actual = split.iloc[held_out], classes.codes(split["label"].iloc[held_out])
    images, ids, groups = store.prepared(dataset).images.read()[held_out], list(test["id"]), test["group"].to_numpy()
    members = list(store.trained(dataset, model).members.read()) if ensemble else [model]
    total: dict[tuple[str, float] | None, Probabilities] = defaultdict(lambda: np.zeros((len(ids), len(classes.names))))
    for member in members:
        trained = store.trained(dataset, member)
        outputs = FoldOutputs(trained.networks(refit), trained.training.read().frozen)
        for variant in (None, *variants()):
            shown = perturbed(images, ids, variant, params.seed) if variant else images
            total[variant] += _mean_probability(outputs(shown)) / len(members)
    rule = _rule(dataset, model)
    right = {variant: rule(probabilities) == actual for variant, probabilities in total.items()}
    plain = right.pop(None)
    chosen = store.settings_of_robustness().read().settings
    result = Robustness(
        dataset=dataset,
        model=model,
        refit=refit,
        images=len(ids),
        groups=len(np.unique(groups)),
        plain=unperturbed(plain, groups),
        perturbed=summarise(plain, {variant: each for variant, each in right.items() if variant}, groups),
        seeds=_over_seeds(params, dataset, chosen, rule) if chosen else None,
        seeds_left_out="" if chosen else NO_SEEDS[ensemble],
    )
    store.robustness(dataset, model).write(result)


def _rule(dataset: str, model: str) -> Rule:
    """How the model names classes; the rule reads probabilities at the fitted temperature."""
    development = store.development(dataset, model, Development).read()
    choices = Choices(rule=development.rule, temperature=development.temperature.value)
    return lambda probabilities: choices.rule.predict(choices.calibrated(probabilities))


def _over_seeds(params: Params, dataset: str, chosen: ModelSettings, rule: Rule) -> Seeds:
    """Of the accuracy on the test images; backbone, features and rule are those of the study's own seed."""
    split, classes = store.split(dataset).read(), store.settings_of_dataset(dataset).classes.read()
    images, recipe = store.prepared(dataset).images, chosen.recipe
    features = shared_features(recipe.backbone, images, params.seed).read()
    head = head_of(build(recipe, images.read().shape[1:], len(classes.names), params.seed))
    labels, held_out = classes.codes(split["label"]), held_out_rows(split)
    folds = [rows(split, fold) for fold in range(params.split.trained_folds)]
    seeds = [params.seed + STEP * number for number in range(1, SEEDS + 1)]
    task = Task(classes.code(classes.positive), classes.code(chosen.healthy))
    trained = outputs_over_seeds(head, recipe, Examples(features, labels, folds, held_out), seeds, task)
    right = [rule(_mean_probability(outputs)) == labels[held_out] for outputs in trained]
    accuracies = np.mean(right, axis=1)
    return Seeds(accuracies.tolist(), float(accuracies.mean()), float(accuracies.std(ddof=1)))


def _mean_probability(logits: NDArray[Any]) -> Probabilities:
    """N x K, of logits of folds (folds x N x K)."""
    return np.mean([softmax(of_fold) for of_fold in logits], axis=0)


if __name__ == "__main__":
    run(main)
