"""A recipe as a Keras model: one flat graph from image to logits, and the part of it that is trained."""

import keras

from medtransfer.config import MODELS
from medtransfer.errors import UserError
from medtransfer.models.backbones import feature_map
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.schema.models import Backbone, Head, Recipe

FEATURES, LOGITS = "features", "logits"

POOLING = {
    "average": keras.layers.GlobalAveragePooling2D,
    "max": keras.layers.GlobalMaxPooling2D,
    "flatten": keras.layers.Flatten,
}


def build(recipe: Recipe, image_shape: tuple[int, int, int], classes: int, seed: int) -> keras.Model:
    """A model from images (N x H x W x C, 0..255) to logits (N x classes); the same weights for the same seed.

    Logits, not probabilities: explanations of a saturated softmax are all zero.
    """
    keras.utils.set_random_seed(seed)
    images = keras.Input(image_shape, name="image")
    fmap = feature_map(images, recipe.backbone, seed)
    _set_trainable(keras.Model(images, fmap), recipe.backbone)
    features = POOLING[recipe.backbone.pooling](name=FEATURES)(fmap)
    return keras.Model(images, _head(features, recipe.head, classes))


def backbone_of(model: keras.Model) -> keras.Model:
    """The part of a model from image to features."""
    return keras.Model(model.input, model.get_layer(FEATURES).output)


def head_of(model: keras.Model) -> keras.Model:
    """The part of a model from features to logits: its own layers, so that training it trains the model."""
    layers = model.layers
    start = [layer.name for layer in layers].index(FEATURES)
    x = features = keras.Input(layers[start].output.shape[1:], name="features_in")
    for layer in layers[start + 1 :]:
        x = layer(x)
    return keras.Model(features, x)


def explained_layer(recipe: Recipe) -> str:
    """The name of the layer whose feature map explanations read."""
    return ARCHITECTURES[recipe.backbone.architecture].explained_layer


def _head(features: keras.KerasTensor, head: Head, classes: int) -> keras.KerasTensor:
    x = features
    if head.normalise_features:
        # A momentum of 0.9, since a head sees some hundred steps, not the ten thousands of Keras's 0.99.
        x = keras.layers.BatchNormalization(momentum=0.9, name="normalise_features")(x)
    for number, units in enumerate(head.dense, start=1):
        x = keras.layers.Dense(units, activation="relu", name=f"dense_{number}")(x)
        if head.dropout:
            x = keras.layers.Dropout(head.dropout, name=f"dropout_{number}")(x)
    return keras.layers.Dense(classes, name=LOGITS)(x)


def _set_trainable(network: keras.Model, backbone: Backbone) -> None:
    """Freeze the layers below the recipe's cut; frozen batch normalisation stays in inference mode."""
    layers = [layer for layer in network.layers if layer.name != "preprocess"]
    weighted = [layer for layer in layers if layer.weights]
    match backbone.trainable:
        case "all":
            cut = 0
        case "none":
            cut = len(layers)
        case float() as fraction:
            cut = layers.index(weighted[round((1 - fraction) * (len(weighted) - 1))])
        case name:
            names = [layer.name for layer in layers]
            starts = [place for place, layer in enumerate(names) if layer.startswith(str(name))]
            if not starts:
                raise UserError(
                    f"{MODELS}: {backbone.architecture} has no layer whose name begins with {name!r}; "
                    f"its layers with weights are {', '.join(layer.name for layer in weighted)}"
                )
            cut = starts[0]
    for layer in layers[:cut]:
        layer.trainable = False
