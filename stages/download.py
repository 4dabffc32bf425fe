"""Fetch a data set's archive, as served, and note where it came from; of a union, the archives of its members."""

from pathlib import Path

from medtransfer import store
from medtransfer.data.download import local, phantom, shapes
from medtransfer.data.download.kaggle import download, sha256_of
from medtransfer.settings.command import run
from medtransfer.settings.datasets import KaggleSource, LocalSource, OneSource, PhantomSource, ShapesSource
from medtransfer.settings.params import Params
from medtransfer.settings.resolved import MemberSources
from medtransfer.store.artefacts import Artefact
from medtransfer.store.records import Origin

MADE, NOT_STATED = "made by code", "not stated"


def main(params: Params, dataset: str) -> None:
    """Kaggle's archive, a local folder or zip, or an embedded data set made on the spot."""
    source, archive = store.settings_of_dataset(dataset).origin.read().source, store.archive(dataset)
    licence = _unite(source, archive) if isinstance(source, MemberSources) else _fetch(source, archive)
    store.origin(dataset).write(_noted(source, archive, licence))


def _fetch(source: OneSource, archive: Path) -> str:
    """Writes the archive; returns its licence."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    match source:
        case PhantomSource():
            slices = phantom.generate(
                source.size, source.patients, source.slices_per_patient, source.seed, source.scanner
            )
            phantom.write_archive(slices, archive)
            return MADE
        case ShapesSource():
            shapes.write_archive(shapes.generate(source.size, source.images, source.seed), archive)
            return MADE
        case LocalSource():
            local.pack(Path(source.path), archive)
        case KaggleSource():
            # outside the outputs, which DVC empties before a stage runs
            fetched = download(
                source.slug, archive, partial=store.DOWNLOADS, version=source.version, sha256=source.sha256
            )
            return fetched.licence or NOT_STATED
    return NOT_STATED


def _unite(union: MemberSources, archive: Path) -> str:
    """Writes one archive with a folder for each member; returns their licences."""
    archives, licences = {}, []
    for name, source in union.members.items():
        archives[name], licence = _member(name, source)
        licences.append(f"{name}: {licence}")
    local.pack_members(archives, archive)
    for path in archives.values():  # what was fetched for the union alone is in it now
        if path.is_relative_to(store.DOWNLOADS):
            path.unlink()
            path.with_suffix(".json").unlink()
    return "; ".join(licences)


def _member(name: str, source: OneSource) -> tuple[Path, str]:
    """The archive of a member and its licence: as its own stage, or a union that was cut, has left it, or fetched."""
    for archive, origin in (store.archive(name), store.origin(name)), store.member_archive(name):
        if (licence := _there(archive, origin, source)) is not None:
            print(f"{name}: {archive}, as fetched before")
            return archive, licence
    licence = _fetch(source, archive)
    origin.write(_noted(source, archive, licence))
    return archive, licence


def _there(archive: Path, origin: Artefact[Origin], source: OneSource) -> str | None:
    """The licence of an archive that is there whole and of this source; local files may have changed."""
    if isinstance(source, LocalSource) or not (archive.exists() and origin.path.exists()):
        return None
    noted = origin.read()
    whole = noted.source == source.model_dump() and noted.sha256 == sha256_of(archive)
    return noted.licence if whole else None


def _noted(source: OneSource | MemberSources, archive: Path, licence: str) -> Origin:
    return Origin(source.model_dump(), licence, sha256_of(archive), archive.stat().st_size)


if __name__ == "__main__":
    run(main)
