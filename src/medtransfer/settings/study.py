"""Make a paper's study the active one: studies/NAME.yaml becomes params.yaml. Not a DVC stage: `make study`.

A paper with several data sets has a study for each, named PAPER-DATASET; the paper's name stands for all of them.
"""

import argparse
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from medtransfer.settings.errors import UserError
from medtransfer.settings.files import PARAMS
from medtransfer.settings.load import load_params
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.messages import choices, closest
from medtransfer.settings.params import Params
from medtransfer.settings.reported import Reported

STUDIES = Path("studies")


def main(name: str) -> None:
    """Copy a study's file, unless that would overwrite what is nowhere else."""
    if name not in (names := study_names()):
        raise _unknown(name, names, "study")
    study = STUDIES / f"{name}.yaml"
    mine = PARAMS.read_bytes()
    kept = any(mine == path.read_bytes() for path in STUDIES.glob("*.yaml")) or _committed()
    if not kept:
        raise UserError(
            f"{PARAMS} has changes of yours that a study would overwrite: commit them, or take them back with "
            f"git checkout {PARAMS}"
        )
    PARAMS.write_bytes(study.read_bytes())
    print(f"{PARAMS} is now {study}")


def study_of(params: Params) -> str | None:
    """The study that `params` are of, on whatever split; None where they are of none."""
    strategy = params.split.strategy
    for path in sorted(STUDIES.glob("*.yaml")):
        split = (study := load_params(file=path)).split
        if params == study.model_copy(update={"split": split.model_copy(update={"strategy": strategy})}):
            return path.stem
    return None


def study_names() -> list[str]:
    """Every study that has a file."""
    return sorted(path.stem for path in STUDIES.glob("*.yaml"))


def families(names: Collection[str], papers: Mapping[str, Reported]) -> dict[str, dict[str, str]]:
    """Papers whose data sets have a study each: by paper, each data set's study, in the paper's order."""
    by_paper = {}
    for paper, reported in papers.items():
        studies = {dataset: f"{paper}-{dataset}" for dataset in reported.datasets if f"{paper}-{dataset}" in names}
        if studies and paper not in names:
            by_paper[paper] = studies
    return by_paper


def meant(name: str, names: Collection[str], papers: Mapping[str, Reported], target: str = "study") -> list[str]:
    """The studies that a name stands for: itself, or all of a paper; UserError where it is neither.

    `target` is the one of make that was given the name.
    """
    every = families(names, papers)
    if name in every:
        return list(every[name].values())
    if name not in names:
        raise _unknown(name, [*names, *every], target)
    return [name]


def _unknown(name: str, valid: Sequence[str], target: str) -> UserError:
    example = closest(name, valid) or valid[0]
    return UserError(f"there is no study called {name!r}; {choices(name, valid)}: make {target} STUDY={example}")


def _committed() -> bool:
    return subprocess.run(["git", "diff", "--quiet", "HEAD", "--", str(PARAMS)], check=False).returncode == 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make a paper's study the active one.")
    parser.add_argument("name", help="of a file in studies/, without .yaml")
    parser.add_argument(
        "--list", action="store_true", help="print the studies that the name stands for, and change none"
    )
    arguments = parser.parse_args()
    try:
        if arguments.list:
            print(*meant(arguments.name, study_names(), load_reported()), sep="\n")
        else:
            main(arguments.name)
    except UserError as error:
        sys.exit(f"\nerror: {error}\n")
