"""Record the active study of transfer, and write docs/transfer.md. Not a DVC stage: `make transfer`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from medtransfer import store
from medtransfer.comparison.by_architecture import compare_by_architecture
from medtransfer.comparison.detectable import detectable_on_images
from medtransfer.comparison.learning_curves import LearningCurves
from medtransfer.comparison.significance import LEVEL, told_apart
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.report.leakage import COPIES
from medtransfer.report.recipe import recipe_in_words
from medtransfer.report.transfer_page import PREFIX, write_page
from medtransfer.report.transfer_results import (
    QUESTIONS,
    ModelResult,
    PairResult,
    Part,
    SourceResult,
    TransferResult,
    trained_in_words,
    weights_in_words,
)
from medtransfer.settings.command import run
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import load_params
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.study import STUDIES
from medtransfer.store.external_records import Bounded, External
from medtransfer.store.partitions import DEVELOPMENT, held_out_rows
from medtransfer.store.records import Evaluation

KEPT = ("accuracy", "roc_auc")  # of external scores


def main(params: Params) -> None:
    """Record the active study, where it is one of transfer that has run, and write the page."""
    files = sorted(STUDIES.glob(f"{PREFIX}*.yaml"))
    study = next((path.stem for path in files if load_params(file=path) == params), None)
    if study is None:
        names = [path.stem for path in files] or [f"{PREFIX}NAME"]
        raise UserError(f"params.yaml is none of {', '.join(names)}: run make study STUDY={names[0]} first")
    result = recorded(study, params)
    artefact = store.transfer_result(study, TransferResult)
    artefact.write(result)
    print(f"{artefact.path}: {len(result.models)} models on {result.test.images} test images of {result.dataset}")
    write_page()


def recorded(study: str, params: Params) -> TransferResult:
    """What the page needs of the artefacts of the active study; raises UserError where they are of another one."""
    dataset, models = params.dataset, params.study.models
    curves: LearningCurves = store.learning_curves(dataset, LearningCurves).read()
    compared: HeldOutResults = store.held_out_comparison(dataset, HeldOutResults).read()
    shares = [each.fraction for each in curves.fractions]
    if set(compared.accuracy) != set(params.study.compared) or shares != list(params.study.fractions):
        raise UserError(
            f"the results of {dataset} that lie here are of another study: run make study STUDY={study} first"
        )
    split = store.split(dataset).read()
    development = split[split["partition"] == DEVELOPMENT]
    counts = store.leakage(dataset).read()["strategies"][params.split.strategy]
    recipes = {name: store.settings_of_model(name).model.read().recipe for name in models}
    left_out = store.left_out_of_sources().read() if params.study.sources else {}
    versions = [store.trained(dataset, name).training.read().software for name in models]
    return TransferResult(
        study=study,
        dataset=dataset,
        title=store.settings_of_dataset(dataset).card.read().title,
        image_size=store.prepared(dataset).images.read().shape[1],
        strategy=params.split.strategy,
        folds=params.split.folds,
        development=Part(len(development), development["group"].nunique()),
        test=Part(compared.images, compared.groups),
        copies=sum(counts[kind] for kind in COPIES),
        sources=[_source(name, left_out[name]) for name in params.study.sources],
        models={name: _model(recipe, store.metrics(dataset, name).read()) for name, recipe in recipes.items()},
        pairs=_pairs(dataset, recipes),
        curves=curves,
        external=[_external(store.external(dataset, name).read(), recipes) for name in params.study.external],
        software={name: version for of_model in versions for name, version in of_model.items()},
    )


def _model(recipe: Recipe, evaluation: Evaluation) -> ModelResult:
    intervals = evaluation.test.intervals
    ends = intervals.values.get("accuracy") if intervals else None
    accuracy = Bounded(evaluation.test.values["accuracy"], ends and ends.low, ends and ends.high)
    words = (weights_in_words(recipe), trained_in_words(recipe), recipe_in_words(recipe))
    return ModelResult(recipe.backbone.architecture, *words, accuracy)


def _source(name: str, left_out: Mapping[str, Any]) -> SourceResult:
    rows, settings = store.source_rows(name).read(), store.settings_of_source(name).read()
    validation = store.source_model(name).validation.read()
    logits = validation.filter(like="logit: ")
    predicted = logits.columns.str.removeprefix("logit: ").to_numpy()[logits.to_numpy().argmax(axis=1)]
    copies: dict[str, dict[str, int]] = {}
    for of_targets in left_out["datasets"].values():
        for target, counted in of_targets.items():
            known = copies.setdefault(target, dict.fromkeys(COPIES, 0))
            copies[target] = {kind: known[kind] + counted[kind] for kind in COPIES}
    return SourceResult(
        name=name,
        datasets=list(settings.datasets),
        recipe=recipe_in_words(settings.recipe),
        classes=rows["label"].nunique(),
        images=len(rows),
        copies=copies,
        left_out=sum(left_out["left_out"].values()),
        trained=int((rows["partition"] == DEVELOPMENT).sum()),
        validated=len(validation),
        accuracy=float((predicted == validation["actual"]).mean()),
    )


def _pairs(dataset: str, recipes: Mapping[str, Recipe]) -> list[PairResult]:
    """Of every question that the recipes allow, as the stage `compare` does."""
    split = store.split(dataset).read()
    groups = split.iloc[held_out_rows(split)]["group"].to_numpy()
    tables = {name: store.evaluated(dataset, name).predictions.read() for name in recipes}
    right = {name: (table["actual"] == table["predicted"]).to_numpy(np.bool_) for name, table in tables.items()}
    pairs = []
    for question in compare_by_architecture(recipes, right, groups, QUESTIONS):
        for pair in question.pairs:
            a, b, difference = pair.models.a, pair.models.b, pair.accuracy.difference
            level = LEVEL / len(question.pairs)
            seen = detectable_on_images(right[a], right[b], groups, level).difference
            apart = told_apart(difference.low, difference.high, pair.holm_p)
            pairs.append(PairResult(question.contrast, a, b, difference, pair.holm_p, apart, seen, pair.models.also))
    return pairs


def _external(record: External, recipes: Mapping[str, Recipe]) -> External:
    """Without ensembles, and with few scores."""
    models = [
        replace(model, internal=_few(model.internal), external=_few(model.external), drop=_few(model.drop))
        for model in record.models
        if model.model in recipes
    ]
    return replace(record, models=models)


def _few(scores: Mapping[str, Bounded]) -> dict[str, Bounded]:
    return {key: scores[key] for key in KEPT}


if __name__ == "__main__":
    run(main)
