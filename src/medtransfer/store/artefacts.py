"""Files of one type, and folders of them: what an artefact holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from medtransfer.settings import resolved
from medtransfer.store.formats import ARRAY, JSON, MASKS, PICTURE, TABLE, Array, Format, Masks, Table, record
from medtransfer.store.records import Background, MethodScores

T = TypeVar("T")


@dataclass(frozen=True)
class Artefact(Generic[T]):
    """A file of one type."""

    path: Path
    format: Format[T]

    def read(self) -> T:
        """Its content; raises UserError where it is missing."""
        return self.format.read(self.path)

    def write(self, content: T) -> None:
        """Replace it whole, or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.format.write(self.path, content)


@dataclass(frozen=True)
class Folder:
    """Artefacts that one stage writes into a folder of their own."""

    path: Path

    def _table(self, name: str) -> Artefact[Table]:
        return Artefact(self.path / f"{name}.csv", TABLE)

    def _array(self, name: str) -> Artefact[Array]:
        return Artefact(self.path / f"{name}.npy", ARRAY)

    def _json(self, name: str) -> Artefact[dict[str, Any]]:
        return Artefact(self.path / f"{name}.json", JSON)

    def _picture(self, name: str) -> Artefact[bytes]:
        return Artefact(self.path / f"{name}.png", PICTURE)


class DatasetSettings(Folder):
    """The resolved configuration of a data set, in parts for the stages that depend on each."""

    @property
    def origin(self) -> Artefact[resolved.Origin]:
        """What `download` needs."""
        return Artefact(self.path / "origin.json", record(resolved.Origin, exact=True))

    @property
    def decoding(self) -> Artefact[resolved.Decoding]:
        """What `prepare` needs."""
        return Artefact(self.path / "decoding.json", record(resolved.Decoding, exact=True))

    @property
    def classes(self) -> Artefact[resolved.Classes]:
        """What everything after `prepare` needs."""
        return Artefact(self.path / "classes.json", record(resolved.Classes))

    @property
    def card(self) -> Artefact[resolved.Card]:
        """What the report says."""
        return Artefact(self.path / "card.json", record(resolved.Card))


class ModelSettings(Folder):
    """The resolved configuration of a model."""

    @property
    def backbone(self) -> Artefact[resolved.BackboneSettings]:
        """What `features` needs."""
        return Artefact(self.path / "backbone.json", record(resolved.BackboneSettings, exact=True))

    @property
    def model(self) -> Artefact[resolved.ModelSettings]:
        """What `train` needs."""
        return Artefact(self.path / "model.json", record(resolved.ModelSettings, exact=True))


class Prepared(Folder):
    """Decoded images of a data set."""

    @property
    def images(self) -> Artefact[Array]:
        """N x H x W x C, uint8; C is 1 where every image is grey."""
        return self._array("images")

    @property
    def thumbnails(self) -> Artefact[Array]:
        """N x 128 x 128 x 1, uint8: what the search for copies looks at."""
        return self._array("thumbnails")

    @property
    def index(self) -> Artefact[Table]:
        """A row per image: id, label, patient, shipped, size, hashes, brightness."""
        return self._table("index")

    @property
    def rejected(self) -> Artefact[Table]:
        """A row per file that is no image of the set: id and reason."""
        return self._table("rejected")

    @property
    def masks(self) -> Artefact[Masks]:
        """Lesion masks by image id."""
        return Artefact(self.path / "masks.npz", MASKS)


class Duplicates(Folder):
    """What the search for copies found in a data set."""

    @property
    def pairs(self) -> Artefact[Table]:
        """A row per pair of images: see `data.duplicates.search.find_copies`."""
        return self._table("pairs")

    @property
    def background(self) -> Artefact[Background]:
        """How alike images of different pictures are."""
        return Artefact(self.path / "background.json", record(Background))


class LeakageFigures(Folder):
    """What the leakage audit draws of a data set."""

    def __getitem__(self, name: str) -> Artefact[bytes]:
        """One of audit, gallery, closest, copies, groups."""
        return self._picture(name)


class Evaluated(Folder):
    """What is drawn and listed of a model's held-out results."""

    @property
    def predictions(self) -> Artefact[Table]:
        """A row per test image: id, actual, predicted, copy, and the tested model's probability of each class."""
        return self._table("predictions")

    @property
    def roc(self) -> Artefact[Table]:
        """Points of the ROC curves: class, false_positive_rate, true_positive_rate."""
        return self._table("roc")

    @property
    def band(self) -> Artefact[Table]:
        """95 % bands of the ROC curves: class, false_positive_rate, low, high."""
        return self._table("band")

    @property
    def reliability(self) -> Artefact[Table]:
        """Bins of confidence, before and after scaling: scaling, confidence, accuracy, low, high, images, groups."""
        return self._table("reliability")

    @property
    def thresholds(self) -> Artefact[Table]:
        """Threshold, sensitivity, specificity; of a set with a condition."""
        return self._table("thresholds")

    @property
    def decision_curve(self) -> Artefact[Table]:
        """Net benefit against the threshold; of a set with a condition."""
        return self._table("decision_curve")

    def decisions(self, kind: type[T]) -> Artefact[T]:
        """Calibration, operating points and prediction sets, of a type that `evaluation` defines."""
        return Artefact(self.path / "decisions.json", record(kind))

    def write(self, tables: Mapping[str, Table]) -> None:
        """Tables by their names."""
        for name, table in tables.items():
            self._table(name).write(table)


class Explained(Folder):
    """A model's saliency maps, drawn and scored."""

    def figure(self, method: str) -> Artefact[bytes]:
        """The figure of one method, by its key."""
        return self._picture(method)

    @property
    def captions(self) -> Artefact[dict[str, str]]:
        """Which methods have a figure, by their keys in the order of params.yaml, and what it shows in words."""
        return Artefact(self.path / "captions.json", record(dict[str, str]))

    @property
    def scores(self) -> Artefact[list[MethodScores]]:
        """How far each method's maps fall on the lesions."""
        return Artefact(self.path / "scores.json", record(list[MethodScores]))

    @property
    def compared(self) -> Artefact[Table]:
        """The images that every model is shown on: id, actual, predicted, probability of the predicted class."""
        return self._table("compared")

    @property
    def compared_maps(self) -> Artefact[Array]:
        """Their maps by the first method, N x H x W as large as the images, uint8: 255 is 1."""
        return self._array("compared_maps")
