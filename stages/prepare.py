"""Decode an archive's images into one array and an index."""

import sys
from pathlib import Path

from medtransfer import formats
from medtransfer.data.download import verify
from medtransfer.data.prepare import prepare
from medtransfer.settings.load import Settings
from stages.common import run


def main(settings: Settings, dataset: str) -> None:
    """Images, index, rejects and masks of a data set."""
    folder, archive = Path(f"data/prepared/{dataset}"), Path(f"data/raw/{dataset}.zip")
    verify(archive, formats.read_json(Path(f"data/raw/{dataset}.json"))["sha256"])
    prepared = prepare(
        archive,
        settings.dataset(dataset),
        settings.image_size(dataset),
        settings.params.prepare.max_rejected,
        folder / "images.npy",
    )
    formats.write_table(folder / "index.csv", prepared.index)
    formats.write_table(folder / "rejected.csv", prepared.rejected)
    formats.write_masks(folder / "masks.npz", prepared.masks)
    print(f"{len(prepared.index)} images, {len(prepared.rejected)} rejected, {len(prepared.masks)} lesion masks")
    for warning in prepared.warnings:
        print(f"warning: {dataset}: {warning} by catalogue", file=sys.stderr)


if __name__ == "__main__":
    run(main)
