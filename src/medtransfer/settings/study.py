"""Make a paper's study the active one: studies/NAME.yaml becomes params.yaml. Not a DVC stage: `make study`."""

import argparse
import subprocess
import sys
from pathlib import Path

from medtransfer.settings.errors import UserError
from medtransfer.settings.load import PARAMS, load_params
from medtransfer.settings.messages import choices
from medtransfer.settings.params import Params

STUDIES = Path("studies")


def main(name: str) -> None:
    """Copy a study's file, unless that would overwrite what is nowhere else."""
    names = sorted(path.stem for path in STUDIES.glob("*.yaml"))
    if name not in names:
        raise UserError(f"there is no study called {name!r}; {choices(name, names)}: make study STUDY={names[0]}")
    mine = PARAMS.read_bytes()
    kept = any(mine == path.read_bytes() for path in STUDIES.glob("*.yaml")) or _committed()
    if not kept:
        raise UserError(
            f"{PARAMS} has changes of yours that a study would overwrite: commit them, or take them back with "
            f"git checkout {PARAMS}"
        )
    PARAMS.write_bytes((STUDIES / f"{name}.yaml").read_bytes())
    print(f"{PARAMS} is now {STUDIES / name}.yaml")


def study_of(params: Params) -> str | None:
    """The study that `params` are of, on whatever split; None where they are of none."""
    strategy = params.split.strategy
    for path in sorted(STUDIES.glob("*.yaml")):
        split = (study := load_params(file=path)).split
        if params == study.model_copy(update={"split": split.model_copy(update={"strategy": strategy})}):
            return path.stem
    return None


def _committed() -> bool:
    return subprocess.run(["git", "diff", "--quiet", "HEAD", "--", str(PARAMS)], check=False).returncode == 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make a paper's study the active one.")
    parser.add_argument("name", help="of a file in studies/, without .yaml")
    try:
        main(parser.parse_args().name)
    except UserError as error:
        sys.exit(f"\nerror: {error}\n")
