"""A recipe as a Keras model: one flat graph from image to logits, and the part of it that is trained."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from medtransfer.models.backbones import PREPROCESS, feature_map
from medtransfer.models.heads import FEATURES, logits, pool
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import MODELS
from medtransfer.settings.recipes import Backbone, Recipe, Trainable


def build(recipe: Recipe, image_shape: tuple[int, int, int], classes: int, seed: int) -> keras.Model:
    """A model from images (N x H x W x C, 0..255) to logits (N x classes); the same weights for the same seed.

    Logits, not probabilities: explanations of a saturated softmax are all zero.
    """
    backbone = build_backbone(recipe.backbone, image_shape, seed)
    with _precision(recipe.backbone.precision):
        x = logits(backbone.output, recipe.head, classes)
        model = keras.Model(backbone.input, x, name=recipe.backbone.architecture)
    set_trainable(model, recipe.backbone, recipe.backbone.trainable)
    return model


def build_backbone(backbone: Backbone, image_shape: tuple[int, int, int], seed: int) -> keras.Model:
    """From images (N x H x W x C, 0..255) to features (N x F), with the weights that it has in a whole model."""
    keras.utils.set_random_seed(seed)
    with _precision(backbone.precision):
        images = keras.Input(image_shape, name="image", dtype="float32")
        features = pool(feature_map(images, backbone, seed), backbone.pooling)
        return keras.Model(images, features, name=backbone.architecture)


def set_trainable(model: keras.Model, backbone: Backbone, trainable: Trainable) -> None:
    """Freeze a built model's backbone below a cut, and nothing else: none, all, a fraction, a layer's name.

    Frozen batch normalisation stays in inference mode. The preparation of images is never trained, the head always is.
    A compiled model must be compiled again. Raises UserError where no layer has that name.
    """
    names = [layer.name for layer in model.layers]
    layers = [layer for layer in model.layers[: names.index(FEATURES)] if not _prepares(layer)]
    weighted = [layer for layer in layers if layer.weights]
    match trainable:
        case "all":
            cut = 0
        case "none":
            cut = len(layers)
        case float() as fraction:
            cut = layers.index(weighted[-max(1, round(fraction * len(weighted)))])
        case name:
            starts = [place for place, layer in enumerate(layers) if layer.name.startswith(str(name))]
            if not starts:
                raise UserError(
                    f"{MODELS}: {backbone.architecture} has no layer whose name begins with {name!r}; "
                    f"its layers with weights are {', '.join(layer.name for layer in weighted)}"
                )
            cut = starts[0]
    for place, layer in enumerate(layers):
        layer.trainable = place >= cut


def backbone_of(model: keras.Model) -> keras.Model:
    """The part of a model from image to features."""
    return keras.Model(model.input, model.get_layer(FEATURES).output, name=model.name)


def head_of(model: keras.Model) -> keras.Model:
    """The part of a model from features to logits: its own layers, so that training it trains the model."""
    layers = model.layers
    start = [layer.name for layer in layers].index(FEATURES)
    x = features = keras.Input(layers[start].output.shape[1:], name="features_in", dtype="float32")
    for layer in layers[start + 1 :]:
        x = layer(x)
    return keras.Model(features, x, name=f"{model.name}_head")


def explained_layer(recipe: Recipe) -> str:
    """The name of the layer whose feature map explanations read."""
    return ARCHITECTURES[recipe.backbone.architecture].explained_layer


def _prepares(layer: keras.Layer) -> bool:
    """Whether it is of the preprocessing: ours, or the network's own (EfficientNet's mean and variance are weights)."""
    return layer.name == PREPROCESS or isinstance(layer, keras.layers.Rescaling | keras.layers.Normalization)


@contextmanager
def _precision(policy: str) -> Iterator[None]:
    """Layers made meanwhile compute by this policy; networks of Keras take it from the global one alone."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
