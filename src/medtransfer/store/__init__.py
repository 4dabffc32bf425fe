"""Where every artefact lies, in which format, and of which type. No other room spells the path of an artefact.

    store.features("br35h", "vgg16").read()
    store.trained("br35h", "vgg16").history.read()

All paths are relative to the project's root, where stages run.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from medtransfer.settings import resolved
from medtransfer.store.artefacts import (
    Artefact,
    DatasetSettings,
    Duplicates,
    Evaluated,
    Explained,
    LeakageFigures,
    ModelSettings,
    Prepared,
)
from medtransfer.store.compared import comparison as comparison
from medtransfer.store.compared import fractions as fractions
from medtransfer.store.compared import held_out_comparison as held_out_comparison
from medtransfer.store.compared import learning_curves as learning_curves
from medtransfer.store.formats import ARRAY, JSON, PICTURE, TABLE, TEXT, Array, Table, record
from medtransfer.store.places import CACHE as CACHE
from medtransfer.store.places import CHECKPOINTS as CHECKPOINTS
from medtransfer.store.places import DOWNLOADS as DOWNLOADS
from medtransfer.store.places import FEATURES as FEATURES
from medtransfer.store.places import HEADLINE as HEADLINE
from medtransfer.store.places import SETTINGS as SETTINGS
from medtransfer.store.places import STAGE_INPUTS as STAGE_INPUTS
from medtransfer.store.places import TIMES as TIMES
from medtransfer.store.records import Evaluation, HeadlineMetrics, Origin, Rate, Times
from medtransfer.store.robustness_records import Robustness
from medtransfer.store.study_records import StudyResult
from medtransfer.store.trained import Predictions, Trained
from medtransfer.store.transfer import compared_sets as compared_sets
from medtransfer.store.transfer import datasets_of_sources as datasets_of_sources
from medtransfer.store.transfer import external as external
from medtransfer.store.transfer import left_out_of_sources as left_out_of_sources
from medtransfer.store.transfer import overlap as overlap
from medtransfer.store.transfer import settings_of_external as settings_of_external
from medtransfer.store.transfer import settings_of_source as settings_of_source
from medtransfer.store.transfer import shared_pictures as shared_pictures
from medtransfer.store.transfer import source_images as source_images
from medtransfer.store.transfer import source_model as source_model
from medtransfer.store.transfer import source_names as source_names
from medtransfer.store.transfer import source_rows as source_rows
from medtransfer.store.transfer import source_times as source_times
from medtransfer.store.transfer import sources_of_models as sources_of_models
from medtransfer.store.transfer import start as start
from medtransfer.store.transfer import transfer_result as transfer_result
from medtransfer.store.transfer import transfer_results as transfer_results

T = TypeVar("T")


def settings_of_dataset(dataset: str) -> DatasetSettings:
    """What `check` resolved of a data set."""
    return DatasetSettings(SETTINGS / "datasets" / dataset)


def settings_of_model(model: str) -> ModelSettings:
    """What `check` resolved of a model."""
    return ModelSettings(SETTINGS / "models" / model)


def members(ensemble: str) -> Artefact[resolved.Members]:
    """The members of an ensemble."""
    return Artefact(SETTINGS / f"ensembles/{ensemble}.json", record(resolved.Members))


def settings_of_leakage() -> Artefact[resolved.LeakageSettings]:
    """The recipe of the leakage experiment."""
    return Artefact(SETTINGS / "leakage.json", record(resolved.LeakageSettings, exact=True))


def settings_of_robustness() -> Artefact[resolved.RobustnessSettings]:
    """The headline model's recipe, where it can be trained with further seeds."""
    return Artefact(SETTINGS / "robustness.json", record(resolved.RobustnessSettings, exact=True))


def stage_inputs(stage: str, item: str = "") -> Artefact[dict[str, str]]:
    """The files of settings and code that a stage reads, with their hashes; of an item where they differ by item."""
    return Artefact(STAGE_INPUTS / (f"{stage}/{item}.json" if item else f"{stage}.json"), record(dict[str, str]))


def headline_recipe() -> Artefact[dict[str, Any]]:
    """What `dvc exp show` lists of the headline model's recipe."""
    return Artefact(SETTINGS / "headline.json", JSON)


def archive(dataset: str) -> Path:
    """The zip as served."""
    return Path(f"data/raw/{dataset}.zip")


def origin(dataset: str) -> Artefact[Origin]:
    """Where the archive came from."""
    return Artefact(Path(f"data/raw/{dataset}.json"), record(Origin))


def member_archive(dataset: str) -> tuple[Path, Artefact[Origin]]:
    """The archive of a member of a union, which waits for the others, and where it came from: not in the DAG."""
    folder = DOWNLOADS / "members"
    return folder / f"{dataset}.zip", Artefact(folder / f"{dataset}.json", record(Origin))


def prepared(dataset: str) -> Prepared:
    """Images and their index."""
    return Prepared(Path(f"data/prepared/{dataset}"))


def duplicates(dataset: str) -> Duplicates:
    """Pairs of copies."""
    return Duplicates(Path(f"data/duplicates/{dataset}"))


