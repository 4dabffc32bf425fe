"""Decode an archive's images into one array and an index."""

import sys

from medtransfer import store
from medtransfer.data.download.kaggle import verify
from medtransfer.data.prepare.prepare import prepare
from medtransfer.settings.command import run
from medtransfer.settings.params import Params


def main(params: Params, dataset: str) -> None:
    """Images, thumbnails, index, rejects and masks of a data set."""
    into, archive = store.prepared(dataset), store.archive(dataset)
    verify(archive, store.origin(dataset).read().sha256)
    decoding = store.settings_of_dataset(dataset).decoding.read()
    prepared = prepare(
        archive, decoding, decoding.max_rejected, into.images.path, into.thumbnails.path, decoding.members
    )
    into.index.write(prepared.index)
    into.rejected.write(prepared.rejected)
    into.masks.write(prepared.masks)
    print(f"{len(prepared.index)} images, {len(prepared.rejected)} rejected, {len(prepared.masks)} lesion masks")
    for warning in prepared.warnings:
        print(f"warning: {dataset}: {warning} by catalogue", file=sys.stderr)


if __name__ == "__main__":
    run(main)
