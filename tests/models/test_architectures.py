"""Every architecture of the registry builds flat, trains, is cut where it should be, is explained, and reloads.

A model is built once for all tests that only read it; pytest orders them by architecture, so one is held at a time.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import pytest

from medtransfer.explain.method import Place
from medtransfer.explain.methods import METHODS
from medtransfer.explain.reading import Folds
from medtransfer.explain.run import mean_maps
from medtransfer.models.backbones import _preprocess
from medtransfer.models.build import backbone_of, build, explained_layer, head_of, set_trainable
from medtransfer.models.heads import FEATURES, LOGITS
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.settings.recipes import Recipe
from tests.conftest import tiny_recipe
from tests.eager import eager
from tests.stranger import Stranger

pytestmark = pytest.mark.long

SEED = 1
SIZE = 64  # so that feature maps have several places
# More of the same layers that another architecture has.
DEEPER = ("vgg19", "resnet101", "resnet152", "resnet101v2", "mobilenetv3large")
FAMILIES = [name for name in ARCHITECTURES if name not in DEEPER]
OPENED = ("simple_cnn", "mobilenetv3small", "convnexttiny", "vit_tiny")  # in every run; the others by `make slow`
# A network of this project, and one of Keras with layers that it leaves nameless.
DRAWN = ("simple_cnn", "mobilenetv3small")
# One for each way in which layers are joined: in a row, with skip connections, concatenated, gated, nested in Keras, by
# attention.
JOINED = ("simple_cnn", "unet_encoder", "vgg16", "mobilenetv2", "mobilenetv3small", "convnexttiny", "vit_tiny")


# Layers of each kind that Keras leaves without a name in some network; more of them move its counters on.
USED_BEFORE = (
    *(getattr(keras.layers, kind)() for kind in ("Add", "BatchNormalization", "Concatenate", "LayerNormalization")),
    *(getattr(keras.layers, kind)() for kind in ("Multiply", "Normalization", "ReLU")),
    *(keras.layers.Activation("relu"), keras.layers.Rescaling(1.0), keras.layers.Conv2D(1, 1)),
)


@dataclass(frozen=True)
class Built:
    """A frozen model of an architecture, and what it says of four random images."""

    name: str
    recipe: Recipe
    model: keras.Model
    outputs: keras.Model  # the same layers, to features and logits
    images: np.ndarray
    features: np.ndarray
    logits: np.ndarray


def some(names: tuple[str, ...]) -> list:
    """Each family as a parameter, those that are not named by `make slow` alone."""
    return [pytest.param(name, marks=[pytest.mark.slow] * (name not in names)) for name in FAMILIES]


def answers(network: keras.Model, images: np.ndarray) -> list[np.ndarray]:
    """What it says, without the graph that `predict` makes first, which takes longer than four images do."""
    return [np.asarray(output) for output in network(images, training=False)]


def negate(layer: keras.Layer) -> None:
    """Turn the sign of what a layer gives."""
    layer.set_weights([-weights for weights in layer.get_weights()])


@pytest.fixture(scope="module", autouse=True)
def _eager() -> Iterator[None]:
    """Compiled functions run step by step: to trace or compile a deep network takes longer than to run it once."""
    with eager():
        yield


# pytest orders tests by a parameter's place, so the families are first here as they are in tests of families alone.
@pytest.fixture(scope="module", params=[*FAMILIES, *(pytest.param(name, marks=pytest.mark.slow) for name in DEEPER)])
def built(request: pytest.FixtureRequest) -> Iterator[Built]:
    size = max(SIZE, ARCHITECTURES[request.param].minimum_size)
    recipe = tiny_recipe(request.param, "none")
    for layer in USED_BEFORE:
        layer.__class__.from_config({key: value for key, value in layer.get_config().items() if key != "name"})
    model = build(recipe, (size, size, 1), 3, seed=SEED)
    images = np.random.default_rng(0).integers(0, 255, (4, size, size, 1), dtype=np.uint8)
    outputs = keras.Model(model.input, [model.get_layer(FEATURES).output, model.output])
    yield Built(request.param, recipe, model, outputs, images, *answers(outputs, images))
    keras.utils.clear_session()


def test_graph_is_flat_and_gives_logits(built: Built) -> None:
    assert not any(isinstance(layer, keras.Model) for layer in built.model.layers)
    assert built.logits.shape == (4, 3)
    assert np.ptp(built.logits, axis=0).min() > 0, "the answer does not depend on the image"


def test_random_weights_pass_signals_on(built: Built) -> None:
    assert 0.01 < built.features.std() < 100


def test_names_do_not_depend_on_what_was_built_before(built: Built) -> None:
    """`trainable` and the saved file speak of them; Keras's own counters go on from one network to the next."""
    numbers: dict[str, list[int]] = {}
    for operation in backbone_of(built.model).operations:
        match = re.fullmatch(r"(.+?)(?:_(\d+))?", operation.name)
        if match and match[1].replace("_", "") == type(operation).__name__.lower():
            numbers.setdefault(match[1], []).append(int(match[2] or 0))
    assert all(sorted(each) == list(range(len(each))) for each in numbers.values()), numbers


@pytest.mark.parametrize("built", some(DRAWN), indirect=True)
def test_same_seed_same_model(built: Built) -> None:
    """Whatever was built before: the names of layers among it."""
    again = build(built.recipe, built.model.input.shape[1:], 3, seed=SEED)
    assert all((a == b).all() for a, b in zip(built.model.get_weights(), again.get_weights(), strict=True))
    assert [part.name for part in built.model.operations] == [part.name for part in again.operations]


