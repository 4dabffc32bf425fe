"""Whether the sources that recipes name exist, fit, and are among those of the study."""

from collections.abc import Mapping

from medtransfer.settings.datasets import Dataset
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import DATASETS, MODELS, PARAMS, known
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.sources import SourceWeights


def sources_of(recipes: Mapping[str, Recipe]) -> dict[str, SourceWeights]:
    """Every source that a recipe of the catalogue starts from, by its name; raises UserError where two have one."""
    sources: dict[str, SourceWeights] = {}
    for name, recipe in recipes.items():
        source = recipe.backbone.source
        if source and sources.setdefault(source.name, source) != source:
            raise UserError(
                f"{MODELS}: {name}.backbone.weights: two sources have the name {source.name}; rename a recipe or a "
                "data set"
            )
    return sources


def check_sources(params: Params, datasets: Mapping[str, Dataset], recipes: Mapping[str, Recipe]) -> None:
    """Raise UserError where a recipe names an impossible source, or the study lacks one that a model starts from."""
    for name, recipe in recipes.items():
        if recipe.backbone.source:
            _check_recipe(name, recipe, recipe.backbone.source, datasets, recipes)
    every = sources_of(recipes)
    for name in params.study.sources:
        if not every:
            raise UserError(f"{PARAMS}: study.sources: no recipe in {MODELS} starts from a source; write sources: []")
        _check_datasets(every[known(name, every, "source", PARAMS, "study.sources")], name, params, datasets)
    leakage = [params.leakage.model] if params.leakage.model in recipes else []
    for model in [*params.study.models, *leakage]:
        source = recipes[model].backbone.source
        if source and source.name not in params.study.sources:
            sources = _added(params.study.sources, (source.name,))
            others = _added(params.study.other_datasets, source.dataset)
            raise UserError(
                f"{PARAMS}: study.sources: {model} starts from {source.name}, which is not among them; add it: "
                f"-S 'study.sources=[{sources}]' -S 'study.other_datasets=[{others}]'"
            )


def _check_recipe(
    name: str, recipe: Recipe, source: SourceWeights, datasets: Mapping[str, Dataset], recipes: Mapping[str, Recipe]
) -> None:
    key, own = f"{name}.backbone.weights", recipe.backbone
    for dataset in source.dataset:
        known(dataset, datasets, "data set", MODELS, f"{key}.dataset")
    there = recipes[known(source.model, recipes, "model", MODELS, f"{key}.model")]
    where = f"{MODELS}: {key}.model: {source.model}"
    if there.backbone.source:
        raise UserError(f"{where} starts from another source itself; name a recipe whose weights are null or imagenet")
    if there.backbone.frozen:
        raise UserError(f"{where} has a frozen backbone, which learns nothing from a source; name one that trains it")
    for part in ("architecture", "alpha", "preprocessing"):
        this, that = getattr(own, part), getattr(there.backbone, part)
        if this != that:
            raise UserError(
                f"{where} has the {part} {that} and {name} has {this}, so its weights do not fit; name a recipe of "
                f"the same {part}"
            )
    classes = sum(len(datasets[dataset].classes) for dataset in source.dataset)
    if there.head.output == "sigmoid" and classes != 2:
        raise UserError(f"{where} ends in one sigmoid, and the source has {classes} classes; name one with a softmax")


def _check_datasets(source: SourceWeights, name: str, params: Params, datasets: Mapping[str, Dataset]) -> None:
    where, others = f"{PARAMS}: study.sources: {name} is trained on", params.study.other_datasets
    if params.dataset in source.dataset:
        raise UserError(f"{where} {params.dataset}, the active data set, all of which it would leave out; remove it")
    if both := [dataset for dataset in source.dataset if dataset in params.study.external]:
        raise UserError(f"{where} {both[0]}, which study.external names as never seen; remove it from one of the two")
    if missing := [dataset for dataset in source.dataset if dataset not in others]:
        raise UserError(
            f"{where} {missing[0]}, which is not among study.other_datasets; add it: "
            f"-S 'study.other_datasets=[{_added(others, missing)}]'"
        )
    size = params.prepare.image_size
    sizes = {dataset: datasets[dataset].image_size if size == "default" else size for dataset in source.dataset}
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{dataset} at {pixels}" for dataset, pixels in sizes.items())
        raise UserError(
            f"{where} images of several sizes ({listed} pixels a side, by {DATASETS}); set prepare.image_size to one "
            "size for all"
        )


def _added(names: tuple[str, ...], more: tuple[str, ...] | list[str]) -> str:
    return ",".join(dict.fromkeys([*names, *more]))
