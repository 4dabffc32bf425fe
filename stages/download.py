"""Fetch a data set's archive, as served, and note where it came from."""

from pathlib import Path

from medtransfer.artefacts import write_json
from medtransfer.config import Config, PhantomSource
from medtransfer.data import phantom
from medtransfer.data.download import download, sha256_of
from stages.common import run


def main(settings: Config, dataset: str) -> None:
    """Kaggle's archive, or the embedded data set made on the spot."""
    source = settings.dataset(dataset).source
    archive = Path(f"data/raw/{dataset}.zip")
    archive.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, PhantomSource):
        slices = phantom.generate(source.size, source.patients, source.slices_per_patient, source.seed)
        phantom.write_archive(slices, archive)
        licence, sha256, size = "made by code", sha256_of(archive), archive.stat().st_size
    else:
        partial = Path(".cache/download")  # outside the outputs, which DVC empties before a stage runs
        fetched = download(source.slug, archive, partial=partial, version=source.version, sha256=source.sha256)
        licence, sha256, size = fetched.licence or "not stated", fetched.sha256, fetched.size
    note = source.model_dump() | {"licence": licence, "sha256": sha256, "bytes": size}
    write_json(Path(f"data/raw/{dataset}.json"), note)


if __name__ == "__main__":
    run(main)
