"""A recipe in words names every setting that differs from the default."""

from typing import Any

import pytest
from ruamel.yaml import YAML

from medtransfer.report.recipe import FLOOR, OPENING, SENTENCES, WITHIN, recipe_in_words
from medtransfer.settings.files import MODELS
from medtransfer.settings.load import catalogue
from medtransfer.settings.recipes import Recipe
from tests.conftest import ROOT

PLAIN: dict[str, Any] = {
    "backbone": {"architecture": "vgg16", "weights": "imagenet", "trainable": "all", "pooling": "average"},
    "head": {"normalise_features": False, "dense": [], "dropout": 0.0},
    "training": {"optimizer": "adam", "learning_rate": 0.001, "epochs": 9, "batch_size": 8},
}
BEGINNING = "vgg16 from ImageNet weights, trained throughout; adam, learning rate 0.001, 9 epochs, batches of 8."


def recipe(**changes: dict[str, Any]) -> Recipe:
    return Recipe.model_validate({part: PLAIN[part] | changes.get(part, {}) for part in PLAIN})


def test_defaults_are_not_named() -> None:
    assert recipe_in_words(recipe()) == BEGINNING


CHANGES: list[tuple[str, dict[str, Any], str]] = [
    ("backbone", {"image_size": 64}, "Input: images of 64 pixels a side."),
    ("backbone", {"preprocessing": "rescale"}, "Input: pixels scaled to 0..1, whatever the weights expect."),
    (
        "backbone",
        {"augmentation": {"horizontal_flip": True, "zoom": 0.3}},
        "Training images vary by: zoom of up to 30%; horizontal flips; drawn again in every epoch.",
    ),
    (
        "backbone",
        {"augmentation": {"zoom": 0.2, "zoom_axes": "each", "brightness": 0.1, "fill": "reflect"}},
        "Training images vary by: zoom of up to 20%; width and height zoomed by a draw each; brightness of up to 10% "
        "more or less; borders filled by reflection; drawn again in every epoch.",
    ),
    (
        "backbone",
        {"augmentation": {"vertical_flip": True, "zoom_axes": "each", "fill": "constant"}},  # which flips do not use
        "Training images vary by: vertical flips; drawn again in every epoch.",
    ),
    ("head", {"dense": [64, 32], "l2": 0.01}, "Head: 64 + 32 hidden units; L2 penalty 0.01."),
    (
        "backbone",
        {"weights": None, "initialisation": "he"},
        "Random weights: normal, variance 2 / fan-in (He et al. 2015).",
    ),
    (
        "backbone",
        {"batch_norm_momentum": 0.9},
        "Backbone: running averages of batch normalisation with a momentum of 0.9.",
    ),
    ("head", {"output": "sigmoid"}, "Head: one sigmoid for both classes."),
    ("head", {"dense": [64], "activation": "tanh"}, "Head: 64 hidden units; activation tanh."),
    ("head", {"dense": [64], "dropout": 0.5}, "Head: 64 hidden units; dropout 0.5."),
    ("head", {"dense": [64, 32], "dropout": [0, 0.5]}, "Head: 64 + 32 hidden units; dropout 0 + 0.5."),
    ("training", {"optimizer": "sgd", "momentum": 0.9}, "Training: momentum 0.9."),
    ("training", {"loss": {"kind": "focal"}}, "Training: focal loss (gamma 2)."),
    (
        "training",
        {"loss": {"kind": "expected_cost", "missed": 7}},
        "Training: expected cost as loss (to call an ill image healthy costs 7).",
    ),
    (
        "training",
        {"class_weights": "balanced", "schedule": "cosine"},
        "Training: rare classes weigh more in the loss; the learning rate falls along a cosine.",
    ),
    ("backbone", {"precision": "mixed_bfloat16"}, "Arithmetic: computed in bfloat16, kept in float32."),
    (
        "training",
        {"plateau": {"factor": 0.5, "patience": 3}},
        "Training: the learning rate times 0.5 after 3 epochs without a lower validation loss, down to 1e-07.",
    ),
    (
        "training",
        {"early_stopping": 3, "selection": "f1"},
        "Training: an end after 3 epochs without a better validation score; the epoch of the highest validation F1 "
        "kept.",
    ),
]


@pytest.mark.parametrize(("part", "change", "sentence"), CHANGES, ids=lambda value: str(value)[:40])
def test_difference_from_the_default_is_named(part: str, change: dict[str, Any], sentence: str) -> None:
    assert recipe_in_words(recipe(**{part: change})).endswith(f". {sentence}")


