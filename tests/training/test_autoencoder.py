"""An autoencoder learns to give back the rows it trains on, and when it was stopped, goes on to the same bits."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from medtransfer.models.unet import autoencoder
from medtransfer.settings.errors import UserError
from medtransfer.settings.recipes import Reconstruction
from medtransfer.training.autoencoder import compile_autoencoder
from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.compiled import Compiled
from medtransfer.training.fit import Data, Run, TrainedFold, train_fold
from tests.eager import eager

SHAPE, COUNT = (32, 32, 1), 24
ASKED = Reconstruction(epochs=6, learning_rate=3e-3, batch_size=8)
TRAIN, VALIDATION = np.arange(6, COUNT), np.arange(6)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return autoencoder(SHAPE, seed=0)


@pytest.fixture(scope="module")
def compiled(model: keras.Model) -> Compiled:
    return compile_autoencoder(model, ASKED)


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """Smooth blobs, each elsewhere."""
    generator = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32]
    centres = generator.uniform(8, 24, (COUNT, 2, 1, 1))
    distance = (y - centres[:, 0]) ** 2 + (x - centres[:, 1]) ** 2
    return (255 * np.exp(-distance / 40)).astype(np.uint8)[..., None]


def fold(compiled: Compiled, images: NDArray, checkpoint: Checkpoint | None = None) -> TrainedFold:
    data = Data(images, np.zeros(COUNT, int), TRAIN, VALIDATION)
    return train_fold(compiled, data, Run(1, "test", checkpoint, kept=(2, 6)))


def train(compiled: Compiled, images: NDArray) -> pd.DataFrame:
    return fold(compiled, images).history


def test_error_falls_and_is_the_mean_squared_error_of_what_is_left(
    model: keras.Model, compiled: Compiled, images: NDArray[np.uint8]
) -> None:
    history = train(compiled, images)
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] / 2
    given_back = model.predict(images[VALIDATION], verbose=0)
    expected = np.mean((given_back - images[VALIDATION] / 255.0) ** 2)
    assert history["val_loss"].iloc[-1] == pytest.approx(expected, rel=1e-5)


def test_a_fold_forgets_the_one_before_it_and_never_trains_on_what_it_validates_on(
    model: keras.Model, compiled: Compiled, images: NDArray[np.uint8]
) -> None:
    first = train(compiled, images)
    weights = model.get_weights()
    spoilt = images.copy()
    spoilt[VALIDATION] = 255
    second = train(compiled, spoilt)
    assert first["loss"].tolist() == second["loss"].tolist()
    assert all((a == b).all() for a, b in zip(weights, model.get_weights(), strict=True))
    assert second["val_loss"].iloc[-1] != first["val_loss"].iloc[-1]


def test_stopped_in_between_it_ends_with_the_same_bits(
    model: keras.Model, compiled: Compiled, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    undisturbed, weights = fold(compiled, images), model.get_weights()
    assert list(undisturbed.snapshots) == [2, 6]
    assert any((a != b).any() for a, b in zip(*undisturbed.snapshots.values(), strict=True))
    variables = compiled.network.variables
    assert all((a == np.asarray(b)).all() for a, b in zip(undisturbed.snapshots[6], variables, strict=True))
    checkpoint = Checkpoint("k", 0, 1e9, tmp_path, "autoencoder")
    validated = []
    measure = compiled.objective.scores

    def stop_in_the_fourth(*arguments: Any) -> dict[str, float]:  # noqa: ANN401
        validated.append(1)
        if len(validated) == 4:
            raise KeyboardInterrupt
        return measure(*arguments)

    stopping = replace(compiled, objective=replace(compiled.objective, scores=stop_in_the_fourth))
    with pytest.raises(KeyboardInterrupt):
        fold(stopping, images, checkpoint)
    assert checkpoint.path == tmp_path / "k" / "autoencoder-0.npz"
    for total in (4 + 3, 4 + 3):  # three epochs are left, and then none
        resumed = fold(stopping, images, checkpoint)
        assert len(validated) == total
        pd.testing.assert_frame_equal(resumed.history, undisturbed.history)
        for epoch, values in undisturbed.snapshots.items():
            assert all((a == b).all() for a, b in zip(values, resumed.snapshots[epoch], strict=True))
        assert all((a == b).all() for a, b in zip(weights, model.get_weights(), strict=True))


@eager()
def test_divergence_is_a_sentence(model: keras.Model, images: NDArray[np.uint8]) -> None:
    broken = compile_autoencoder(model, ASKED)
    broken.values[0][:] = np.nan
    with pytest.raises(UserError, match=r"test: the loss is nan in epoch 1.*lower pretraining.learning_rate"):
        train(broken, images)
