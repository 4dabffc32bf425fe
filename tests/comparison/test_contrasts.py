"""Two models are a pair where one thing tells them apart; what else does is named."""

from typing import Any

from medtransfer.comparison.contrasts import CONTRASTS, pairs_by_architecture
from medtransfer.settings.load import load
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import in_effect
from medtransfer.settings.sources import SourceWeights
from tests.conftest import ROOT, tiny_recipe

SETTINGS = load(ROOT)


def pairs(contrast: str, **recipes: Recipe) -> list[tuple[str, str, list[str]]]:
    return [(each.a, each.b, each.also) for each in pairs_by_architecture(recipes, CONTRASTS[contrast])]


def of(*names: str) -> dict[str, Recipe]:
    return {name: in_effect(SETTINGS.recipe(name)) for name in names}


def recipe(architecture: str, weights: str | None, trainable: str = "all", **training: Any) -> Recipe:  # noqa: ANN401
    made = tiny_recipe(architecture, trainable, weights=weights)
    return made.model_copy(update={"training": made.training.model_copy(update=training)})


def test_tables_2_and_3_of_liaqat_are_five_pairs_that_differ_in_the_weights_alone() -> None:
    architectures = ("densenet121", "vgg16", "resnet50", "resnet101", "resnet152")
    names = [f"liaqat_{name}_{start}" for name in architectures for start in ("scratch", "imagenet")]
    couples = pairs("pretrained", **of(*names, "liaqat_cnn"))
    assert couples == [(f"liaqat_{name}_imagenet", f"liaqat_{name}_scratch", []) for name in architectures]
    assert pairs("fine-tuned", **of(*names)) == []


def test_fine_tuning_in_phases_is_named_and_so_is_what_else_the_efficientnet_report_changes() -> None:
    ((a, b, also),) = pairs("fine-tuned", **of("efficientnet_vgg16", "efficientnet_b0", "efficientnet_b0_finetuned"))
    assert (a, b) == ("efficientnet_b0_finetuned", "efficientnet_b0")
    assert "training.phases: 2 and none" in also
    stored = str(SETTINGS.recipe("efficientnet_b0").backbone.augmentation.views)
    views = [line for line in also if "views" in line]
    assert views == ([] if stored == "fresh" else [f"backbone.augmentation.views: fresh and {stored}"])


def test_models_of_other_architectures_or_other_weights_are_no_pair() -> None:
    assert pairs("pretrained", one=recipe("vgg16", "imagenet"), other=recipe("resnet50", None)) == []
    assert pairs("fine-tuned", one=recipe("vgg16", "imagenet"), other=recipe("vgg16", None, "none")) == []
    assert pairs("fine-tuned", one=recipe("vgg16", None), other=recipe("vgg16", None, "none")) == []


def test_the_most_similar_model_is_chosen_and_the_first_of_two() -> None:
    recipes = {
        "far": recipe("vgg16", None, epochs=9, momentum=0.5),
        "near": recipe("vgg16", None, epochs=9),
        "as near": recipe("vgg16", None, batch_size=4),
        "frozen": recipe("vgg16", "imagenet", "none"),
        "tuned": recipe("vgg16", "imagenet"),
    }
    assert pairs("pretrained", **recipes) == [
        ("frozen", "near", ["backbone.trainable: none and all", "training.epochs: 1 and 9"]),
        ("tuned", "near", ["training.epochs: 1 and 9"]),
    ]
    assert pairs("fine-tuned", **recipes) == [("tuned", "frozen", [])]


def test_weights_of_another_data_set_are_weights_and_no_other_difference() -> None:
    source = {"dataset": "shapes", "model": "simple_cnn"}
    start = SourceWeights.model_validate(source)
    own = recipe("simple_cnn", None)
    tuned = own.model_copy(update={"backbone": own.backbone.model_copy(update={"weights": start})})
    assert pairs("pretrained", tuned=tuned, own=own) == [("tuned", "own", [])]
