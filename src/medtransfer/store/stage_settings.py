"""The settings that each stage reads. `check` writes the hashes of these files, and of the stage's code, into one file.

A stage depends on that file, so it runs again when settings or code change that it reads, and for no other change.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from medtransfer import store
from medtransfer.settings.params import Params
from medtransfer.store import digests, stage_code
from medtransfer.store.artefacts import Artefact

CATALOGUE = (Path("catalog/fidelity.yaml"), Path("catalog/reported.yaml"))  # what only the report reads of it


@dataclass(frozen=True)
class OfStage:
    """The files of the resolved settings that it reads."""

    files: Callable[[Params, str], Iterable[Path]] = lambda params, item: []
    items: Callable[[Params], Sequence[str]] | None = None  # of dvc.yaml, where the files differ between them


def _datasets(params: Params) -> list[str]:
    return [params.dataset, *params.study.other_datasets]


def _models(params: Params) -> Sequence[str]:
    return params.study.models


def _classes(params: Params, item: str = "") -> list[Path]:
    return [store.settings_of_dataset(params.dataset).classes.path]


def _training(params: Params, *models: str) -> list[Path]:
    return [*_classes(params), *(store.settings_of_model(model).model.path for model in models)]


def _all(params: Params, item: str) -> list[Path]:
    written = (path for path in store.SETTINGS.rglob("*.json") if not path.is_relative_to(store.STAGE_INPUTS))
    return [*CATALOGUE, *sorted(written)]


# A stage without a row reads no settings but params.yaml.
READ = {
    "download": OfStage(lambda params, name: [store.settings_of_dataset(name).origin.path], _datasets),
    "prepare": OfStage(lambda params, name: [store.settings_of_dataset(name).decoding.path], _datasets),
    "overlap": OfStage(lambda params, item: [store.datasets_of_sources().path]),
    "source": OfStage(lambda params, name: [store.settings_of_source(name).path], lambda params: params.study.sources),
    "transfer": OfStage(lambda params, item: [store.sources_of_models().path]),
    "features": OfStage(lambda params, name: [store.settings_of_model(name).backbone.path], _models),
    "leakage": OfStage(lambda params, item: [*_classes(params), store.settings_of_leakage().path]),
    "train": OfStage(_training, _models),
    "fractions": OfStage(_training, _models),
    "evaluate": OfStage(_classes),
    "ensemble": OfStage(
        lambda params, name: [*_classes(params), store.members(name).path], lambda params: params.study.ensembles
    ),
    "external": OfStage(
        lambda params, name: [store.settings_of_external(name).path], lambda params: params.study.external
    ),
    "compare": OfStage(lambda params, item: _training(params, *_models(params))),
    "explain": OfStage(_classes),
    "robustness": OfStage(lambda params, item: [*_classes(params), store.settings_of_robustness().path]),
    "report": OfStage(_all),
}


def inputs(params: Params) -> Iterator[tuple[Artefact[dict[str, str]], dict[str, str]]]:
    """For each stage and item: the file that it depends on, and what that holds, SHA-256 by path."""
    for stage in stage_code.stage_names():
        of_stage, code = READ.get(stage, OfStage()), stage_code.code_of(stage)
        for item in [""] if of_stage.items is None else of_stage.items(params):
            settings = {path.as_posix(): digests.of_file(path) for path in of_stage.files(params, item)}
            yield store.stage_inputs(stage, item), settings | code
