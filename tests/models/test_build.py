"""Every architecture of the registry builds flat, carries its preprocessing, freezes what it should, and reloads."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from medtransfer import artefacts
from medtransfer.errors import UserError
from medtransfer.models.build import FEATURES, backbone_of, build, explained_layer, head_of
from medtransfer.models.registry import ARCHITECTURES, check
from tests.conftest import tiny_recipe

SIZE = 32


@pytest.fixture(params=ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    return request.param


def images(rng: np.random.Generator, channels: int = 1, count: int = 4) -> np.ndarray:
    return rng.integers(0, 255, (count, SIZE, SIZE, channels), dtype=np.uint8)


def test_graph_is_flat_and_gives_logits(architecture: str, rng: np.random.Generator) -> None:
    model = build(tiny_recipe(architecture), (SIZE, SIZE, 1), 3, seed=0)
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    logits = model.predict(images(rng), verbose=0)
    assert logits.shape == (4, 3)
    assert np.ptp(logits, axis=0).min() > 0, "the answer does not depend on the image"


def test_random_weights_pass_signals_on(architecture: str, rng: np.random.Generator) -> None:
    features = backbone_of(build(tiny_recipe(architecture), (SIZE, SIZE, 1), 3, seed=0)).predict(images(rng), verbose=0)
    assert 0.01 < features.std() < 100


def test_same_seed_same_weights(architecture: str) -> None:
    one, two, other = (build(tiny_recipe(architecture), (SIZE, SIZE, 1), 3, seed=seed) for seed in (5, 5, 6))
    assert all((a == b).all() for a, b in zip(one.get_weights(), two.get_weights(), strict=True))
    assert any((a != b).any() for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def test_explained_layer_is_the_last_feature_map(architecture: str) -> None:
    recipe = tiny_recipe(architecture)
    model = build(recipe, (SIZE, SIZE, 1), 3, seed=0)
    layers = [layer.name for layer in model.layers]
    shape = model.get_layer(explained_layer(recipe)).output.shape
    assert len(shape) == 4
    between = model.layers[layers.index(explained_layer(recipe)) + 1 : layers.index(FEATURES)]
    assert all(not layer.weights for layer in between)


def test_head_and_backbone_together_are_the_model(architecture: str, rng: np.random.Generator) -> None:
    model = build(tiny_recipe(architecture, "none"), (SIZE, SIZE, 1), 3, seed=0)
    inputs = images(rng)
    features = backbone_of(model).predict(inputs, verbose=0)
    np.testing.assert_allclose(head_of(model).predict(features, verbose=0), model.predict(inputs, verbose=0), atol=1e-5)


def test_training_the_head_trains_the_model(architecture: str, rng: np.random.Generator) -> None:
    model = build(tiny_recipe(architecture, "none"), (SIZE, SIZE, 1), 3, seed=0)
    head = head_of(model)
    for variable in head.trainable_variables:
        variable.assign(variable + 1.0)
    inputs = images(rng)
    features = backbone_of(model).predict(inputs, verbose=0)
    np.testing.assert_allclose(
        head.predict(features, verbose=0), model.predict(inputs, verbose=0), rtol=1e-4, atol=1e-4
    )


def test_saved_model_opens_in_a_new_process_without_this_project(
    architecture: str, rng: np.random.Generator, tmp_path: Path
) -> None:
    model = build(tiny_recipe(architecture, "none"), (SIZE, SIZE, 3), 3, seed=0)
    inputs = images(rng, channels=3)
    artefacts.write_model(tmp_path / "m.keras", model)
    artefacts.write_array(tmp_path / "x.npy", inputs)
    program = (
        "import keras, numpy, sys; folder = sys.argv[1] + '/'\n"
        "y = keras.saving.load_model(folder + 'm.keras').predict(numpy.load(folder + 'x.npy'), verbose=0)\n"
        "numpy.save(folder + 'y.npy', y)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, cwd=tmp_path)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model.predict(inputs, verbose=0), atol=1e-5)


@pytest.mark.parametrize("name", [name for name, entry in ARCHITECTURES.items() if entry.imagenet])
def test_preprocessing_in_the_graph_is_that_of_keras(name: str, rng: np.random.Generator) -> None:
    model = build(tiny_recipe(name), (SIZE, SIZE, 3), 3, seed=0)
    inputs = images(rng, channels=3)
    inside = keras.Model(model.input, model.get_layer("preprocess").output).predict(inputs, verbose=0)
    expected = keras.applications.imagenet_utils.preprocess_input(
        inputs.astype(np.float32), data_format="channels_last", mode=ARCHITECTURES[name].preprocessing
    )
    np.testing.assert_allclose(inside, expected, atol=1e-4)


def test_image_size_of_a_recipe_resizes_in_the_graph(rng: np.random.Generator) -> None:
    model = build(tiny_recipe("mobilenetv2", image_size=64), (SIZE, SIZE, 1), 3, seed=0)
    assert model.get_layer("out_relu").output.shape[1] == 2
    assert model.predict(images(rng), verbose=0).shape == (4, 3)


def test_trainable_none_all_fraction_and_layer() -> None:
    def weights(trainable: object) -> int:
        recipe = tiny_recipe("vgg16", trainable)  # type: ignore[arg-type]
        return len(backbone_of(build(recipe, (SIZE, SIZE, 1), 3, seed=0)).trainable_variables)

    assert weights("none") == 0
    assert weights("all") == 26  # 13 convolutions, a kernel and a bias each; the preprocessing is fixed
    assert weights("block5") == 6
    assert 0 < weights(0.25) < weights(0.75) < 26
    with pytest.raises(UserError, match=r"vgg16 has no layer whose name begins with 'block9'; .*block5_conv3"):
        weights("block9")


def test_frozen_batch_normalisation_stays_in_inference_mode(rng: np.random.Generator) -> None:
    model = build(tiny_recipe("mobilenetv2", "block_16"), (SIZE, SIZE, 1), 2, seed=0)
    frozen = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    frozen = [layer for layer in frozen if not layer.trainable]
    before = [layer.get_weights() for layer in frozen]
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(images(rng), np.array([0, 1, 0, 1]), epochs=1, verbose=0)
    assert len(frozen) > 40
    for layer, weights in zip(frozen, before, strict=True):
        assert all((a == b).all() for a, b in zip(layer.get_weights(), weights, strict=True))


def test_missing_imagenet_weights_end_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fetch(*arguments: object, **options: object) -> None:
        raise Exception("URL fetch failure on https://weights.h5: None -- unreachable")

    monkeypatch.setattr(keras.src.applications.vgg16.file_utils, "get_file", fetch)
    with pytest.raises(UserError, match=r"ImageNet weights of VGG16 .*weights\.h5.* put the file .*KERAS_HOME"):
        build(tiny_recipe("vgg16", weights="imagenet"), (SIZE, SIZE, 3), 3, seed=0)


MISTAKES = {
    "unknown architecture": ({"architecture": "vgg61"}, r"none called 'vgg61'; did you mean vgg16\?"),
    "no ImageNet weights": (
        {"architecture": "simple_cnn", "weights": "imagenet"},
        "simple_cnn has no ImageNet weights",
    ),
    "no width": ({"architecture": "vgg16", "alpha": 0.5}, "vgg16 has no width to choose; valid for mobilenetv2"),
    "too small": ({"architecture": "vgg16", "image_size": 16}, "vgg16 needs images of 32 pixels .* get 16"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_impossible_recipe_is_refused(mistake: str) -> None:
    backbone, sentence = MISTAKES[mistake]
    with pytest.raises(UserError, match=sentence):
        check("mine", tiny_recipe(**backbone), image_size=64)  # type: ignore[arg-type]
