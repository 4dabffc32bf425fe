"""Let several models vote: the mean of their probabilities, evaluated like any model's."""

from pathlib import Path

import pandas as pd

from medtransfer import formats
from medtransfer.data.partitions import held_out_rows
from medtransfer.evaluation.summary import soft_vote
from medtransfer.settings.load import Settings
from stages.common import run
from stages.evaluation import write_evaluation


def main(settings: Settings, dataset: str, ensemble: str) -> None:
    """A soft vote, fold by fold: members of one fold were trained on the same images."""
    classes = list(settings.dataset(dataset).classes)
    members = settings.ensemble(ensemble).members
    folders = [Path(f"data/predictions/{dataset}/{member}") for member in members]
    votes = soft_vote([formats.read_table(folder / "probabilities.csv") for folder in folders], classes)
    history = pd.concat([formats.read_table(folder / "history.csv") for folder in folders])
    split = formats.read_table(Path(f"data/splits/{dataset}.csv"))
    formats.write_table(Path(f"models/{dataset}/{ensemble}/history.csv"), history)
    write_evaluation(settings, dataset, ensemble, split.iloc[held_out_rows(split)], votes)


if __name__ == "__main__":
    run(main)
