"""What a recipe may say of a backbone and a head is what is built."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import keras
import numpy as np
import pytest
from scipy import stats

from medtransfer.models import heads
from medtransfer.models.build import backbone_of, build, build_backbone, head_of, set_trainable
from medtransfer.models.heads import FEATURES, LOGITS, logits
from medtransfer.settings.errors import UserError
from medtransfer.settings.recipes import Activation, Recipe
from tests.conftest import tiny_recipe
from tests.eager import eager

SIZE = 32
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # of SELU (Klambauer et al. 2017)
FORMULAS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "selu": lambda z: SCALE * np.where(z > 0, z, ALPHA * (np.exp(z) - 1)),
    "gelu": lambda z: z * stats.norm.cdf(z),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1),
}


@pytest.fixture(scope="module", autouse=True)
def _eager() -> Iterator[None]:
    """No graph is made for a single step or answer."""
    with eager():
        yield


def images(rng: np.random.Generator, channels: int = 1, count: int = 4) -> np.ndarray:
    return rng.integers(0, 255, (count, SIZE, SIZE, channels), dtype=np.uint8)


def step(model: keras.Model, inputs: np.ndarray) -> None:
    """One step of training."""
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.train_on_batch(inputs, np.arange(len(inputs)) % 2)


def with_head(recipe: Recipe, **head: object) -> Recipe:
    content = recipe.model_dump()
    return Recipe.model_validate(content | {"head": content["head"] | head})


@pytest.mark.long
def test_image_size_of_a_recipe_resizes_in_the_graph(rng: np.random.Generator) -> None:
    model = build(tiny_recipe("mobilenetv2", image_size=64), (SIZE, SIZE, 1), 3, seed=0)
    assert model.get_layer("out_relu").output.shape[1] == 2
    assert model(images(rng), training=False).shape == (4, 3)


@pytest.mark.long
@pytest.mark.parametrize("architecture", ["vgg16", "efficientnetb0"])
def test_rescale_feeds_0_to_1_whatever_is_expected(architecture: str, rng: np.random.Generator) -> None:
    model = build(tiny_recipe(architecture, preprocessing="rescale"), (SIZE, SIZE, 3), 3, seed=0)
    inputs = images(rng, channels=3)
    inside = keras.Model(model.input, model.get_layer("preprocess").output)(inputs, training=False)
    np.testing.assert_allclose(inside, inputs / 255, atol=1e-6)
    own = [layer.name for layer in model.layers if layer.name in ("rescaling", "normalization")]
    assert own == (["rescaling", "normalization"] if architecture == "efficientnetb0" else [])


def test_trainable_none_all_fraction_and_layer() -> None:
    recipe = tiny_recipe("vgg16")
    model = build(recipe, (SIZE, SIZE, 1), 3, seed=0)

    def weights(trainable: str | float) -> int:
        set_trainable(model, recipe.backbone, trainable)
        return len(backbone_of(model).trainable_variables)

    assert weights("all") == 26  # 13 convolutions, a kernel and a bias each
    assert weights("none") == 0
    assert weights("block5") == 6
    assert [weights(share) for share in (0.01, 0.1, 0.25, 0.5, 0.9)] == [2, 2, 6, 12, 24]  # of 13 layers, two each
    assert len(head_of(model).trainable_variables) == 6
    with pytest.raises(UserError, match=r"vgg16 has no layer whose name begins with 'block9'; .*block5_conv3"):
        weights("block9")
    with pytest.raises(UserError, match="no layer whose name begins with 'dense_1'"):
        weights("dense_1")


def test_second_phase_trains_what_the_first_had_frozen(rng: np.random.Generator) -> None:
    recipe = tiny_recipe("simple_cnn", "none")
    model = build(recipe, (SIZE, SIZE, 1), 2, seed=0)
    kernel = model.get_layer("convolution_1").kernel
    seen = [kernel.numpy()]
    for trainable in ("none", "all"):
        set_trainable(model, recipe.backbone, trainable)
        step(model, images(rng))
        seen.append(kernel.numpy())
    assert (seen[0] == seen[1]).all()
    assert (seen[1] != seen[2]).any()


@pytest.mark.long
def test_frozen_batch_normalisation_stays_in_inference_mode(rng: np.random.Generator) -> None:
    recipe = tiny_recipe("mobilenetv2", "block_16", alpha=0.35, batch_norm_momentum=0.5)
    model = build(recipe, (SIZE, SIZE, 1), 2, seed=0)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = [layer.get_weights() for layer in norms]
    step(model, images(rng))
    changed = [
        any((a != b).any() for a, b in zip(layer.get_weights(), weights, strict=True))
        for layer, weights in zip(norms, before, strict=True)
    ]
    assert changed == [layer.trainable for layer in norms]
    assert changed.count(False) > 40
    assert any(changed)
    assert [layer.momentum for layer in norms] == [0.5] * (len(norms) - 1) + [heads.MOMENTUM]


def test_momentum_of_batch_normalisation_is_that_of_the_recipe_before_and_after_saving(
    rng: np.random.Generator, tmp_path: Path
) -> None:
    model = build(tiny_recipe("unet_encoder", batch_norm_momentum=0.75), (SIZE, SIZE, 1), 2, seed=0)
    average = np.zeros(32)  # as it starts
    for _ in range(2):
        inputs = images(rng)
        given = np.asarray(keras.Model(model.input, model.get_layer("down_1_conv").output)(inputs))
        average = 0.75 * average + 0.25 * given.mean(axis=(0, 1, 2))
        model(inputs, training=True)
        np.testing.assert_allclose(model.get_layer("down_1_bn").moving_mean, average, rtol=1e-4, atol=1e-6)
        model.save(tmp_path / "model.keras")
        model = keras.saving.load_model(tmp_path / "model.keras")


def test_momentum_without_batch_normalisation_is_refused() -> None:
    with pytest.raises(UserError, match=r"batch_norm_momentum: simple_cnn has no batch normalisation; leave it out$"):
        build_backbone(tiny_recipe("simple_cnn", batch_norm_momentum=0.9).backbone, (SIZE, SIZE, 1), seed=0)


def test_max_flatten_takes_the_largest_of_2_by_2(rng: np.random.Generator) -> None:
    model = build(tiny_recipe("simple_cnn", pooling="max_flatten"), (48, 48, 1), 3, seed=0)
    inputs = rng.integers(0, 255, (2, 48, 48, 1), dtype=np.uint8)
    maps = np.asarray(keras.Model(model.input, model.get_layer("pooling_3").output)(inputs, training=False))
    expected = maps.reshape(2, 3, 2, 3, 2, 64).max(axis=(2, 4)).reshape(2, -1)
    np.testing.assert_allclose(backbone_of(model)(inputs, training=False), expected, rtol=1e-6)
    assert head_of(model).layers[1].name == "normalise_features"
    with pytest.raises(UserError, match=r"max_flatten needs a feature map of 2 x 2 or more, and it is 1 x 1"):
        build(tiny_recipe("mobilenetv2", pooling="max_flatten"), (SIZE, SIZE, 1), 3, seed=0)


def test_head_is_built_as_its_recipe_says() -> None:
    def names(**head: object) -> list[str]:
        model = build(with_head(tiny_recipe("simple_cnn"), **head), (SIZE, SIZE, 1), 3, seed=0)
        return [layer.name for layer in head_of(model).layers[1:]]

    assert names(normalise_features=False, dense=[], dropout=0.2) == ["dropout", LOGITS]
    assert names(normalise_features=False, dense=[], dropout=0) == [LOGITS]
    assert names(normalise_features=False, dense=[4, 4], dropout=[0, 0.2]) == [
        "dense_1",
        "dense_2",
        "dropout_2",
        LOGITS,
    ]
    assert names(normalise_features=True, dense=[4, 4], dropout=0.2, batch_norm=True) == [
        "normalise_features",
        *("dense_1", "batch_norm_1", "dropout_1"),
        *("dense_2", "batch_norm_2", "dropout_2"),
        LOGITS,
    ]


@pytest.mark.parametrize("name", get_args(Activation))
def test_hidden_layers_have_the_activation_of_the_recipe(name: str, rng: np.random.Generator) -> None:
    """Against formulas of the papers that propose them, in NumPy; a leaky ReLU has Keras's slope."""
    recipe = with_head(tiny_recipe("simple_cnn"), normalise_features=False, dense=[8, 8], dropout=0, activation=name)
    x = keras.Input((4,))
    network = keras.Model(x, logits(x, recipe.head, 3))
    inputs = 3 * rng.normal(size=(5, 4)).astype(np.float32)
    expected = inputs.astype(float)
    for kernel, bias in zip(*[iter(network.get_weights()[:4])] * 2, strict=True):
        expected = FORMULAS[name](expected @ kernel + bias)
    kernel, bias = network.get_weights()[4:]
    np.testing.assert_allclose(network(inputs), expected @ kernel + bias, rtol=1e-4, atol=1e-5)


