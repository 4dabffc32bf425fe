"""Fetch a data set's archive, as served, and note where it came from."""

from pathlib import Path

from medtransfer.data import local, phantom
from medtransfer.data.download import download, sha256_of
from medtransfer.formats import write_json
from medtransfer.settings.datasets import KaggleSource, LocalSource, PhantomSource
from medtransfer.settings.load import Settings
from stages.common import run


def main(settings: Settings, dataset: str) -> None:
    """Kaggle's archive, a local folder or zip, or the embedded data set made on the spot."""
    source = settings.dataset(dataset).source
    archive = Path(f"data/raw/{dataset}.zip")
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
            partial = Path(".cache/download")  # outside the outputs, which DVC empties before a stage runs
            fetched = download(source.slug, archive, partial=partial, version=source.version, sha256=source.sha256)
            licence = fetched.licence or licence
    note = {"licence": licence, "sha256": sha256_of(archive), "bytes": archive.stat().st_size}
    write_json(Path(f"data/raw/{dataset}.json"), source.model_dump() | note)


if __name__ == "__main__":
    run(main)
