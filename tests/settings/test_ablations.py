"""What recipes of one study share: an ablation changes one thing, and all models draw augmented images in one way."""

from collections.abc import Iterator
from typing import Any

import pytest

from medtransfer.settings.files import MODELS
from medtransfer.settings.load import catalogue, load_params
from medtransfer.settings.recipes import Recipe
from tests.conftest import ROOT

RECIPES = catalogue(Recipe, ROOT / MODELS)
STUDIES = sorted((ROOT / "studies").glob("*.yaml"))
NO_STOP = {"training.early_stopping", "training.selection", "training.plateau"}
WEIGHTS = {"backbone.weights", "backbone.initialisation"}
ABLATIONS = {  # by two recipes, the keys in which alone they differ
    ("vardhan_vgg16_batch_norm", "vardhan_vgg16"): {"head.batch_norm"},
    ("vardhan_vgg16_25_epochs", "vardhan_vgg16"): NO_STOP,
    ("vardhan_vgg16_50_epochs", "vardhan_vgg16_25_epochs"): {"training.epochs"},
    ("vardhan_inceptionv3_batch_norm", "vardhan_inceptionv3"): {"head.batch_norm"},
    ("vardhan_inceptionv3_rmsprop", "vardhan_inceptionv3"): {"training.optimizer"},
    ("vardhan_inceptionv3_sgd", "vardhan_inceptionv3"): {"training.optimizer", "training.momentum"},
    ("vardhan_inceptionv3_focal", "vardhan_inceptionv3"): {"training.loss.kind"},
    ("vardhan_inceptionv3_tanh", "vardhan_inceptionv3"): {"head.activation"},
    ("vardhan_resnet50_complex", "vardhan_resnet50"): {"head.dense", "head.dropout"},
    ("vardhan_vgg16_binary", "vardhan_vgg16"): {"head.output", "training.optimizer"},
    ("rafiq_unet_dropout", "rafiq_unet"): {"pretraining.dropout"},
    ("mobilenetv2_imagenet", "mobilenetv2_random"): {"backbone.weights"},
    ("small_liaqat_imagenet", "small_liaqat_scratch"): WEIGHTS,
    **{
        (f"liaqat_{name}_imagenet", f"liaqat_{name}_scratch"): WEIGHTS
        for name in ("densenet121", "vgg16", "resnet50", "resnet101", "resnet152")
    },
}


@pytest.mark.parametrize(("one", "other"), ABLATIONS)
def test_an_ablation_changes_what_it_is_named_for_and_nothing_else(one: str, other: str) -> None:
    a, b = (dict(_flat(RECIPES[name].model_dump())) for name in (one, other))
    assert {key for key in a.keys() | b.keys() if a.get(key) != b.get(key)} == ABLATIONS[one, other]


@pytest.mark.parametrize("study", STUDIES, ids=lambda path: path.stem)
def test_all_models_of_a_study_draw_augmented_images_in_one_way(study: Any) -> None:  # noqa: ANN401
    backbones = [RECIPES[name].backbone for name in load_params(file=study).study.models]
    # stored: some views of each image, for all epochs; else drawn again in every epoch
    assert len({backbone.stored for backbone in backbones if backbone.augmentation.active}) <= 1


def _flat(part: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value by its key, the steps joined by dots; what may be left out as a whole is one value."""
    for name, value in part.items():
        inside = isinstance(value, dict) and name != "plateau"
        yield from _flat(value, f"{prefix}{name}.") if inside else [(f"{prefix}{name}", value)]
