"""A trained model: what `train` writes, and what `evaluate` keeps of it for ensembles."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from medtransfer.store import formats
from medtransfer.store.artefacts import Artefact, Folder
from medtransfer.store.formats import Array, Table, record
from medtransfer.store.records import Training

if TYPE_CHECKING:
    import keras


class Trained(Folder):
    """A trained model: its networks, a fold each, and what happened meanwhile."""

    @property
    def training(self) -> Artefact[Training]:
        """What it is."""
        return Artefact(self.path / "training.json", record(Training))

    @property
    def history(self) -> Artefact[Table]:
        """A row per fold and epoch."""
        return self._table("history")

    @property
    def validation(self) -> Artefact[Table]:
        """Logits of the rows that each fold leaves out: id, actual, fold, and `logit: CLASS` for each class."""
        return self._table("validation")

    @property
    def reconstruction(self) -> Artefact[Table]:
        """The autoencoders' history, of a model that has them."""
        return self._table("reconstruction")

    @property
    def layers(self) -> Artefact[Table]:
        """A row per layer, from the image on: layer, kind, output, parameters, trainable."""
        return self._table("layers")

    @property
    def decoder_layers(self) -> Artefact[Table]:
        """The same of the decoder of a model that has autoencoders: the layers that only these have."""
        return self._table("decoder_layers")

    @property
    def confusions(self) -> Artefact[Table]:
        """Of a recipe with `training.snapshots`: validation images by fold, epoch, actual and predicted class."""
        return self._table("confusions")

    @property
    def pictures(self) -> Artefact[Array]:
        """Of one with `pretraining.snapshots`: (1 + 3E) x K x H x W, uint8, of fold 0; see training.pretraining."""
        return self._array("pictures")

    @property
    def refit_history(self) -> Artefact[Table]:
        """Of a model with a refit: a row per epoch, without validation columns."""
        return self._table("refit_history")

    @property
    def augmented(self) -> Artefact[Array]:
        """Of a recipe with augmentation: some development images and drawn views, see `training.examples`."""
        return self._array("augmented")

    @property
    def network_file(self) -> Path:
        """The whole network of a source, or the first fold's of a model that trains its backbone."""
        return self._file("fold", 0)

    def write_backbone(self, backbone: "keras.Model") -> None:
        """The frozen backbone that all folds share, from images to features."""
        formats.write_model(self.path / "backbone.keras", backbone)

    def write_networks(self, fold: int | None, networks: Mapping[str, "keras.Model"]) -> None:
        """What a fold, or the refit (None), trained, by kind.

        `fold`: the head of a frozen backbone, or else the whole network. `autoencoder`: where there is pretraining;
        `autoencoder_epoch_E`: the same after some of its epochs.
        """
        for kind, network in networks.items():
            formats.write_model(self._file(kind, fold), network)

    def write_tables(self, tables: Mapping[str, Table]) -> None:
        """`history`, `validation` and, of a model that has autoencoders, `reconstruction`; `refit_` of the refit's."""
        for name, table in tables.items():
            self._table(name).write(table)

    def networks(self, refit: bool = False) -> "Iterator[keras.Model]":
        """A whole network a fold, from images to logits; be done with one before asking for the next.

        With `refit`, here and below: the one that is trained on all development rows, in place of the folds'. Raises
        UserError where there is none.
        """
        backbone = self.path / "backbone.keras" if self.training.read().frozen else None
        return formats.read_models(self._files("fold", refit), backbone)

    def trained_parts(self, refit: bool = False) -> "Iterator[keras.Model]":
        """What each fold trained: from features to logits where the backbone is frozen, or else the whole network."""
        return formats.read_models(self._files("fold", refit))

    def autoencoders(self, refit: bool = False) -> "Iterator[keras.Model]":
        """A fold each; none of a model without pretraining."""
        return formats.read_models(self._files("autoencoder", refit) if self.training.read().pretrained else [])

    @property
    def members(self) -> Artefact[dict[str, str]]:
        """Of an ensemble, in place of networks: its members, and what identifies the networks of each."""
        return Artefact(self.path / "members.json", record(dict[str, str]))

    def digest(self) -> str:
        """SHA-256 of the networks: other networks have another one."""
        digest = hashlib.sha256()
        for path in sorted(self.path.glob("*.keras")):
            digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()

    def _files(self, kind: str, refit: bool) -> list[Path]:
        return [self._file(kind, fold) for fold in ([None] if refit else range(self.training.read().folds))]

    def _file(self, kind: str, fold: int | None) -> Path:
        """Of a fold or, None, of the refit."""
        if fold is not None:
            return self.path / f"{kind}-{fold}.keras"
        return self.path / ("refit.keras" if kind == "fold" else f"refit_{kind}.keras")


class Predictions(Folder):
    """What an ensemble needs of a member."""

    @property
    def probabilities(self) -> Artefact[Table]:
        """Of every fold's network: id, actual, fold, partition (validation or test), and a column per class."""
        return self._table("probabilities")

    @property
    def history(self) -> Artefact[Table]:
        """A row per fold and epoch, with the member's name."""
        return self._table("history")

    @property
    def networks(self) -> Artefact[dict[str, str]]:
        """`sha256`: that of the networks, by which the explanations of an ensemble see that a member has changed."""
        return Artefact(self.path / "networks.json", record(dict[str, str]))
