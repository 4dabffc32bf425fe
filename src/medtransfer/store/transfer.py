"""What other data sets give the active one: the images that they share, networks to start from, scores."""

from pathlib import Path
from typing import Any, TypeVar

from medtransfer.settings import resolved, resolved_external
from medtransfer.store.artefacts import Artefact
from medtransfer.store.external_records import External
from medtransfer.store.formats import JSON, TABLE, Table, record
from medtransfer.store.places import EXTERNAL, SETTINGS, TIMES
from medtransfer.store.records import Times
from medtransfer.store.trained import Trained

T = TypeVar("T")


def shared_pictures(one: str, other: str) -> Artefact[Table]:
    """A row per image of two data sets: dataset, id, pixels, picture and turn, whose equal numbers are copies."""
    return Artefact(Path(f"data/overlap/{'--'.join(sorted([one, other]))}.csv"), TABLE)


def overlap() -> Artefact[dict[str, Any]]:
    """Images that data sets share."""
    return Artefact(EXTERNAL / "overlap.json", JSON)


def external(dataset: str, other: str) -> Artefact[External]:
    """Scores of a data set's models on another data set."""
    return Artefact(EXTERNAL / f"{dataset}/{other}.json", record(External))


def compared_sets() -> Artefact[list[str]]:
    """The data sets that are compared each with each; the file is there where there is one alone."""
    return Artefact(Path("data/overlap/names.json"), record(list[str]))


def left_out_of_sources() -> Artefact[dict[str, dict[str, Any]]]:
    """By source: its images, those left out by kind of copy, and the data sets whose copies they are."""
    return Artefact(Path("data/sources/left_out.json"), JSON)


def source_rows(source: str) -> Artefact[Table]:
    """A row per image of a source: dataset, id, label, group, partition."""
    return Artefact(Path(f"data/sources/{source}/rows.csv"), TABLE)


def source_images(source: str) -> Artefact[dict[str, str]]:
    """SHA-256 of the images of each data set of a source."""
    return Artefact(Path(f"data/sources/{source}/images.json"), record(dict[str, str]))


def source_names() -> Artefact[list[str]]:
    """The sources of the study; the file is there where there are none."""
    return Artefact(Path("models/sources/names.json"), record(list[str]))


def source_model(source: str) -> Trained:
    """A model that is trained on other data sets for its weights."""
    return Trained(Path(f"models/sources/{source}"))


def source_times(source: str) -> Artefact[Times]:
    """Seconds that a source took on this machine."""
    return Artefact(TIMES / f"sources/{source}-training.json", record(Times))


def start(model: str) -> Artefact[dict[str, str | None]]:
    """The source that a model starts from and the SHA-256 of its network; null of a model without one."""
    return Artefact(Path(f"data/transfer/{model}.json"), record(dict[str, str | None]))


def settings_of_source(source: str) -> Artefact[resolved.SourceSettings]:
    """What the training of a source needs."""
    return Artefact(SETTINGS / f"sources/{source}.json", record(resolved.SourceSettings, exact=True))


def datasets_of_sources() -> Artefact[dict[str, list[str]]]:
    """The data sets that each source is trained on."""
    return Artefact(SETTINGS / "source_datasets.json", record(dict[str, list[str]]))


def sources_of_models() -> Artefact[dict[str, str | None]]:
    """The source that each model starts from, if any."""
    return Artefact(SETTINGS / "transfer.json", record(dict[str, str | None]))


def settings_of_external(dataset: str) -> Artefact[resolved_external.External]:
    """The labels that an external set has in common with the active one."""
    return Artefact(SETTINGS / f"external/{dataset}.json", record(resolved_external.External))


def transfer_result(study: str, kind: type[T]) -> Artefact[T]:
    """What is kept of a study of transfer, of a type that `report` defines; git has it."""
    return Artefact(Path(f"studies/results/{study}.json"), record(kind))


def transfer_results(prefix: str, kind: type[T]) -> dict[str, T]:
    """The same of every study whose name begins with `prefix`, by its name."""
    place = transfer_result(f"{prefix}*", kind).path
    return {path.stem: transfer_result(path.stem, kind).read() for path in sorted(place.parent.glob(place.name))}
