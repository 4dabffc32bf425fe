"""What scoring on an external set depends on, as `check` writes it: see `resolved`."""

from dataclasses import dataclass

from medtransfer.settings.external import common_labels
from medtransfer.settings.load import Settings
from medtransfer.settings.resolved import Classes, classes


@dataclass(frozen=True)
class External:
    """What scoring on an external set needs: the labels that it has in common with the active set."""

    labels: Classes
    own: dict[str, str]  # each class of the active set, in the order of the models' outputs, and its label
    external: dict[str, str]  # each class of the external set, and its label


def external(settings: Settings, name: str) -> External:
    """Of an external set of the study. Raises UserError where labels do not fit."""
    common = common_labels(settings.params.dataset, name, settings.datasets)
    return External(classes(settings.dataset(common.of)), common.own, common.external)
