"""Weights of a network that was trained on another task: what fits by name and shape is taken, and nothing else."""

from pathlib import Path

import keras
import numpy as np
import pytest

from medtransfer import store
from medtransfer.models.build import backbone_of, build
from medtransfer.models.heads import FEATURES
from medtransfer.models.transfer import match_with_source
from medtransfer.models.weights import provenance
from medtransfer.settings.errors import UserError
from medtransfer.settings.recipes import Recipe
from tests.conftest import tiny_recipe
from tests.eager import eager

SIZE = 32
WEIGHTS = {"dataset": "other", "model": "cnn"}


def starting(trainable: str = "all", **backbone: object) -> Recipe:
    recipe = tiny_recipe("simple_cnn", trainable).model_dump(mode="json")
    return Recipe.model_validate(recipe | {"backbone": recipe["backbone"] | {"weights": WEIGHTS} | backbone})


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def leave_source(channels: int, classes: int = 7, recipe: Recipe | None = None) -> keras.Model:
    """A trained source: with other weights than any seed of the tests draws."""
    model = build(recipe or tiny_recipe("simple_cnn"), (SIZE, SIZE, channels), classes, seed=123)
    store.source_model("other-cnn").write_networks(0, {"fold": model})
    return model


def maps(model: keras.Model, images: np.ndarray) -> np.ndarray:
    with eager():
        return np.asarray(backbone_of(model)(images.astype(np.float32)))


@pytest.mark.parametrize(("of_source", "own"), [(1, 1), (1, 3), (3, 1), (3, 3)])
def test_a_grey_image_has_the_features_that_the_source_gives_it(
    of_source: int, own: int, rng: np.random.Generator
) -> None:
    source = leave_source(of_source)
    model = build(starting(), (SIZE, SIZE, own), 2, seed=0)
    grey = rng.integers(0, 256, (3, SIZE, SIZE, 1))
    expected = maps(source, np.repeat(grey, of_source, axis=3))
    np.testing.assert_allclose(maps(model, np.repeat(grey, own, axis=3)), expected, rtol=1e-4, atol=1e-5)


def test_the_head_is_new_and_said_to_be() -> None:
    """Also where a layer of the head has the name and shape of the source's."""
    source = leave_source(channels=1, classes=2)
    model = build(starting(), (SIZE, SIZE, 1), 2, seed=0)
    fresh = build(tiny_recipe("simple_cnn"), (SIZE, SIZE, 1), 2, seed=0)
    for name in ("dense_1", "logits"):
        new, old, drawn = (network.get_layer(name).get_weights()[0] for network in (model, source, fresh))
        assert new.shape == old.shape
        assert not np.array_equal(new, old)
        assert new.std() == pytest.approx(drawn.std(), rel=0.5)
    recipe = starting()
    assert recipe.backbone.source is not None
    match = match_with_source(recipe.backbone.source, model)
    assert match.loaded == ["convolution_1", "convolution_2", "convolution_3"]
    assert match.new == ["normalise_features", "dense_1", "logits"]


def test_layers_of_another_shape_stay_as_they_are() -> None:
    leave_source(1, recipe=tiny_recipe("jardim_cnn"))  # two convolutions of 32 filters
    model, recipe = build(starting(), (SIZE, SIZE, 1), 2, seed=0), starting()
    fresh = build(tiny_recipe("simple_cnn"), (SIZE, SIZE, 1), 2, seed=0)
    assert recipe.backbone.source is not None
    match = match_with_source(recipe.backbone.source, model)
    assert match.loaded == ["convolution_1"]
    for name in ("convolution_2", "convolution_3"):
        assert name in match.new
        np.testing.assert_array_equal(model.get_layer(name).get_weights()[0], fresh.get_layer(name).get_weights()[0])


def test_source_that_no_layer_fits_is_refused() -> None:
    image = keras.Input((SIZE, SIZE, 1))
    x = keras.layers.Conv2D(4, 3, name="another")(image)
    x = keras.layers.GlobalAveragePooling2D(name=FEATURES)(x)
    store.source_model("other-cnn").write_networks(0, {"fold": keras.Model(image, keras.layers.Dense(2)(x))})
    with pytest.raises(UserError, match=r"no layer of .* fits other-cnn \(models/sources/other-cnn/fold-0\.keras\)"):
        build(starting(), (SIZE, SIZE, 1), 2, seed=0)


def test_source_that_is_not_trained_is_refused() -> None:
    with pytest.raises(
        UserError, match=r"fold-0\.keras is missing, which a model starts from; train it with: dvc repro"
    ):
        build(starting(), (SIZE, SIZE, 1), 2, seed=0)


def test_provenance_names_the_source_and_its_hash() -> None:
    leave_source(1)
    noted = provenance(starting().backbone)
    assert (noted["weights"], noted["file"], len(noted["sha256"])) == ("source", "other-cnn", 64)