def split(dataset: str) -> Artefact[Table]:
    """A row per image, in the order of the index: id, label, group, picture, partition, fold, copy."""
    return Artefact(Path(f"data/splits/{dataset}.csv"), TABLE)


def leakage(dataset: str) -> Artefact[dict[str, Any]]:
    """The leakage audit of every strategy of splitting."""
    return Artefact(Path(f"metrics/leakage/{dataset}.json"), JSON)


def leakage_figures(dataset: str) -> LeakageFigures:
    """Its figures."""
    return LeakageFigures(Path(f"plots/leakage/{dataset}"))


def leakage_experiment(dataset: str) -> Artefact[dict[str, Any]]:
    """What copies of test images are worth."""
    return Artefact(Path(f"metrics/leakage_experiment/{dataset}.json"), JSON)


def features(dataset: str, model: str) -> Artefact[Array]:
    """N x F, or N x (1 + views) x F, float32; empty for a model that trains its backbone."""
    return Artefact(Path(f"data/features/{dataset}/{model}.npy"), ARRAY)


def trained(dataset: str, model: str) -> Trained:
    """A trained model."""
    return Trained(Path(f"models/{dataset}/{model}"))


def training_times(dataset: str, model: str) -> Artefact[Times]:
    """Seconds that each fold took on this machine."""
    return Artefact(TIMES / f"{dataset}/{model}-training.json", record(Times))


def feature_times(dataset: str, model: str) -> Artefact[Times]:
    """Seconds that the features took on this machine."""
    return Artefact(TIMES / f"{dataset}/{model}-features.json", record(Times))


def inference_rate(dataset: str, model: str) -> Artefact[Rate]:
    """Images a second that a network of the model predicts on this machine."""
    return Artefact(TIMES / f"{dataset}/{model}-inference.json", record(Rate))


def predictions(dataset: str, model: str) -> Predictions:
    """What an ensemble needs of a member."""
    return Predictions(Path(f"data/predictions/{dataset}/{model}"))


def metrics(dataset: str, model: str) -> Artefact[Evaluation]:
    """A model's scores."""
    return Artefact(Path(f"metrics/{dataset}/{model}.json"), record(Evaluation))


def evaluated(dataset: str, model: str) -> Evaluated:
    """A model's predictions and curves."""
    return Evaluated(Path(f"plots/evaluate/{dataset}/{model}"))


def development(dataset: str, model: str, kind: type[T]) -> Artefact[T]:
    """What was fitted on development images and belongs to the model: temperature, threshold, prediction sets."""
    return Artefact(Path(f"models/{dataset}/{model}.json"), record(kind, exact=True))


def explained(dataset: str, model: str) -> Explained:
    """A model's saliency maps, drawn and scored."""
    return Explained(Path(f"plots/explain/{dataset}/{model}"))


def robustness(dataset: str, model: str) -> Artefact[Robustness]:
    """What perturbed images and other seeds do to a model's test accuracy."""
    return Artefact(Path(f"metrics/robustness/{dataset}/{model}.json"), record(Robustness))


def headline_metrics() -> Artefact[HeadlineMetrics]:
    """What `dvc metrics diff` compares."""
    return Artefact(Path("metrics/metrics.json"), record(HeadlineMetrics))


def headline_table(name: str) -> Artefact[Table]:
    """What `dvc plots diff` draws: training, roc, confusion."""
    return Artefact(HEADLINE / f"{name}.csv", TABLE)


def headline_picture() -> Artefact[bytes]:
    """The headline model's saliency maps."""
    return Artefact(HEADLINE / "saliency.png", PICTURE)


def page() -> Artefact[str]:
    """The report, one file."""
    return Artefact(Path("reports/index.html"), TEXT)


def page_of_paper(paper: str) -> Artefact[str]:
    """All data sets of a paper on one page: no output of DVC, as it is of what several runs have left."""
    return Artefact(Path(f"reports/{paper}.html"), TEXT)


def times_page() -> Artefact[str]:
    """Times of this machine: no output of DVC, but the page shows it where it lies beside it."""
    return Artefact(Path("reports/times.html"), TEXT)


def summary() -> Artefact[str]:
    """The table that `make reproduce` prints, without times."""
    return Artefact(Path("reports/summary.txt"), TEXT)


def study_result(study: str, strategy: str) -> Artefact[StudyResult]:
    """What is kept of a small study on one split; git has it."""
    return Artefact(Path(f"studies/results/{study}.{strategy}.json"), record(StudyResult))


def study_results(study: str) -> list[StudyResult]:
    """The same on every split that it was run on."""
    place = study_result(study, "*").path
    return [study_result(study, path.stem.split(".")[-1]).read() for path in sorted(place.parent.glob(place.name))]


def every(artefact: Callable[[str], Artefact[T]]) -> list[T]:
    """What there is of an artefact that data sets have, of all data sets that have it here."""
    place = artefact("*").path
    return [artefact(path.stem).read() for path in sorted(place.parent.glob(place.name))]
