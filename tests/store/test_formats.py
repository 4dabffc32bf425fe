"""Every format reads back what was written, and equal contents are equal bytes."""

import re
import time
import zipfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.models.build import build
from medtransfer.settings.errors import UserError
from medtransfer.store import formats
from tests.conftest import tiny_recipe


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1))
def test_table_keeps_nine_digits(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    formats.write_table(path, pd.DataFrame({"value": values}))
    np.testing.assert_allclose(formats.read_table(path)["value"], values, rtol=1e-8, atol=0)


def test_table_keeps_names_as_text(tmp_path: Path) -> None:
    table = pd.DataFrame({"id": ["007", "NA", "1e5"], "label": ["no", "yes", "null"], "fold": [0, 1, 2]})
    formats.write_table(tmp_path / "t.csv", table)
    pd.testing.assert_frame_equal(formats.read_table(tmp_path / "t.csv"), table)


def test_json_rounds_and_refuses_nan(tmp_path: Path) -> None:
    content = {"a": np.float32(0.1), "b": [np.int64(3), 1 / 3], "c": {"d": np.bool_(True), "e": None}}
    formats.write_json(tmp_path / "a.json", content)
    read = formats.read_json(tmp_path / "a.json")
    assert read == {"a": 0.100000001, "b": [3, 0.333333333], "c": {"d": True, "e": None}}
    with pytest.raises(ValueError, match="JSON"):
        formats.write_json(tmp_path / "b.json", {"a": float("nan")})


def test_masks_return_by_id_and_are_repeatable(tmp_path: Path, rng: np.random.Generator) -> None:
    masks = {"b/2.png": rng.random((5, 4)) > 0.5, "a/1.png": rng.random((5, 4)) > 0.5}
    for name in ("one.npz", "two.npz"):
        formats.write_masks(tmp_path / name, masks)
    read = formats.read_masks(tmp_path / "one.npz")
    assert list(read) == list(masks)
    assert all((read[id] == mask).all() for id, mask in masks.items())
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    formats.write_masks(tmp_path / "none.npz", {})
    assert formats.read_masks(tmp_path / "none.npz") == {}


def test_equal_models_are_equal_files_whenever_saved(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dropout(0.5)])
    formats.write_model(tmp_path / "one.keras", model)
    time.sleep(1.1)  # Keras notes the second of saving; zip the even second
    formats.write_model(tmp_path / "two.keras", model)
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.keras", "two.keras"]


def test_models_built_again_are_equal_files(tmp_path: Path) -> None:
    """Layers share their dtype policy, which Keras notes by its address in memory."""
    for name in ("one", "two"):
        keras.utils.clear_session()
        model = build(tiny_recipe("simple_cnn"), (24, 24, 1), 2, seed=0)
        model.get_layer("dense_1").dtype_policy = keras.DTypePolicy("float32")  # another object, another address
        formats.write_model(tmp_path / f"{name}.keras", model)
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.keras") as archive:
        config = archive.read("config.json").decode()
    assert set(re.findall(r'"shared_object_id": (\d+)', config)) <= {"0", "1", "2"}
    assert next(formats.read_models([tmp_path / "two.keras"])).count_params() == model.count_params()


def test_models_are_read_with_each_archives_weights(tmp_path: Path, rng: np.random.Generator) -> None:
    inputs = rng.random((4, 3)).astype(np.float32)
    paths, expected = [], []
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])
        paths.append(tmp_path / f"{seed}.keras")
        formats.write_model(paths[-1], model)
        expected.append(model(inputs, training=False))
    for model, answer in zip(formats.read_models(paths), expected, strict=True):
        np.testing.assert_array_equal(model(inputs, training=False), answer)


@pytest.mark.parametrize("read", [formats.read_table, formats.read_json, formats.read_array, formats.read_masks])
def test_missing_file_is_a_sentence(tmp_path: Path, read: object) -> None:
    with pytest.raises(UserError, match=r"absent is missing; make it with: dvc repro"):
        read(tmp_path / "absent")  # type: ignore[operator]
