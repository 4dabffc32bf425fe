"""params.yaml and the catalogue (but for reported.yaml, see `load_reported`): read once, checked whole, before all.

`load` is the only reader of these files; what stages depend on of the catalogue, `check` writes. A misspelt key, an
unknown model or data set, or an impossible value raises `UserError` naming the file, the key and what
would be valid.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from medtransfer.settings.base import Strict
from medtransfer.settings.datasets import Dataset, Interpolation
from medtransfer.settings.errors import UserError
from medtransfer.settings.external import check_external
from medtransfer.settings.files import DATASETS, ENSEMBLES, MODELS, PARAMS, known
from medtransfer.settings.messages import complaints
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Ensemble, Recipe
from medtransfer.settings.source_checks import check_sources
from medtransfer.settings.unions import check_unions

Schema = TypeVar("Schema", bound=Strict)


@dataclass(frozen=True)
class Settings:
    """Everything that is configured, checked."""

    params: Params
    datasets: dict[str, Dataset]
    recipes: dict[str, Recipe]
    ensembles: dict[str, Ensemble]

    def dataset(self, name: str) -> Dataset:
        """The catalogue's entry for a data set."""
        return self.datasets[known(name, self.datasets, "data set", DATASETS)]

    def recipe(self, name: str) -> Recipe:
        """The catalogue's recipe for a model."""
        return self.recipes[known(name, self.recipes, "model", MODELS)]

    def ensemble(self, name: str) -> Ensemble:
        """The catalogue's entry for an ensemble."""
        return self.ensembles[known(name, self.ensembles, "ensemble", ENSEMBLES)]

    @property
    def leakage_model(self) -> str | None:
        """The recipe of the leakage experiment; None where `default` finds no recipe with a frozen backbone."""
        named = self.params.leakage.model
        if named != "default":
            return named
        models = [self.params.model, *self.params.study.models]
        return next((name for name in models if name in self.recipes and self.recipes[name].backbone.frozen), None)

    @property
    def frozen_headline(self) -> str | None:
        """The headline model, where its features are stored and nothing else is trained before its head."""
        recipe = self.recipes.get(self.params.model)
        return self.params.model if recipe and recipe.backbone.stored and not recipe.pretraining else None

    def image_size(self, dataset: str) -> int:
        """Pixels a side of the prepared images of a data set."""
        size = self.params.prepare.image_size
        return self.dataset(dataset).image_size if size == "default" else size

    def interpolation(self, dataset: str) -> Interpolation:
        """How the images of a data set are resized to it."""
        named = self.params.prepare.interpolation
        return self.dataset(dataset).interpolation if named == "default" else named


def load_params(root: Path = Path(), file: Path = PARAMS) -> Params:
    """Read and check params.yaml alone, or a study's; what a stage reads of it is named under `params` in dvc.yaml."""
    return _parse(Params, _mapping(root / file), root / file)


def load(root: Path = Path()) -> Settings:
    """Read and check params.yaml and the catalogue under `root`, and that the catalogue has every name in params."""
    params = load_params(root)
    datasets = catalogue(Dataset, root / DATASETS)
    recipes = catalogue(Recipe, root / MODELS)
    ensembles = catalogue(Ensemble, root / ENSEMBLES)
    check_unions(datasets)
    _check_ensembles(params, recipes, ensembles)
    config = Settings(params, datasets, recipes, ensembles)
    for key, name in [("dataset", params.dataset), *(("study.other_datasets", n) for n in params.study.other_datasets)]:
        known(name, datasets, "data set", PARAMS, key)
    for name in params.study.models:
        known(name, recipes, "model", PARAMS, "study.models")
    known(params.model, [*recipes, *ensembles], "model", PARAMS, "model")
    if params.leakage.model != "default":
        known(params.leakage.model, recipes, "model", PARAMS, "leakage.model")
    _check_outputs(config)
    check_sources(params, datasets, recipes)
    check_external(params.dataset, params.study.external, datasets)
    if params.model in ensembles and params.model not in params.study.ensembles:
        raise UserError(
            f"{PARAMS}: model: the ensemble {params.model} is not among study.ensembles; add it there: dvc exp run "
            f"-S model={params.model} -S 'study.ensembles=[{params.model}]'"
        )
    if params.model not in params.study.compared:
        wider = ",".join([*params.study.models, params.model])
        raise UserError(
            f"{PARAMS}: model: the headline model {params.model} is not among study.models "
            f"({', '.join(params.study.models)}); add it there: dvc exp run -S model={params.model} "
            f"-S 'study.models=[{wider}]', or choose one of them"
        )
    return config


def _check_outputs(settings: Settings) -> None:
    """One sigmoid tells two classes apart."""
    dataset = settings.params.dataset
    classes = len(settings.datasets[dataset].classes)
    for name in (*settings.params.study.models, settings.leakage_model):
        if classes != 2 and name and settings.recipes[name].head.output == "sigmoid":
            raise UserError(
                f"{MODELS}: {name}.head.output: one sigmoid tells two classes apart, and {dataset} has {classes}; "
                "write output: softmax, or choose another model or data set"
            )


def _check_ensembles(params: Params, recipes: dict[str, Recipe], ensembles: dict[str, Ensemble]) -> None:
    """Members are recipes; those of the study's ensembles are trained in the study."""
    for name, ensemble in ensembles.items():
        if name in recipes:
            raise UserError(f"{ENSEMBLES}: {name} is the name of a recipe in {MODELS} too; rename one of them")
        for member in ensemble.members:
            known(member, recipes, "model", ENSEMBLES, f"{name}.members")
    for name in params.study.ensembles:
        members = ensembles[known(name, ensembles, "ensemble", PARAMS, "study.ensembles")].members
        if missing := [member for member in members if member not in params.study.models]:
            wider = ",".join([*params.study.models, *missing])
            raise UserError(
                f"{PARAMS}: study.ensembles: {name} has the members {', '.join(missing)}, not among study.models; add "
                f"them: dvc exp run -S 'study.models=[{wider}]', or leave {name} out: -S 'study.ensembles=[]'"
            )


def _mapping(path: Path) -> dict[str, Any]:
    """A YAML file's content, read as YAML 1.2, which is what `dvc exp run -S` writes."""
    try:
        content = YAML(typ="safe").load(path)
    except FileNotFoundError:
        raise UserError(f"{path} is missing; restore it with: git checkout {path}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        where = " ".join(str(error).split())
        raise UserError(f"{path} is not valid YAML: {where}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path} must be a mapping of keys to values, and is {type(content).__name__}")
    return content


def catalogue(schema: type[Schema], path: Path) -> dict[str, Schema]:
    """The entries of a file of the catalogue, each checked."""
    entries = _mapping(path)
    if strange := [str(name) for name in entries if not re.fullmatch(r"[A-Za-z0-9_-]+", str(name))]:
        raise UserError(f"{path}: {strange[0]!r} cannot name an entry: use letters, digits, - and _")
    return {str(name): _parse(schema, entry, path, str(name)) for name, entry in entries.items()}


def _parse(schema: type[Schema], content: Any, path: Path, entry: str | None = None) -> Schema:  # noqa: ANN401
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        raise UserError(f"{path}: {'; '.join(complaints(schema, error.errors(), entry))}") from None
