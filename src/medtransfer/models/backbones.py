"""From image to feature map, as one flat graph with the preprocessing inside it.

Only layers that Keras brings are used, so a saved model opens in any Keras without this project.
"""

import os
from pathlib import Path

import keras
import numpy as np

from medtransfer.errors import UserError
from medtransfer.models import cnns
from medtransfer.models.initialise import initialise
from medtransfer.models.registry import ARCHITECTURES, Preprocessing
from medtransfer.schema.models import Backbone

# ImageNet's mean blue, green and red, subtracted by the networks that came from Caffe (keras.applications)
CAFFE_MEAN = (103.939, 116.779, 123.68)


def feature_map(images: keras.KerasTensor, backbone: Backbone, seed: int) -> keras.KerasTensor:
    """The backbone's last feature map for images of 0..255, N x H x W x C.

    Raises UserError where ImageNet weights are asked for and cannot be loaded.
    """
    architecture = ARCHITECTURES[backbone.architecture]
    x = images
    if backbone.image_size not in (None, images.shape[1]):
        x = keras.layers.Resizing(backbone.image_size, backbone.image_size, name="resize")(x)
    if architecture.channels == 3 and x.shape[-1] == 1:
        x = keras.layers.Concatenate(name="grey_to_rgb")([x, x, x])
    x = _preprocess(x, architecture.preprocessing)
    if not hasattr(keras.applications, architecture.constructor):
        return getattr(cnns, architecture.constructor)(x)
    known = set(map(id, keras.Model(images, x).layers))
    options = {} if backbone.alpha is None else {"alpha": backbone.alpha}
    construct = getattr(keras.applications, architecture.constructor)
    try:
        network = construct(include_top=False, weights=backbone.weights, input_tensor=x, **options)
    except Exception as error:
        # Keras raises a bare Exception for a failed fetch, and others for a damaged file.
        if backbone.weights is None:
            raise
        raise _weights_missing(architecture.constructor, error) from None
    if backbone.weights is None:
        initialise([layer for layer in network.layers if id(layer) not in known], seed)
    return network.output


def _preprocess(x: keras.KerasTensor, preprocessing: Preprocessing) -> keras.KerasTensor:
    """What the pretrained weights expect; plain 0..1 where there are none."""
    match preprocessing:
        case "tf":
            return keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="preprocess")(x)
        case "none":
            return keras.layers.Rescaling(1 / 255, name="preprocess")(x)
        case "caffe":
            # A fixed 1 x 1 convolution swaps red and blue and subtracts the mean, in one built-in layer.
            swap = keras.layers.Conv2D(3, 1, trainable=False, name="preprocess")
            x = swap(x)
            swap.set_weights([np.eye(3)[::-1].reshape(1, 1, 3, 3), -np.array(CAFFE_MEAN)])
            return x


def _weights_missing(constructor: str, error: Exception) -> UserError:
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"
    said = " ".join(str(error).split())
    return UserError(
        f"the ImageNet weights of {constructor} could not be loaded ({said}): connect to the internet, or put "
        f"the file that Keras names there into {home} (KERAS_HOME chooses that folder), or set weights: null"
    )
