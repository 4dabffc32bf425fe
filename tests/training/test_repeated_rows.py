"""A subset of a fold's rows is trained on for as many steps as all rows: its rows come again and again in an epoch."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medtransfer.settings.recipes import Recipe
from medtransfer.training.augmentation import build_augmentation
from medtransfer.training.batches import repeated, shuffled
from medtransfer.training.epochs import Epoch
from medtransfer.training.fit import Data, Run, train_fold
from tests.conftest import tiny_recipe
from tests.training.compiling import SHAPE, compiled_for

IMAGES, VIEWS, ALL = 40, 3, 30
LABELS = (np.arange(IMAGES) % 4 == 0).astype(int)
SUBSET, EVERY = np.arange(4, 13), np.arange(0, ALL)
RECIPE = tiny_recipe("simple_cnn", augmentation={"rotation": 20})
WEIGHED = RECIPE.model_copy(
    update={"training": RECIPE.training.model_copy(update={"class_weights": "balanced", "epochs": 2})}
)


@dataclass
class Seen:
    """What the steps of a phase are given, in place of training."""

    placed: list[tuple[NDArray, ...]] = field(default_factory=list)  # inputs, rows, labels, weights
    epochs: list[tuple[NDArray, ...]] = field(default_factory=list)  # order, rates, draws

    def place(self, *placed: NDArray) -> Epoch:
        self.placed.append(placed)

        def epoch(*given: NDArray) -> dict[str, float]:
            self.epochs.append(given)
            return {"loss": 0.0, "accuracy": 0.0}

        return epoch


def seen(rows: NDArray, epoch: int | None, views: int = 0, recipe: Recipe = WEIGHED) -> Seen:
    compiled, shown = compiled_for(recipe), Seen()
    augment = None if views else build_augmentation(WEIGHED.backbone.augmentation, SHAPE)
    inputs = np.zeros((IMAGES, 1 + views, *SHAPE) if views else (IMAGES, *SHAPE), np.uint8)
    phases = [replace(phase, place=shown.place) for phase in compiled.phases]
    data = Data(inputs, LABELS, rows, np.array([], int), epoch=epoch)
    train_fold(replace(compiled, phases=phases, augment=augment), data, Run(5, "test"))
    return shown


@given(st.integers(1, 30), st.integers(1, 100), st.integers(0, 9))
def test_an_epoch_has_every_row_equally_often_and_begins_as_one_without_repeats(
    rows: int, count: int, seed: int
) -> None:
    order, before = repeated(rows, count, seed, epoch=3)
    assert len(order) == len(before) == count
    counted = np.bincount(order, minlength=rows)
    assert counted.max() - counted.min() <= 1
    assert len({*zip(order.tolist(), before.tolist(), strict=True)}) == count, "no occurrence is counted twice"
    assert [int(before[:place][order[:place] == order[place]].size) for place in range(count)] == before.tolist()
    assert order[:rows].tolist() == shuffled(rows, seed, 3)[:count].tolist()


def test_rows_that_come_again_come_in_another_order() -> None:
    order, _ = repeated(20, 60, seed=0, epoch=1)
    first, second, third = order.reshape(3, 20).tolist()
    assert first != second != third != first


def test_subset_has_the_steps_of_all_rows_and_lies_once_on_the_device() -> None:
    few, all_rows = seen(SUBSET, ALL), seen(EVERY, None)
    for (order, rates, draws), (_, rates_of_all, draws_of_all) in zip(few.epochs, all_rows.epochs, strict=True):
        assert len(rates) == len(rates_of_all) == -(-ALL // WEIGHED.training.batch_size)
        assert draws.shape == draws_of_all.shape
        assert set(order.tolist()) == set(range(len(SUBSET)))
    _, rows, labels, weights = few.placed[0]
    assert rows.tolist() == SUBSET.tolist()
    ill = LABELS[SUBSET].mean()
    assert weights[rows] == pytest.approx(np.where(labels[rows] == 1, 0.5 / ill, 0.5 / (1 - ill))), "of the subset"


def test_schedules_and_phases_run_as_with_all_rows() -> None:
    first = {"epochs": 2, "learning_rate": 0.01, "trainable": 0.5}
    phases = [first, {"epochs": 3, "learning_rate": 0.001, "trainable": "all"}]
    training = RECIPE.training.model_dump() | {"phases": phases, "schedule": "cosine"}
    recipe = Recipe.model_validate(RECIPE.model_dump() | {"training": training})
    few, all_rows = seen(SUBSET, ALL, recipe=recipe), seen(EVERY, None, recipe=recipe)
    assert [rates.tolist() for _, rates, _ in few.epochs] == [rates.tolist() for _, rates, _ in all_rows.epochs]
    assert [len(rates) for _, rates, _ in few.epochs] == [4] * 5


def test_every_repeat_is_augmented_in_a_way_of_its_own_and_a_row_that_comes_once_as_before() -> None:
    few, plain = seen(SUBSET, ALL), seen(SUBSET, None)
    for (order, _, draws), (first_order, _, first_draws) in zip(few.epochs, plain.epochs, strict=True):
        assert len(np.unique(draws, axis=0)) == ALL
        assert order[: len(SUBSET)].tolist() == first_order.tolist()
        np.testing.assert_array_equal(draws[: len(SUBSET)], first_draws)


def test_each_repeat_draws_among_the_stored_views_again() -> None:
    many, plain = seen(SUBSET, 20 * len(SUBSET), VIEWS), seen(SUBSET, None, VIEWS)
    chosen, first = many.epochs[0][0], plain.epochs[0][0]
    assert chosen[: len(SUBSET)].tolist() == first.tolist()
    row, view = np.divmod(chosen, 1 + VIEWS)
    assert all(set(view[row == each]) == set(range(1 + VIEWS)) for each in range(len(SUBSET)))
