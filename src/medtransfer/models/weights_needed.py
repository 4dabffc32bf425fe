"""Which files of weights each study needs, and which are there: make weights, or make weights STUDY=jardim2024.

The list of all studies succeeds whatever is there. With STUDY, the exit status is 1 where a file of that study is
missing or wrong, so that a script can ask before it runs the study.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from medtransfer.models import imagenet
from medtransfer.models.imagenet import ImageNetFile
from medtransfer.models.registry import WEIGHTS
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import MODELS, PARAMS, known
from medtransfer.settings.load import catalogue, load_params
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.source_checks import sources_of
from medtransfer.settings.study import STUDIES, meant, study_names

PRESENT, MISSING, WRONG = "present", "missing", "wrong hash"
NOT_HDF5 = "no HDF5 file"
UNKNOWN = "none known"


@dataclass(frozen=True)
class Needed:
    """A file that recipes start from."""

    of: str  # the architecture, with its width if it has several
    name: str
    path: Path | None  # where it is; None where it is not
    keras: ImageNetFile | None  # what Keras knows of it; None of a file of the user's own

    @property
    def state(self) -> str:
        """Present, missing, or there and not what Keras fetches: another hash, or, where it knows none, no HDF5."""
        if self.path is None:
            return MISSING
        if self.keras is None or imagenet.matches(self.path, self.keras.hash):
            return PRESENT
        return WRONG if self.keras.hash else NOT_HDF5

    @property
    def size(self) -> str:
        """Of the file, in MB; where it is not there, about what its parameters take."""
        if self.path is not None:
            return f"{self.path.stat().st_size / 1e6:.1f} MB"
        return f"about {self.keras.megabytes:.0f} MB" if self.keras else "unknown"

    @property
    def hash(self) -> str:
        """What Keras knows."""
        known = self.keras.hash if self.keras else None
        return f"{self.keras.algorithm} {known}" if self.keras and known else UNKNOWN

    @property
    def advice(self) -> str | None:
        """What to do, in a sentence; None where nothing is."""
        if self.state == PRESENT:
            return None
        if self.path is not None and self.keras is not None:
            return imagenet.damaged(self.path, self.keras.hash, self.keras.address)
        if self.keras is None:
            return f"{self.of}: {self.name} is missing; it is a file of your own: put it there"
        folders = f"{WEIGHTS}/ or {imagenet.keras_folder()}/"
        return f"{self.of}: {self.name} is missing; download {self.keras.address} and put it into {folders}"


def needed(recipe: Recipe) -> Needed | None:
    """The file that a recipe starts from; None where its weights are random, or those of a source."""
    backbone = recipe.backbone
    if backbone.weights is None or not isinstance(backbone.weights, str):
        return None
    if backbone.weights != "imagenet":
        path = Path(backbone.weights)
        return Needed(backbone.architecture, str(path), path if path.is_file() else None, None)
    file = imagenet.imagenet_file(backbone)
    return Needed(imagenet.key(backbone.architecture, backbone.alpha), file.name, imagenet.find(file.name), file)


def of_study(params: Params, recipes: Mapping[str, Recipe]) -> dict[str, Needed]:
    """The files of a study's models, and of the recipe of its leakage experiment, by their names."""
    models = [*params.study.models] + ([] if params.leakage.model == "default" else [params.leakage.model])
    every = sources_of(recipes)
    models += [every[known(name, every, "source", PARAMS, "study.sources")].model for name in params.study.sources]
    files = (needed(recipes[known(name, recipes, "model", MODELS)]) for name in models)
    return {file.name: file for file in files if file}


def report(studies: Mapping[str, Mapping[str, Needed]]) -> str:
    """What each study needs; each file's size, hash and place; and a sentence on each that is missing."""
    files = {name: file for study in studies.values() for name, file in study.items()}
    states = {name: file.state for name, file in files.items()}
    lines = [f"Looked in {WEIGHTS}/ and then in {imagenet.keras_folder()}/ (KERAS_HOME chooses the latter).", ""]
    lines += [f"{study}: {_in_words(of.values(), states)}" for study, of in studies.items()]
    if not files:
        return "\n".join(lines)
    columns = {
        "of": [file.of for file in files.values()],
        "state": list(states.values()),
        "size": [file.size for file in files.values()],
        "hash": [file.hash for file in files.values()],
        "file": [str(file.path or name) for name, file in files.items()],
    }
    lines += ["", pd.DataFrame(columns).to_string(index=False), ""]
    advice = [sentence for file in files.values() if (sentence := file.advice)]
    return "\n".join([*lines, *(advice or ["Every file is there: these studies need no internet for their weights."])])


def main(name: str = "") -> bool:
    """Print it for one study, or for the active one and all of `studies/`; returns whether every file is there."""
    recipes = catalogue(Recipe, MODELS)
    studies = meant(name, study_names(), load_reported(), "weights") if name else study_names()
    paths = [*([] if name else [PARAMS]), *(STUDIES / f"{study}.yaml" for study in studies)]
    files = {_title(path): of_study(load_params(file=path), recipes) for path in paths}
    print(report(files))
    return all(file.state == PRESENT for study in files.values() for file in study.values())


def _title(path: Path) -> str:
    return f"{path} (the active study)" if path == PARAMS else path.stem


def _in_words(files: Iterable[Needed], states: Mapping[str, str]) -> str:
    return "; ".join(f"{file.of} ({states[file.name]})" for file in files) or "no file, as all weights are random"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Which files of weights each study needs, and which are there.")
    parser.add_argument("study", nargs="?", default="", help="of a file in studies/, without .yaml; all if left out")
    study = parser.parse_args().study
    try:
        there = main(study)
    except UserError as error:
        sys.exit(f"\nerror: {error}\n")
    sys.exit(1 if study and not there else 0)
