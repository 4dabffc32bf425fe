"""Fetch a data set's archive, as served, and note where it came from."""

from pathlib import Path

from medtransfer import store
from medtransfer.data.download import local, phantom
from medtransfer.data.download.kaggle import download, sha256_of
from medtransfer.settings.command import run
from medtransfer.settings.datasets import KaggleSource, LocalSource, PhantomSource
from medtransfer.settings.params import Params
from medtransfer.store.records import Origin


def main(params: Params, dataset: str) -> None:
    """Kaggle's archive, a local folder or zip, or the embedded data set made on the spot."""
    source = store.settings_of_dataset(dataset).origin.read().source
    archive = store.archive(dataset)
    archive.parent.mkdir(parents=True, exist_ok=True)
    licence = "not stated"
    match source:
        case PhantomSource():
            slices = phantom.generate(source.size, source.patients, source.slices_per_patient, source.seed)
            phantom.write_archive(slices, archive)
            licence = "made by code"
        case LocalSource():
            local.pack(Path(source.path), archive)
        case KaggleSource():
            # outside the outputs, which DVC empties before a stage runs
            fetched = download(
                source.slug, archive, partial=store.DOWNLOADS, version=source.version, sha256=source.sha256
            )
            licence = fetched.licence or licence
    noted = Origin(source.model_dump(), licence, sha256_of(archive), archive.stat().st_size)
    store.origin(dataset).write(noted)


if __name__ == "__main__":
    run(main)