def test_l2_is_the_squared_kernels_of_hidden_layers(rng: np.random.Generator) -> None:
    model = build(with_head(tiny_recipe("simple_cnn"), dense=[4, 3], l2=0.01), (SIZE, SIZE, 1), 3, seed=0)
    head = head_of(model)
    head(rng.random((2, 64)).astype(np.float32))
    kernels = [model.get_layer(name).kernel.numpy() for name in ("dense_1", "dense_2")]
    assert float(sum(head.losses)) == pytest.approx(0.01 * sum((kernel**2).sum() for kernel in kernels), rel=1e-5)


def test_one_sigmoid_is_trained_as_keras_trains_it(rng: np.random.Generator) -> None:
    """Against a network of one unit with a sigmoid and binary cross-entropy: probabilities, and a step of training."""
    features, labels = rng.normal(size=(6, 64)).astype(np.float32), np.array([0, 1, 1, 0, 1, 0])
    head = head_of(build(with_head(tiny_recipe("simple_cnn"), normalise_features=False, dropout=0, output="sigmoid"),
                         (SIZE, SIZE, 1), 2, seed=0))  # fmt: skip
    plain = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
    plain.build(features.shape)
    plain.set_weights([weights.numpy() for weights in head.trainable_weights])
    head.compile(keras.optimizers.SGD(0.5), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    plain.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    for _ in range(2):
        probabilities = np.asarray(keras.ops.softmax(head(features)))
        np.testing.assert_allclose(probabilities[:, 1:], plain(features), rtol=1e-4)
        head.train_on_batch(features, labels)
        plain.train_on_batch(features, labels[:, None])


def test_either_class_of_one_sigmoid_has_a_gradient(rng: np.random.Generator) -> None:
    """Explanations read the gradient of the predicted class's logit."""
    head = head_of(build(with_head(tiny_recipe("simple_cnn"), output="sigmoid"), (SIZE, SIZE, 1), 2, seed=0))
    outputs = np.asarray(head(rng.normal(size=(6, 64)).astype(np.float32)))
    assert np.ptp(outputs, axis=0).min() > 0
    np.testing.assert_allclose(outputs[:, 0], -outputs[:, 1])


@pytest.mark.long
def test_networks_that_prepare_images_themselves_do_it_in_single_precision() -> None:
    recipe = tiny_recipe("efficientnetb0", "none", precision="mixed_bfloat16")
    model = build(recipe, (SIZE, SIZE, 1), 3, seed=0)
    prepare = keras.Model(model.input, model.get_layer("normalization").output)
    shades = np.linspace(100, 101, SIZE * SIZE, dtype=np.float32).reshape(1, SIZE, SIZE, 1)
    assert len(np.unique(np.asarray(prepare(shades, training=False))[..., 0])) > SIZE * SIZE / 2
    assert model.get_layer("stem_conv").compute_dtype == "bfloat16"


@pytest.mark.long
def test_mixed_precision_is_this_models_alone(rng: np.random.Generator) -> None:
    content = tiny_recipe("mobilenetv2", "none", alpha=0.35).model_dump()
    content["backbone"]["precision"] = "mixed_bfloat16"
    model = build(Recipe.model_validate(content), (SIZE, SIZE, 1), 3, seed=0)
    assert keras.config.dtype_policy().name == "float32"
    assert model.get_layer("out_relu").compute_dtype == "bfloat16"
    assert model.get_layer("Conv_1").kernel.dtype == "float32"
    assert model.get_layer("Conv_1_bn").momentum == 0.999  # as Keras has it, where the recipe names none
    assert model.get_layer("preprocess").compute_dtype == "float32"
    assert [model.get_layer(name).output.dtype for name in (FEATURES, LOGITS)] == ["float32", "float32"]
    features = np.asarray(backbone_of(model)(images(rng), training=False))
    assert features.dtype == np.float32
    head = head_of(model)
    step(head, features)
    assert all(np.isfinite(weights).all() for weights in head.get_weights())
