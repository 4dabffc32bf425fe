"""Rafiq et al.'s UNet autoencoder (section 4.1.1): it reconstructs its image, and so shows what an encoder keeps.

Three steps: train `autoencoder`; train a recipe of the architecture `unet_encoder` as a classifier; join that
encoder to the decoder of the first by `with_encoder`, which is not trained: its image shows what the classifier uses.
"""

from typing import Literal

import keras

from medtransfer.models.backbones import PREPROCESS
from medtransfer.models.cnns import DOWN_FILTERS, MOMENTUM, unet_encoder
from medtransfer.settings.errors import UserError

RANDOM = "rand"  # prefix of the layers of a side that is drawn at random


def autoencoder(
    image_shape: tuple[int, int, int],
    seed: int,
    size: int | None = None,
    dropout: float = 0.0,
    left: bool = True,
    right: bool = True,
) -> keras.Model:
    """From images (N x H x W x C, 0..255) to the same in 0..1, `size` pixels a side; the same weights for a seed.

    The left side encodes and decodes: four convolutions of stride 2, four transposed ones, each with batch
    normalisation; `dropout` is the share after each of the latter, which the paper proposes (section 6) and does not
    try. The right side is one convolution of 1 x 1 to one channel, never trained: it passes on where
    things are, not their colour. Both meet before the output layer.

    A side that is not wanted has the same layers by another name, so that `_copy` leaves their weights random
    (figures 5 and 6). The paper gives no number of filters, activations nor the kind of the join: ours are those of
    `unet_encoder`, mirrored, a concatenation and a sigmoid. The side must be a multiple of 16 pixels, which
    registry.check refuses in words.
    """
    keras.utils.set_random_seed(seed)
    images = x = keras.Input(image_shape, name="image")
    if size not in (None, image_shape[0]):
        x = keras.layers.Resizing(size, size, name="resize")(x)
    pixels = keras.layers.Rescaling(1 / 255, name=PREPROCESS)(x)
    x = unet_encoder(pixels)
    for number, filters in zip(range(len(DOWN_FILTERS), 0, -1), (*DOWN_FILTERS[-2::-1], DOWN_FILTERS[0]), strict=True):
        x = keras.layers.Conv2DTranspose(filters, 3, strides=2, padding="same", name=f"up_{number}_conv")(x)
        x = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"up_{number}_bn")(x)
        x = keras.layers.Activation("relu", name=f"up_{number}_relu")(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"up_{number}_dropout")(x)
    location = keras.layers.Conv2D(1, 1, trainable=False, name="location")(pixels)
    x = keras.layers.Concatenate(name="join")([x, location])
    x = keras.layers.Conv2D(image_shape[-1], 1, activation="sigmoid", name="output")(x)
    model = keras.Model(images, x, name="unet")
    for layer in model.layers:
        if (_is_left(layer) and not left) or (layer.name == "location" and not right):
            layer.name = f"{RANDOM}_{layer.name}"
    return model


def one_side(trained: keras.Model, side: Literal["left", "right"], seed: int) -> keras.Model:
    """A trained autoencoder of which one side is kept and the other drawn at random: what each contributes."""
    model = autoencoder(
        trained.input_shape[1:], seed, trained.output_shape[1], left=side == "left", right=side == "right"
    )
    _copy(trained, model)
    return model


def with_encoder(trained: keras.Model, classifier: keras.Model) -> keras.Model:
    """The autoencoder with the encoder of a classifier, joined to its own decoder (figure 4); nothing is shared."""
    model = keras.models.clone_model(trained)
    _copy(trained, model)
    give_encoder(classifier, model)
    return model


def give_encoder(source: keras.Model, target: keras.Model) -> None:
    """Copy the weights of one model's encoder into another's, by the layers' names; raise UserError where none fits."""
    encoder = {layer.name: layer for layer in source.layers if layer.name.startswith("down_")}
    for layer in target.layers:
        if not layer.name.startswith("down_"):
            continue
        counterpart = encoder.get(layer.name)
        if counterpart is None or [w.shape for w in counterpart.weights] != [w.shape for w in layer.weights]:
            raise UserError(
                f"the UNet's decoder fits an encoder of architecture unet_encoder that was trained on images of as "
                f"many channels, and {source.name} has another {layer.name} than {target.name}; train both on the same "
                "data set"
            )
        layer.set_weights(counterpart.get_weights())


def _is_left(layer: keras.Layer) -> bool:
    return layer.name.startswith(("down_", "up_"))


def _copy(source: keras.Model, target: keras.Model) -> None:
    """The weights of every layer whose name both have."""
    named = {layer.name: layer for layer in source.layers}
    for layer in target.layers:
        if layer.name in named:
            layer.set_weights(named[layer.name].get_weights())
