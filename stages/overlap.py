"""Count the images that data sets share: all that have been prepared here, each against each."""

from dataclasses import asdict
from itertools import permutations
from pathlib import Path

from medtransfer import artefacts
from medtransfer.config import Config
from medtransfer.data.leakage import overlap
from medtransfer.errors import UserError
from stages.common import run


def main(settings: Config) -> None:
    """So that nobody takes one set for an external test of another that repeats its images."""
    indexes = {
        path.parent.name: artefacts.read_table(path) for path in sorted(Path("data/prepared").glob("*/index.csv"))
    }
    for name, index in indexes.items():
        if not {"sha256", "phash"} <= set(index.columns):
            raise UserError(
                f"data/prepared/{name} was made by an older version: make it anew with "
                f"dvc exp run -S dataset={name} prepare@{name}, or remove the folder"
            )
    distance = settings.params.split.twin_distance
    pairs = [
        {"dataset": a, "other": b} | asdict(overlap(indexes[a], indexes[b], distance))
        for a, b in permutations(indexes, 2)
    ]
    artefacts.write_json(Path("metrics/overlap.json"), {"twin_distance": distance, "pairs": pairs})
    for pair in pairs:
        print(f"{pair['dataset']}: {pair['exact']} exact and {pair['near']} near twins in {pair['other']}")


if __name__ == "__main__":
    run(main)
