"""Head first, then some of the backbone at a lower rate: each phase trains its layers, with an optimizer of its own."""

import numpy as np
import pytest
from sklearn import metrics

from medtransfer.models.build import build
from medtransfer.models.predict import softmax
from medtransfer.settings.recipes import Recipe
from medtransfer.training.compiled import HISTORY_COLUMNS, compile_classifier
from medtransfer.training.fit import Data, Run, TrainedFold, train_fold
from tests.conftest import tiny_recipe
from tests.training.compiling import SHAPE, compiled_for

pytestmark = pytest.mark.long

BACKBONE = ("convolution_1", "convolution_2", "convolution_3")


def recipe(*phases: dict[str, object], **training: object) -> Recipe:
    base = tiny_recipe("simple_cnn", str(phases[-1]["trainable"])).model_dump(mode="json")
    return Recipe.model_validate(base | {"training": base["training"] | {"phases": phases} | training})


HEAD = {"epochs": 2, "learning_rate": 1e-2, "trainable": "none"}
LAST = {"epochs": 3, "learning_rate": 1e-3, "trainable": "convolution_3"}


@pytest.fixture
def data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(40) % 2
    images = rng.integers(0, 100, (40, *SHAPE)) + 100 * labels[:, None, None, None]
    return images.astype(np.uint8), labels


def trained(data: tuple[np.ndarray, np.ndarray], chosen: Recipe, folds: int = 1) -> tuple[TrainedFold, set[str]]:
    """The last fold's result, and the names of the backbone's layers that changed."""
    compiled = compiled_for(chosen)
    network = compiled.network
    before = {name: network.get_layer(name).get_weights() for name in BACKBONE}
    for number in range(folds):
        rows = np.roll(np.arange(40), 8 * (folds - number))
        result = train_fold(compiled, Data(*data, rows[8:], rows[:8]), Run(1, "test"))
    changed = {
        name
        for name, weights in before.items()
        if not all(np.array_equal(a, b) for a, b in zip(network.get_layer(name).get_weights(), weights, strict=True))
    }
    return result, changed


def test_each_phase_trains_its_layers_and_no_others(data: tuple[np.ndarray, np.ndarray]) -> None:
    assert trained(data, recipe(HEAD, LAST))[1] == {"convolution_3"}
    assert trained(data, recipe(HEAD, LAST, LAST | {"trainable": "all"}))[1] == set(BACKBONE)


def test_history_goes_on_with_a_column_for_the_phase(data: tuple[np.ndarray, np.ndarray]) -> None:
    result = trained(data, recipe(HEAD, LAST))[0]
    assert result.history.columns.tolist() == [*HISTORY_COLUMNS, "phase"]
    assert result.history["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert result.history["phase"].tolist() == [1, 1, 2, 2, 2]
    np.testing.assert_allclose(result.history["learning_rate"], [1e-2] * 2 + [1e-3] * 3, rtol=1e-6)
    assert result.selected == 5


def test_a_phase_begins_where_the_one_before_it_ended(data: tuple[np.ndarray, np.ndarray]) -> None:
    frozen = tiny_recipe("simple_cnn", "none", initialisation="keras")  # as a backbone that is trained later
    head_alone = frozen.training.model_copy(update={"epochs": 2, "learning_rate": 1e-2})
    alone = trained(data, frozen.model_copy(update={"training": head_alone}))[0]
    first = trained(data, recipe(HEAD, LAST))[0]
    np.testing.assert_allclose(first.history["val_loss"][:2], alone.history["val_loss"], rtol=1e-6)
    slow = trained(data, recipe(HEAD, LAST | {"learning_rate": 1e-20}))[0]
    assert slow.history["loss"][2:].max() < slow.history["loss"][0]


def test_fold_forgets_the_phases_of_the_folds_before_it(data: tuple[np.ndarray, np.ndarray]) -> None:
    one, two = (trained(data, recipe(HEAD, LAST), folds)[0] for folds in (1, 3))
    np.testing.assert_array_equal(one.outputs, two.outputs)
    assert one.history.equals(two.history)


def test_best_epoch_is_chosen_over_all_phases(data: tuple[np.ndarray, np.ndarray]) -> None:
    """The second phase's one epoch, at a wild rate, throws away what was learnt."""
    wild = LAST | {"learning_rate": 3.0, "epochs": 1}
    result = trained(data, recipe(HEAD, wild, selection="loss"))[0]
    losses = result.history["val_loss"]
    assert losses[2] > 2 * losses[:2].max()
    assert result.selected == losses.argmin() + 1
    truth = data[1][32:]  # the rows that the only fold is validated on
    assert metrics.log_loss(truth, softmax(result.outputs)) == pytest.approx(losses.min(), rel=1e-4)


def test_early_stopping_ends_its_phase_alone(data: tuple[np.ndarray, np.ndarray]) -> None:
    """At a rate of next to nothing no epoch is better than the first, but for moving statistics: of a head of none."""
    slow = {"epochs": 9, "learning_rate": 1e-20, "trainable": "none"}
    chosen = recipe(slow, slow | {"trainable": "all"}, early_stopping=2)
    chosen = chosen.model_copy(update={"head": chosen.head.model_copy(update={"normalise_features": False})})
    assert trained(data, chosen)[0].history["phase"].tolist() == [1, 1, 1, 2, 2, 2]


def test_phases_without_a_backbone_are_refused() -> None:
    chosen = recipe(HEAD, LAST)
    with pytest.raises(ValueError, match="phases"):
        compile_classifier(build(chosen, SHAPE, 2, seed=0), chosen.training)


def test_a_first_phase_on_features_trains_as_the_whole_network_does(
    data: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_features = trained(data, recipe(HEAD, LAST))[0]
    monkeypatch.setattr("medtransfer.training.compiled.head_of", lambda model: model)  # every phase on images
    whole = trained(data, recipe(HEAD, LAST))[0]
    np.testing.assert_allclose(on_features.history, whole.history, rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(on_features.outputs, whole.outputs, rtol=1e-2, atol=1e-3)


def test_a_first_phase_with_augmentation_runs_the_whole_network() -> None:
    plain, varied = recipe(HEAD, LAST), recipe(HEAD, LAST).model_dump(mode="json")
    varied["backbone"]["augmentation"] = {"horizontal_flip": True}
    assert [phase.on_features for phase in compiled_for(plain).phases] == [True, False]
    assert [phase.on_features for phase in compiled_for(Recipe.model_validate(varied)).phases] == [False, False]