@pytest.mark.parametrize("built", DRAWN, indirect=True)
def test_another_seed_draws_other_weights(built: Built) -> None:
    other = build(built.recipe, built.model.input.shape[1:], 3, seed=SEED + 1).get_weights()
    assert any((a != b).any() for a, b in zip(built.model.get_weights(), other, strict=True))


def test_explained_layer_is_the_last_feature_map(built: Built) -> None:
    layers = [layer.name for layer in built.model.layers]
    layer = built.model.get_layer(explained_layer(built.recipe))
    assert len(layer.output.shape) == 4
    between = built.model.layers[layers.index(layer.name) + 1 : layers.index(FEATURES)]
    assert all(not other.weights for other in between)
    pooled = (keras.layers.MaxPooling2D, keras.layers.Dropout)
    assert all(isinstance(other, pooled) for other in between), "an activation, or more, comes after it"


def test_head_and_backbone_together_are_the_model(built: Built) -> None:
    np.testing.assert_allclose(
        np.asarray(head_of(built.model)(built.features, training=False)), built.logits, atol=1e-5
    )
    assert backbone_of(built.model).output.shape[1:] == built.features.shape[1:]


def test_training_the_head_trains_the_model(built: Built) -> None:
    head = head_of(built.model)
    before = head.get_weights()
    for variable in head.trainable_variables:
        variable.assign(variable + 1.0)
    changed = np.asarray(head(built.features, training=False))
    np.testing.assert_allclose(changed, answers(built.outputs, built.images)[1], rtol=1e-4, atol=1e-4)
    assert not np.allclose(changed, built.logits)
    head.set_weights(before)


def test_trainable_can_be_chosen_again(built: Built) -> None:
    head = len(head_of(built.model).trainable_variables)
    counts = []
    for trainable in ("all", 0.3, "none"):
        set_trainable(built.model, built.recipe.backbone, trainable)
        counts.append(len(built.model.trainable_variables))
    assert counts[0] > counts[1] > counts[2] == head
    prepared = [layer for layer in built.model.layers if isinstance(layer, keras.layers.Normalization)]
    assert not any(layer.trainable_variables for layer in prepared)


@pytest.mark.parametrize("built", some(JOINED), indirect=True)
def test_training_step_reaches_the_first_layer(built: Built) -> None:
    before = built.model.get_weights()
    set_trainable(built.model, built.recipe.backbone, "all")
    network = keras.Model(built.model.input, built.model.output)
    network.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    loss = network.train_on_batch(built.images, np.array([0, 1, 2, 0]))
    changed = [(a != b).any() for a, b in zip(before, network.get_weights(), strict=True)]
    finite = all(np.isfinite(weights).all() for weights in network.get_weights())
    first = next(place for place, weights in enumerate(network.weights) if weights is network.trainable_weights[0])
    built.model.set_weights(before)
    set_trainable(built.model, built.recipe.backbone, "none")
    assert np.isfinite(loss)
    assert finite
    assert changed[first]
    assert changed[-1]


@pytest.mark.parametrize("built", FAMILIES, indirect=True)
def test_methods_that_read_the_feature_map_explain_it(built: Built) -> None:
    _explain(built, "feature map")


@pytest.mark.parametrize("built", some(JOINED), indirect=True)
def test_methods_that_read_pixels_explain_it(built: Built) -> None:
    _explain(built, "pixels")


def _explain(built: Built, reads: Place) -> None:
    name = explained_layer(built.recipe)
    methods = {key: method for key, method in METHODS.items() if method.reads == reads and not method.autoencoder}
    # Of features of both signs, all that an untrained network sees may speak against each class.
    against = built.features.min() < 0 and built.logits.max() < 0
    if against:
        negate(built.model.get_layer(LOGITS))
    explanations = mean_maps(Folds([built.model], [], name), methods, built.images, np.array([0, 1, 2, 0]))
    if against:
        negate(built.model.get_layer(LOGITS))
    layer = built.model.layers[0] if reads == "pixels" else built.model.get_layer(name)
    for key in methods:
        for maps in explanations[key].values():
            assert maps.shape == (4, *layer.output.shape[1:3])
            assert maps.min() >= 0
            assert all(image.max() in (0, pytest.approx(1)) for image in maps)
            assert maps.max() > 0


def test_saved_model_names_no_class_of_this_project(built: Built) -> None:
    assert "medtransfer" not in built.model.to_json()


@pytest.mark.parametrize("built", some(OPENED), indirect=True)
def test_saved_model_opens_in_a_process_without_this_project(built: Built, stranger: Stranger) -> None:
    np.testing.assert_allclose(stranger.answers(built.model, built.images), built.logits, atol=1e-4)


@pytest.mark.parametrize("name", [name for name, entry in ARCHITECTURES.items() if entry.imagenet])
def test_preprocessing_is_that_of_keras(name: str, rng: np.random.Generator) -> None:
    entry = ARCHITECTURES[name]
    images = rng.integers(0, 255, (2, 4, 4, 3)).astype(np.float32)
    given = keras.Input((4, 4, 3))
    inside = keras.Model(given, _preprocess(given, entry.preprocessing) + 0.0)(images)
    home = sys.modules[getattr(keras.applications, entry.constructor).__module__]
    np.testing.assert_allclose(inside, home.preprocess_input(images.copy()), atol=1e-4)
