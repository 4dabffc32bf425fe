"""Rafiq et al.'s UNet autoencoder (section 4.1.1): trained to give back its image, it shows what an encoder keeps.

Three steps: train `autoencoder`; train a recipe of the architecture `unet_encoder` as a classifier; join that
encoder to the decoder of the first by `with_encoder`, which is not trained: its image is what the classifier saw.
"""

from typing import Literal

import keras

from medtransfer.errors import UserError
from medtransfer.models.cnns import DOWN_FILTERS, unet_encoder

REDUCTION = 2 ** len(DOWN_FILTERS)  # pixels a side of the image for each place of the latent map
RANDOM = "rand"  # how the layers of a side begin that is not to be kept


def autoencoder(size: int, channels: int, seed: int, left: bool = True, right: bool = True) -> keras.Model:
    """From images (N x size x size x channels, 0..255) to the same in 0..1; the same weights for the same seed.

    The left side encodes and decodes: four convolutions of stride 2, four transposed ones, each with batch
    normalisation. The right side is one convolution of 1 x 1 to one channel, never trained: it passes on where
    things are, not their colour. Both meet before the output layer.

    A side that is not wanted has the same layers by another name, so that `keep` leaves their weights random
    (figures 5 and 6). The paper gives no number of filters, activations nor the kind of the join: ours are those of
    `unet_encoder`, mirrored, a concatenation and a sigmoid. Raises UserError for a size that cannot be halved so
    often.
    """
    if size % REDUCTION:
        raise UserError(
            f"the UNet halves its images {len(DOWN_FILTERS)} times, and {size} pixels a side cannot be; set "
            f"image_size: {max(1, round(size / REDUCTION)) * REDUCTION}"
        )
    keras.utils.set_random_seed(seed)
    images = keras.Input((size, size, channels), name="image")
    pixels = keras.layers.Rescaling(1 / 255, name="preprocess")(images)
    x = unet_encoder(pixels)
    for number, filters in zip(range(len(DOWN_FILTERS), 0, -1), (*DOWN_FILTERS[-2::-1], DOWN_FILTERS[0]), strict=True):
        x = keras.layers.Conv2DTranspose(filters, 3, strides=2, padding="same", name=f"up_{number}_conv")(x)
        x = keras.layers.BatchNormalization(name=f"up_{number}_bn")(x)
        x = keras.layers.Activation("relu", name=f"up_{number}_relu")(x)
    location = keras.layers.Conv2D(1, 1, trainable=False, name="location")(pixels)
    x = keras.layers.Concatenate(name="join")([x, location])
    x = keras.layers.Conv2D(channels, 1, activation="sigmoid", name="output")(x)
    model = keras.Model(images, x, name="unet")
    for layer in model.layers:
        if (_is_left(layer) and not left) or (layer.name == "location" and not right):
            layer.name = f"{RANDOM}_{layer.name}"
    return model


def one_side(trained: keras.Model, side: Literal["left", "right"], seed: int) -> keras.Model:
    """A trained autoencoder of which one side is kept and the other drawn at random: what each contributes."""
    _, size, _, channels = trained.input.shape
    model = autoencoder(size, channels, seed, left=side == "left", right=side == "right")
    _copy(trained, model)
    return model


def with_encoder(trained: keras.Model, classifier: keras.Model) -> keras.Model:
    """The autoencoder with the encoder of a classifier, joined to its own decoder (figure 4); nothing is shared.

    Weights are copied by the layers' names. Raises UserError where the classifier has no such encoder.
    """
    model = keras.models.clone_model(trained)
    _copy(trained, model)
    encoder = {layer.name: layer for layer in classifier.layers if layer.name.startswith("down_")}
    for layer in model.layers:
        if not layer.name.startswith("down_"):
            continue
        found = encoder.get(layer.name)
        if found is None or [w.shape for w in found.weights] != [w.shape for w in layer.weights]:
            raise UserError(
                f"the UNet's decoder fits an encoder of architecture unet_encoder that was trained on images with "
                f"{trained.input.shape[-1]} channels, and the model {classifier.name} has another {layer.name}; train "
                "both on the same data set"
            )
        layer.set_weights(found.get_weights())
    return model


def _is_left(layer: keras.Layer) -> bool:
    return layer.name.startswith(("down_", "up_"))


def _copy(source: keras.Model, target: keras.Model) -> None:
    """The weights of every layer whose name both have."""
    named = {layer.name: layer for layer in source.layers}
    for layer in target.layers:
        if layer.name in named:
            layer.set_weights(named[layer.name].get_weights())
