"""Weights from ImageNet and from files: what is loaded is what was saved, and what is missing is said."""

import functools
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import h5py
import keras
import numpy as np
import pytest

from medtransfer.models import imagenet, weights
from medtransfer.models.build import backbone_of, build, explained_layer, head_of
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.models.weights import provenance
from medtransfer.settings.errors import UserError
from medtransfer.store import formats
from tests.conftest import ROOT, tiny_recipe
from tests.eager import eager

pytestmark = pytest.mark.long

SIZE = 32
FETCHER = sys.modules[keras.utils.get_file.__module__]
SHARED = ROOT.parent / "shared/keras"


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """No graph is made, and two networks have one block where Keras repeats it: no name and no shape depends on it."""
    convnext, efficientnet = (
        sys.modules[constructor.__module__]
        for constructor in (keras.applications.ConvNeXtTiny, keras.applications.EfficientNetB0)
    )
    with eager(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(convnext.MODEL_CONFIGS["tiny"], "depths", [1, 1, 1, 1])
        patch.setattr(
            efficientnet, "DEFAULT_BLOCKS_ARGS", [b | {"repeats": 1} for b in efficientnet.DEFAULT_BLOCKS_ARGS]
        )
        yield
    network.cache_clear()


@functools.cache
def network(name: str) -> keras.Model:
    """The network as Keras alone builds it, with weights other than a seed of ours would draw; not to be changed."""
    keras.utils.set_random_seed(99)
    constructor = getattr(keras.applications, ARCHITECTURES[name].constructor)
    return constructor(include_top=False, weights=None, input_shape=(SIZE, SIZE, 3))


def save_as_keras_does(of: keras.Model, path: Path) -> Path:
    of.save(path) if path.suffixes == [".h5"] else of.save_weights(path)
    return path


def maps(model: keras.Model, name: str, images: np.ndarray) -> np.ndarray:
    layer = model.get_layer(explained_layer(tiny_recipe(name)))
    return answers(keras.Model(model.input, layer.output), images)


def answers(of: keras.Model, images: np.ndarray) -> np.ndarray:
    """What it says, without the graph that `predict` makes first, which takes longer than two images do."""
    return np.asarray(of(images, training=False))


# One of each kind of nested models, of layers that Keras leaves nameless or adds, and of preprocessing but Torch's,
# which test_architectures.py compares with Keras's own.
FAMILIES = ["vgg16", "mobilenetv3small", "efficientnetb0", "convnexttiny"]


@pytest.mark.parametrize(
    "name", [*FAMILIES, *(pytest.param(name, marks=pytest.mark.slow) for name in ("densenet121", "mobilenetv2"))]
)
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_imagenet_weights_give_what_keras_gives(
    name: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Through our preprocessing, resizing and names, by a stand-in for the file that Keras would fetch."""
    theirs = network(name)
    path = save_as_keras_does(theirs, tmp_path / "notop.h5")
    monkeypatch.setattr(FETCHER, "get_file", lambda *arguments, **options: str(path))
    norms = [layer for layer in theirs.layers if isinstance(layer, keras.layers.BatchNormalization)]
    recipe = tiny_recipe(name, weights="imagenet", batch_norm_momentum=0.8 if norms else None)
    ours = build(recipe, (SIZE, SIZE, 3), 3, seed=0)
    assert all(ours.get_layer(layer.name).momentum == 0.8 for layer in norms)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    backbone = tiny_recipe(name, weights="imagenet").backbone
    assert provenance(backbone) == {"weights": "imagenet", "file": "notop.h5", "sha256": digest}
    path.unlink()
    images = rng.integers(0, 255, (2, SIZE, SIZE, 3)).astype(np.float32)
    if name == "efficientnetb0":  # with ImageNet weights alone, Keras adds a layer to its preprocessing
        assert any(layer.name == "rescaling_1" for layer in ours.layers)
        pairs = zip(theirs.get_weights(), ours.get_weights(), strict=False)
        assert all((a == b).all() for a, b in pairs)
        return
    prepare = sys.modules[getattr(keras.applications, ARCHITECTURES[name].constructor).__module__].preprocess_input
    last = theirs.get_layer("block5_conv3").output if name == "vgg16" else theirs.output
    expected = answers(keras.Model(theirs.input, last), prepare(images.copy()))
    np.testing.assert_allclose(maps(ours, name, images), expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs real ImageNet weights in ../shared/keras")
def test_real_weights_of_a_mobilenet_are_loaded_and_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FETCHER, "get_file", functools.partial(FETCHER.get_file, cache_dir=str(SHARED)))
    recipe = tiny_recipe("mobilenetv2", "none", weights="imagenet", alpha=0.35, image_size=224)
    model = build(recipe, (SIZE, SIZE, 1), 3, seed=0)
    assert np.abs(model.get_layer("bn_Conv1").moving_mean.numpy()).max() > 0
    file = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    digest = hashlib.sha256((SHARED / "models" / file).read_bytes()).hexdigest()
    assert provenance(recipe.backbone) == {"weights": "imagenet", "file": file, "sha256": digest}


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs real ImageNet weights in ../shared/keras")
def test_file_in_the_folder_of_weights_is_used_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the name that Keras has for it; Keras is not even asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(FETCHER, "get_file", _unreachable)
    file = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    Path("weights").mkdir()
    Path("weights", file).symlink_to(SHARED / "models" / file)
    recipe = tiny_recipe("mobilenetv2", "none", weights="imagenet", alpha=0.35)
    model = build(recipe, (SIZE, SIZE, 1), 3, seed=0)
    with h5py.File(SHARED / "models" / file) as content:
        means: list[np.ndarray] = []
        content["bn_Conv1"].visititems(
            lambda name, item: means.append(np.asarray(item)) if "moving_mean" in name else None
        )
    np.testing.assert_array_equal(model.get_layer("bn_Conv1").moving_mean.numpy(), means[0])
    digest = hashlib.sha256(Path("weights", file).read_bytes()).hexdigest()
    assert provenance(recipe.backbone) == {"weights": "imagenet", "file": file, "sha256": digest}


@pytest.mark.parametrize("keras_of_table", [keras.__version__, "3.0.0"])
def test_what_keras_would_ask_for_is_looked_up_unless_the_table_is_of_another_keras(
    keras_of_table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "fetched.h5"
    h5py.File(file, "w").close()
    monkeypatch.setattr(FETCHER, "get_file", lambda *arguments, **options: str(file))
    backbone = tiny_recipe("mobilenetv2", weights="imagenet", alpha=0.35).backbone
    of_keras = weights.asked_for(backbone)
    of_installed, asked = imagenet.table(), mock.Mock(side_effect=weights.asked_for)
    monkeypatch.setattr(weights, "table", lambda: replace(of_installed, keras=keras_of_table))
    monkeypatch.setattr(weights, "asked_for", asked)
    assert provenance(backbone)["file"] == "fetched.h5"
    assert asked.called == (keras_of_table != keras.__version__)
    assert weights._needed(backbone) == of_keras


def _unreachable(*arguments: object, **options: object) -> str:
    raise AssertionError("nothing is to be fetched")


def test_file_with_another_hash_is_refused_before_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(FETCHER, "get_file", _unreachable)
    Path("weights").mkdir()
    Path("weights", FILES["vgg16"]).write_bytes(b"half a file")
    with pytest.raises(UserError, match=f"weights/{FILES['vgg16']} is not the file that Keras has under this name"):
        build(tiny_recipe("vgg16", weights="imagenet"), (SIZE, SIZE, 3), 3, seed=0)


def test_random_weights_are_recorded_as_such() -> None:
    assert provenance(tiny_recipe("vgg16").backbone) == {"weights": "random"}


FILES = {
    "vgg16": "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "resnet50v2": "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "mobilenetv3small": "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
    "efficientnetb0": "efficientnetb0_notop.h5",
    "convnexttiny": "convnext_tiny_notop.h5",
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in ("resnet50v2", "efficientnetb0"))) for name in FILES],
)
def test_missing_imagenet_weights_end_in_a_sentence(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fetch(*arguments: object, **options: object) -> None:
        raise Exception("URL fetch failure on https://somewhere: None -- unreachable")

    monkeypatch.setattr(FETCHER, "get_file", fetch)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(UserError) as caught:
        build(tiny_recipe(name, weights="imagenet"), (SIZE, SIZE, 3), 3, seed=0)
    sentence = str(caught.value)
    assert f"put the file {FILES[name]} into {tmp_path / 'models'} (KERAS_HOME" in sentence
    assert f"the ImageNet weights {FILES[name]} could not be loaded" in sentence
    assert (
        f"from https://storage.googleapis.com/{'' if name == 'efficientnetb0' else 'tensorflow/'}keras-app" in sentence
    )
    assert "unreachable" in sentence


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("mobilenetv3small", ".h5"),
        ("convnexttiny", ".weights.h5"),
        pytest.param("mobilenetv3small", ".weights.h5", marks=pytest.mark.slow),
        pytest.param("convnexttiny", ".h5", marks=pytest.mark.slow),
    ],
)
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_file_that_keras_saved_is_loaded(name: str, suffix: str, tmp_path: Path, rng: np.random.Generator) -> None:
    theirs = network(name)
    path = save_as_keras_does(theirs, tmp_path / f"mine{suffix}")
    recipe = tiny_recipe(name, weights=str(path))
    ours = build(recipe, (SIZE, SIZE, 3), 3, seed=0)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert provenance(recipe.backbone) == {"weights": "file", "file": str(path), "sha256": digest}
    path.unlink()
    images = rng.integers(0, 255, (2, SIZE, SIZE, 3)).astype(np.float32)
    expected = answers(theirs, images)
    np.testing.assert_allclose(maps(ours, name, images), expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


@functools.cache
def trained_before(name: str) -> keras.Model:
    """Not to be changed."""
    return build(tiny_recipe(name), (SIZE, SIZE, 3), 3, seed=1)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("simple_cnn", "fold-0.keras"),
        ("simple_cnn", "backbone.keras"),
        ("convnexttiny", "backbone.keras"),
        ("unet_encoder", "fold-0.keras"),
        pytest.param("convnexttiny", "fold-0.keras", marks=pytest.mark.slow),
        pytest.param("unet_encoder", "backbone.keras", marks=pytest.mark.slow),
    ],
)
def test_stored_model_lends_its_backbone(name: str, part: str, tmp_path: Path, rng: np.random.Generator) -> None:
    """The whole model of a fold, or the backbone that frozen folds share."""
    trained = trained_before(name)
    formats.write_model(tmp_path / part, backbone_of(trained) if part == "backbone.keras" else trained)
    recipe = tiny_recipe(name, weights=str(tmp_path / part))
    heir = build(recipe, (SIZE, SIZE, 3), 2, seed=2)
    images = rng.integers(0, 255, (2, SIZE, SIZE, 3), dtype=np.uint8)
    np.testing.assert_allclose(maps(heir, name, images), maps(trained, name, images), rtol=1e-5, atol=1e-6)
    assert (heir.get_layer("dense_1").kernel.numpy() != trained.get_layer("dense_1").kernel.numpy()).any()


def _of_another_network(path: Path) -> Path:
    build(tiny_recipe("liaqat_cnn"), (SIZE, SIZE, 3), 3, seed=0).save_weights(path)
    return path


def _head_alone(path: Path) -> Path:
    formats.write_model(
        path.with_name("fold-0.keras"), head_of(build(tiny_recipe("simple_cnn"), (SIZE, SIZE, 3), 3, 0))
    )
    return path.with_name("fold-0.keras")


def _no_such_file(path: Path) -> Path:
    return path


def _damaged(path: Path) -> Path:
    path.write_bytes(b"no weights at all")
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_of_another_network, "does not hold the weights of simple_cnn .* saved from this architecture"),
        (_head_alone, "does not hold the weights of simple_cnn .* its file is backbone.keras"),
        (_damaged, "does not hold the weights of simple_cnn"),
        (_no_such_file, "no file .*mine.weights.h5 with weights of simple_cnn; put it there"),
    ],
)
def test_unfitting_file_is_refused(make: Callable[[Path], Path], sentence: str, tmp_path: Path) -> None:
    path = make(tmp_path / "mine.weights.h5")
    with pytest.raises(UserError, match=sentence):
        build(tiny_recipe("simple_cnn", weights=str(path)), (SIZE, SIZE, 3), 3, seed=0)


def test_fetched_file_without_a_known_hash_that_is_no_hdf5_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(FETCHER, "get_file", lambda *arguments, **options: "fetched.h5")
    Path("fetched.h5").write_bytes(b"<html>")
    with pytest.raises(UserError, match=r"^fetched\.h5 is no file of weights \(HDF5\): delete it, and download it"):
        build(tiny_recipe("mobilenetv2", "none", weights="imagenet", alpha=0.35), (SIZE, SIZE, 3), 3, seed=0)
