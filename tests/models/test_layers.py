"""The table of layers adds up to what Keras counts."""

from collections.abc import Iterator

import pytest

from medtransfer.models.build import build, head_of
from medtransfer.models.layers import layers
from tests.conftest import tiny_recipe
from tests.eager import eager


@pytest.fixture(autouse=True)
def _eager() -> Iterator[None]:
    with eager():
        yield


def test_rows_are_the_layers_and_their_parameters_add_up() -> None:
    model = build(tiny_recipe("simple_cnn", "none"), (32, 32, 1), 3, seed=0)
    head_of(model)  # its layers are then called twice
    table = layers(model)
    rows = {row["layer"]: row for row in table.to_dict("records")}
    assert next(iter(rows)) == "image"
    first = {"layer": "convolution_1", "kind": "Conv2D", "output": "32 × 32 × 32", "parameters": 9 * 32 + 32}
    assert rows["convolution_1"] == first | {"trainable": 0}
    assert (rows["normalise_features"]["parameters"], rows["normalise_features"]["trainable"]) == (4 * 64, 2 * 64)
    assert (rows["logits"]["output"], rows["logits"]["parameters"]) == ("3", 8 * 3 + 3)
    assert table["parameters"].sum() == model.count_params()
    assert table["trainable"].sum() == sum(weight.numpy().size for weight in model.trainable_weights)
