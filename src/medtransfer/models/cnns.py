"""Convolutional networks that are trained from scratch: ours, and those of the papers.

Each goes from images in 0..1 (N x H x W x C) to a feature map (N x h x w x filters). Their dense layers are the
recipe's head. Weights are as Keras draws them, since the papers say nothing of them. The key `initialisation` of a
recipe draws others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medtransfer.models.architecture import network

if TYPE_CHECKING:
    import keras

DOWN_FILTERS = (32, 64, 128, 256)
SMALL_FILTERS = (16, 32, 64, 64)
# Of batch normalisation's running means: a network is trained for some thousand steps here, and 0.99 lags behind.
MOMENTUM = 0.9


@network(explained_layer="convolution_3", minimum_size=24)
def simple_cnn(images: keras.KerasTensor) -> keras.KerasTensor:
    """Three convolutions of 32, 64 and 64 filters, each followed by max pooling; images in 0..1."""
    return _convolutions(images, (32, 64, 64))


@network(explained_layer="relu_4", minimum_size=32)
def small_cnn(images: keras.KerasTensor) -> keras.KerasTensor:
    """Four convolutions of 16, 32, 64 and 64 filters, each with batch normalisation and ReLU; an eighth of the height.

    The first three have a 2 x 2 maximum each, before normalising, which then costs a quarter.
    """
    import keras

    x = images
    for number, filters in enumerate(SMALL_FILTERS, start=1):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"convolution_{number}")(x)
        if number < len(SMALL_FILTERS):
            x = keras.layers.MaxPooling2D(name=f"pooling_{number}")(x)
        x = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"normalisation_{number}")(x)
        x = keras.layers.Activation("relu", name=f"relu_{number}")(x)
    return x


@network(explained_layer="convolution_2", minimum_size=16)
def jardim_cnn(images: keras.KerasTensor) -> keras.KerasTensor:
    """Jardim et al.'s network without transfer: two convolutions of 32 filters, each with pooling and dropout.

    The paper gives neither the kernels' size nor the rate of the dropout: 3 x 3 and 0.25 are ours.
    """
    return _convolutions(images, (32, 32), dropout=0.25)


@network(explained_layer="convolution_6", minimum_size=64)
def rafiq_cnn(images: keras.KerasTensor) -> keras.KerasTensor:
    """Rafiq et al.'s CNN (section 4.2.1): six convolutions of 64, 256, 512 and then 1024 filters, each with pooling.

    The paper contradicts itself: "six layers of Conv2D", then 64, 256, 512 and "1024 in the last four layers", which
    makes seven. These are six. It gives no kernels' size, and "maxpooling2D" without a place: 3 x 3 and a 2 x 2
    maximum after each convolution are ours.
    """
    return _convolutions(images, (64, 256, 512, 1024, 1024, 1024))


@network(explained_layer="convolution_3", minimum_size=24)
def liaqat_cnn(images: keras.KerasTensor) -> keras.KerasTensor:
    """Liaqat et al.'s SimpleCNN (section 3): "3 convolutional layers and 2 fully connected layers".

    The paper says no more of it: 32, 64 and 128 filters of 3 x 3, ReLU and a 2 x 2 maximum after each are those of the
    authors' code.
    """
    return _convolutions(images, (32, 64, 128))


@network(explained_layer="down_4_relu", minimum_size=32, halvings=4)
def unet_encoder(images: keras.KerasTensor) -> keras.KerasTensor:
    """The encoder of Rafiq et al.'s UNet (section 4.1.1, figure 3): a sixteenth of the height and width, 256 filters.

    "Each down layer consists of a 2D convolution with 3x3 kernels and a batch normalization". How many there are, of
    how many filters, and where the ReLU stands is not said: four of 32 to 256, halving by stride, and the ReLU last
    are ours.
    """
    import keras

    x = images
    for number, filters in enumerate(DOWN_FILTERS, start=1):
        convolution = keras.layers.Conv2D(filters, 3, strides=2, padding="same", name=f"down_{number}_conv")
        x = convolution(x)
        x = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"down_{number}_bn")(x)
        x = keras.layers.Activation("relu", name=f"down_{number}_relu")(x)
    return x


def _convolutions(images: keras.KerasTensor, filters: tuple[int, ...], dropout: float = 0.0) -> keras.KerasTensor:
    """3 x 3 convolutions with ReLU, a 2 x 2 maximum after each, and dropout if any."""
    import keras

    x = images
    for number, count in enumerate(filters, start=1):
        convolution = keras.layers.Conv2D(count, 3, padding="same", activation="relu", name=f"convolution_{number}")
        x = convolution(x)
        x = keras.layers.MaxPooling2D(name=f"pooling_{number}")(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"pooling_{number}_dropout")(x)
    return x
