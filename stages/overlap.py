"""Count the images that data sets share: the active one and the others of the study, each against each."""

from dataclasses import asdict
from itertools import permutations
from pathlib import Path

from medtransfer import artefacts
from medtransfer.config import Config
from medtransfer.data.leakage import overlap
from stages.common import run


def main(settings: Config) -> None:
    """So that nobody takes one set for an external test of another that repeats its images."""
    names = [settings.params.dataset, *settings.params.study.other_datasets]
    indexes = {name: artefacts.read_table(Path(f"data/prepared/{name}/index.csv")) for name in names}
    distance = settings.params.split.twin_distance
    pairs = [
        {"dataset": a, "other": b} | asdict(overlap(indexes[a], indexes[b], distance))
        for a, b in permutations(names, 2)
    ]
    artefacts.write_json(Path("metrics/overlap.json"), {"twin_distance": distance, "pairs": pairs})
    for pair in pairs:
        print(f"{pair['dataset']}: {pair['exact']} exact and {pair['near']} near twins in {pair['other']}")


if __name__ == "__main__":
    run(main)
