"""Images a second: measured once for each training, of the models that are there. Energy: of whole folds alone."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from medtransfer import store
from medtransfer.models.energy import EnergyMeter
from medtransfer.settings.load import load_params
from medtransfer.store.records import Training
from medtransfer.training import throughput
from medtransfer.training.folds import Fold
from stages import train
from tests.conftest import ROOT


class _Slow:
    """A network that takes a hundredth of a second for each image."""

    input_shape = (None, 4, 4, 1)

    def __init__(self, clock: list[float]) -> None:
        self._clock = clock
        self.calls = 0

    def predict_on_batch(self, images: np.ndarray) -> None:
        self.calls += 1
        self._clock[0] += 60.0 if self.calls == 1 else 0.01 * len(images)


def test_rate_leaves_out_the_first_batch_which_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("medtransfer.training.throughput.time.perf_counter", lambda: clock[0])
    network = _Slow(clock)
    assert throughput.images_a_second(network, batch=16, seconds=1.0) == pytest.approx(100)
    assert network.calls == 8, "one that compiles, and seven of 0.16 s"


def test_measured_once_for_each_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    params = load_params(ROOT)
    name, absent = params.study.models[:2]
    trained = store.trained(params.dataset, name)
    images = keras.Input((4, 4, 1))
    network = keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))
    trained.write_networks(0, {"fold": network})
    trained.training.write(Training({}, "simple_cnn", "last", False, False, 0, 0, [1]))
    trained.history.write(pd.DataFrame({"epoch": [1]}))
    shapes: list[tuple[int | None, ...]] = []

    def rate(network: keras.Model) -> float:
        shapes.append(network.input_shape)
        return 5.0

    monkeypatch.setattr(throughput, "images_a_second", rate)
    for epochs, measured in ((1, 1), (1, 1), (2, 2)):
        trained.history.write(pd.DataFrame({"epoch": range(epochs)}))
        throughput.main(params)
        assert shapes == [(None, 4, 4, 1)] * measured
    assert store.inference_rate(params.dataset, name).read().images_a_second == 5.0
    assert not store.inference_rate(params.dataset, absent).path.exists()


def test_energy_is_of_folds_that_this_run_has_trained_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both take 10 s and 500 J here; the second says 15 s, as an earlier run had trained a part of it."""
    clock, joules = [0.0], [0.0]

    def folds() -> Iterator[Fold]:
        for number, seconds in enumerate((10.0, 15.0)):
            clock[0] += 10.0
            joules[0] += 500.0
            yield Fold(number, {}, {}, np.zeros((0, 2), np.float32), 1, seconds)

    monkeypatch.setattr("stages.train.time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(EnergyMeter, "joules", property(lambda meter: joules[0]))
    assert [(fold.number, energy) for fold, energy in train._with_energy(folds())] == [(0, 500.0), (1, None)]
    monkeypatch.setattr(EnergyMeter, "joules", property(lambda meter: None))
    assert [energy for _, energy in train._with_energy(folds())] == [None, None]
