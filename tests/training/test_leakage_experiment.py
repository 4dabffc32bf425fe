"""The experiment finds what a copy is worth where it is worth something, and nothing where it is worth nothing."""

import keras
import numpy as np
import pytest

from medtransfer.comparison.leakage import summarise
from medtransfer.data.split.arms import draw
from medtransfer.models.build import build, head_of
from medtransfer.training.leakage_experiment import Examples, Trial, run_trials
from medtransfer.training.schedules import to_the_last_epoch
from tests.conftest import tiny_recipe
from tests.eager import eager

pytestmark = pytest.mark.long

FEATURES, PICTURES, COPIES = 160, 60, 4
RECIPE = tiny_recipe("simple_cnn", trainable="none")


def head(features: int) -> keras.Model:
    """A linear head of two classes on features, as a frozen recipe trains it."""
    inputs = keras.Input((features,))
    return keras.Model(
        inputs, keras.layers.Dense(2, kernel_initializer=keras.initializers.GlorotUniform(seed=1))(inputs)
    )


@pytest.mark.parametrize("memorable", [True, False])
def test_copies_are_worth_something_only_where_the_label_follows_from_the_picture_alone(memorable: bool) -> None:
    """Labels are drawn for each picture at random, or follow from a feature that all pictures share."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(PICTURES), COPIES)
    of_picture = rng.integers(0, 2, PICTURES)
    looks = rng.normal(size=(PICTURES, FEATURES))
    if not memorable:
        looks = 0.1 * looks
        looks[:, 0] = 4 * (of_picture - 0.5)
    features = (looks[groups] + 0.001 * rng.normal(size=(len(groups), FEATURES))).astype(np.float32)
    labels = of_picture[groups]
    repeats = [draw(labels, groups, 0.2, seed) for seed in range(3)]
    trials = [
        Trial(repeat, arm, rows, arms.test)
        for repeat, arms in enumerate(repeats)
        for arm, rows in arms.development.items()
    ]
    training = RECIPE.training.model_copy(update={"epochs": 20, "learning_rate": 0.2, "batch_size": 32})
    recipe = RECIPE.model_copy(update={"training": training})
    scored = run_trials(head(FEATURES), recipe, Examples(features, labels), trials, seed=0)
    summary = summarise(scored, groups, np.ones(sum(len(arms.test) for arms in repeats), dtype=bool))["all"]
    worth = summary["differences"]["control_minus_without_copies"]
    if memorable:
        assert worth["low"] > 0.2
        assert summary["accuracy"]["random"]["value"] > 0.95
    else:
        assert (worth["low"], worth["high"]) == pytest.approx((0, 0), abs=0.05)


def test_trials_do_not_depend_on_one_another_and_take_images_too(rng: np.random.Generator) -> None:
    images, labels = rng.integers(0, 255, (24, 32, 32, 1), dtype=np.uint8), np.arange(24) % 2
    recipe, examples = tiny_recipe("simple_cnn"), Examples(images, labels)
    trials = [Trial(0, arm, np.arange(start, 16), np.arange(16, 24)) for arm, start in (("random", 0), ("control", 4))]
    with eager():
        both = run_trials(build(recipe, (32, 32, 1), 2, 0), recipe, examples, trials, seed=3)
        alone = run_trials(build(recipe, (32, 32, 1), 2, 0), recipe, examples, trials[1:], seed=3)
    assert both[both["arm"] == "control"]["right"].tolist() == alone["right"].tolist()
    assert both["row"].tolist() == list(range(16, 24)) * 2


def test_nothing_looks_at_validation_rows() -> None:
    training = RECIPE.training.model_copy(update={"selection": "loss", "early_stopping": 3})
    plain = to_the_last_epoch(training)
    assert (plain.selection, plain.early_stopping, plain.plateau) == ("last", None, None)
    assert plain.epochs == training.epochs


def test_head_of_a_frozen_recipe_is_what_is_trained() -> None:
    network = head_of(build(RECIPE, (32, 32, 1), 2, 0))
    assert len(network.input_shape) == 2
