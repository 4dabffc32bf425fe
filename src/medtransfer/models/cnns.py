"""Small convolutional networks that are trained from scratch."""

import keras


def simple_cnn(images: keras.KerasTensor) -> keras.KerasTensor:
    """Three convolutions of 32, 64 and 64 filters, each followed by max pooling; images in 0..1."""
    x = images
    for number, filters in enumerate((32, 64, 64), start=1):
        name = f"convolution_{number}"
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = keras.layers.MaxPooling2D(name=f"pooling_{number}")(x)
    return x
