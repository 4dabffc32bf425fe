"""Hold out a test set and build folds, no patient and no duplicate torn apart."""

from pathlib import Path

from medtransfer import artefacts
from medtransfer.config import Config
from medtransfer.data.duplicates import groups
from medtransfer.data.split import split
from stages.common import run


def main(settings: Config, dataset: str) -> None:
    """The split of a data set, as a file."""
    index = artefacts.read_table(Path(f"data/prepared/{dataset}/index.csv"))
    choice = settings.params.split
    table = split(index, groups(index), choice.test_fraction, choice.folds, settings.params.seed)
    artefacts.write_table(Path(f"data/splits/{dataset}.csv"), table)
    print(table.groupby(["label", "partition", "fold"]).size().unstack([1, 2]).to_string())


if __name__ == "__main__":
    run(main)
