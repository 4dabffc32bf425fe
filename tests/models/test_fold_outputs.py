"""Outputs of all folds of a model, whose networks are one graph with other weights in turn."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from medtransfer.models.fold_outputs import FoldOutputs
from medtransfer.models.predict import predict


@pytest.mark.parametrize("frozen", [False, True])
def test_each_fold_is_asked_with_its_own_weights_and_a_frozen_backbone_once(
    frozen: bool, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = keras.Input((4, 4, 1), name="image")
    features = keras.layers.Flatten(name="features")(keras.layers.Rescaling(1 / 255)(images))
    network = keras.Model(images, keras.layers.Dense(2, name="logits")(features))
    shown = rng.integers(0, 256, (71, 4, 4, 1), dtype=np.uint8)  # two batches, the second to be filled up
    weights = [[rng.normal(size=(16, 2)), rng.normal(size=2)] for _ in range(3)]

    def networks() -> Iterator[keras.Model]:
        for each in weights:
            network.set_weights(each)
            yield network

    shapes = []

    def ask(model: keras.Model, *rest: Any) -> NDArray[np.float32]:  # noqa: ANN401
        shapes.append(model.input_shape)
        return predict(model, *rest)

    monkeypatch.setattr("medtransfer.models.fold_outputs.predict", ask)
    outputs = FoldOutputs(networks(), frozen)(shown)
    expected = [shown.reshape(71, 16) / 255 @ kernel + bias for kernel, bias in weights]
    assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)
    assert shapes.count((None, 4, 4, 1)) == (1 if frozen else 3)
