"""Decode an archive's images into one array and an index."""

import sys
from pathlib import Path

from medtransfer import artefacts
from medtransfer.config import Config
from medtransfer.data.download import verify
from medtransfer.data.prepare import prepare
from stages.common import run


def main(settings: Config, dataset: str) -> None:
    """Images, index, rejects and masks of a data set."""
    folder, archive = Path(f"data/prepared/{dataset}"), Path(f"data/raw/{dataset}.zip")
    verify(archive, artefacts.read_json(Path(f"data/raw/{dataset}.json"))["sha256"])
    prepared = prepare(
        archive,
        settings.dataset(dataset),
        settings.image_size(dataset),
        settings.params.prepare.max_rejected,
        folder / "images.npy",
    )
    artefacts.write_table(folder / "index.csv", prepared.index)
    artefacts.write_table(folder / "rejected.csv", prepared.rejected)
    artefacts.write_masks(folder / "masks.npz", prepared.masks)
    print(f"{len(prepared.index)} images, {len(prepared.rejected)} rejected, {len(prepared.masks)} lesion masks")
    for warning in prepared.warnings:
        print(f"warning: {dataset}: {warning} by catalogue", file=sys.stderr)


if __name__ == "__main__":
    run(main)
