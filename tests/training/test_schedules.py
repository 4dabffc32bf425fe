"""Rates, plateaus and patience, as Keras's own callbacks and schedules have them."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.settings.recipes import Plateau, Training
from medtransfer.training.schedules import Patience, lowered, minimised, step_rates

LOSSES = st.lists(st.integers(0, 6).map(lambda value: value / 2), min_size=1, max_size=25)


def test_constant_rate_is_constant() -> None:
    assert step_rates(0.5, "constant", 3, 4, 10).tolist() == [0.5] * 4


def test_cosine_is_that_of_keras() -> None:
    schedule = keras.optimizers.schedules.CosineDecay(0.02, decay_steps=30)
    expected = [float(schedule(step)) for step in range(30)]
    epochs = [step_rates(0.02, "cosine", first, 10, 30) for first in (0, 10, 20)]
    np.testing.assert_allclose(np.concatenate(epochs), expected, rtol=1e-5, atol=1e-9)
    assert step_rates(0.02, "cosine", 30, 1, 30)[0] == 0


@given(LOSSES, st.integers(1, 4), st.sampled_from([0.1, 0.5]), st.sampled_from([0.0, 1e-3]))
def test_plateau_is_that_of_keras(losses: list[float], patience: int, factor: float, minimum: float) -> None:
    callback = keras.callbacks.ReduceLROnPlateau(factor=factor, patience=patience, min_lr=minimum, min_delta=0)
    model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.01))
    callback.set_model(model)
    callback.on_train_begin()
    plateau = Plateau(factor=factor, patience=patience, minimum=minimum)
    rate, seen = 0.01, Patience()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        seen.see(loss)
        rate = lowered(rate, plateau, seen)
        assert rate == pytest.approx(float(model.optimizer.learning_rate))


@given(LOSSES, st.integers(1, 4))
def test_patience_ends_where_that_of_keras_does(losses: list[float], patience: int) -> None:
    callback = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, mode="min")
    model = SimpleNamespace(stop_training=False)
    callback.set_model(model)
    callback.on_train_begin()
    seen = Patience()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        seen.see(loss)
        assert (seen.waited >= patience) == model.stop_training
        if model.stop_training:
            break


def test_rate_already_below_the_minimum_is_not_raised() -> None:
    assert lowered(1e-8, Plateau(minimum=1e-7), Patience(0.0, waited=3)) == 1e-8


def test_loss_that_is_no_number_is_never_better() -> None:
    seen = Patience()
    assert not seen.see(float("nan"))
    assert seen.see(1.0)
    assert not seen.see(float("nan"))
    assert seen.least == 1.0


def test_selection_by_each_quantity() -> None:
    row = {"epoch": 4.0, "val_loss": 0.7, "val_accuracy": 0.6, "val_f1": 0.5}
    base = Training(optimizer="adam", learning_rate=0.1, epochs=1, batch_size=1)
    quantities = {
        name: minimised(base.model_copy(update={"selection": name}), row) for name in ("last", "loss", "accuracy", "f1")
    }
    assert quantities == {"last": -4.0, "loss": 0.7, "accuracy": -0.6, "f1": -0.5}