def test_one_epoch_is_in_the_singular() -> None:
    once = {"training": {"epochs": 1, "early_stopping": 1, "snapshots": 1, "plateau": {"patience": 1}}}
    assert "1 epochs" not in recipe_in_words(recipe(**once))


def test_phases_stand_in_place_of_epochs() -> None:
    phases = [
        {"epochs": 5, "learning_rate": 0.001, "trainable": "none"},
        {"epochs": 4, "learning_rate": 0.0001, "trainable": 0.2},
    ]
    words = recipe_in_words(recipe(backbone={"trainable": 0.2}, training={"phases": phases}))
    assert "epochs in 2 phases (5 at 0.001, frozen: only the head learns; then 4 at 0.0001, the last 20% of" in words
    assert "9 epochs" not in words


def test_pretraining_is_named_first() -> None:
    pretraining = {"epochs": 30, "learning_rate": 0.001, "batch_size": 16}
    words = recipe_in_words(Recipe.model_validate(PLAIN | {"pretraining": pretraining}))
    assert "Before: encoder and decoder learn to give back the image (30 epochs, learning rate 0.001, batc" in words


def test_snapshots_and_an_autoencoders_dropout_are_named() -> None:
    pretraining = {"epochs": 30, "learning_rate": 0.001, "batch_size": 16, "dropout": 0.2, "snapshots": 5}
    training = PLAIN["training"] | {"snapshots": 3}
    words = recipe_in_words(Recipe.model_validate(PLAIN | {"pretraining": pretraining, "training": training}))
    assert "batches of 16, dropout 0.2 in the decoder, kept every 5 epochs)" in words
    assert words.endswith("Training: a confusion matrix of the validation images every 3 epochs.")


def test_weights_of_a_file_are_not_called_imagenets() -> None:
    assert recipe_in_words(recipe(backbone={"weights": "weights/mine.h5"})).startswith(
        "vgg16 from the weights in weights/mine.h5, trained throughout"
    )


@pytest.mark.parametrize(
    ("trainable", "views", "words"),
    [
        ("none", {}, "each epoch draws the plain image or one of 4 stored views of it."),
        ("none", {"views": 16}, "each epoch draws the plain image or one of 16 stored views of it."),
        ("none", {"views": "fresh"}, "drawn again in every epoch."),
        ("all", {"views": 16}, "drawn again in every epoch."),
    ],
)
def test_kind_of_drawing_is_named(trainable: str, views: dict[str, Any], words: str) -> None:
    description = recipe_in_words(recipe(backbone={"trainable": trainable, "augmentation": {"zoom": 0.3} | views}))
    assert f"Training images vary by: zoom of up to 30%; {words}" in description


def test_frozen_random_network_is_called_a_baseline() -> None:
    assert recipe_in_words(recipe(backbone={"weights": None, "trainable": "none"})).endswith(FLOOR)


def test_every_key_of_a_recipe_has_words() -> None:
    """A new one needs words in the table; until then, the report names it as the catalogue has it."""
    keys = OPENING | WITHIN | {path for words in SENTENCES.values() for path in words}
    schema = Recipe.model_json_schema()
    paths = set(_paths(schema["$defs"] | {"Recipe": schema}, "Recipe"))
    assert paths == keys


def _paths(kinds: dict[str, Any], kind: str) -> list[str]:
    """The keys of a kind, and those of the parts that it always has."""
    paths = []
    for name, field in kinds[kind]["properties"].items():
        inner = field.get("$ref", "").rpartition("/")[2]
        paths += [f"{name}.{path}" for path in _paths(kinds, inner)] if inner else [name]
    return paths


def test_key_without_words_is_named_as_in_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SENTENCES["Training"], "training.class_weights")
    assert recipe_in_words(recipe(training={"class_weights": "balanced"})).endswith(
        "Also: training.class weights balanced."
    )


def test_recipes_of_the_catalogue_read_alike_only_where_they_are_equal() -> None:
    recipes = list(catalogue(Recipe, ROOT / MODELS).values())
    assert len({recipe_in_words(recipe) for recipe in recipes}) == len({one.model_dump_json() for one in recipes})


def test_models_of_a_study_draw_their_changes_alike() -> None:
    """Or a difference between two of them is also one of stored and fresh views."""
    recipes = catalogue(Recipe, ROOT / MODELS)
    for study in (ROOT / "studies").glob("*.yaml"):
        names = YAML(typ="safe").load(study)["study"]["models"]
        changed = [recipes[name].backbone for name in names if recipes[name].backbone.augmentation.active]
        assert len({backbone.stored for backbone in changed}) <= 1, study.stem
