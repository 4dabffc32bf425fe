"""From image to feature map, as one flat graph with the preprocessing inside it.

Only what Keras brings is used, so a saved model opens in any Keras without this project.
"""

import keras

from medtransfer.models import weights
from medtransfer.models.architecture import Preprocessing
from medtransfer.models.flat import flatten, rename
from medtransfer.models.initialise import initialise
from medtransfer.models.registry import ARCHITECTURES
from medtransfer.models.transfer import load_from_source
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import MODELS
from medtransfer.settings.recipes import Backbone

PREPROCESS = "preprocess"

# ImageNet's mean blue, green and red, subtracted by the networks that came from Caffe (keras.applications)
CAFFE_MEAN = (103.939, 116.779, 123.68)
# ImageNet's mean and standard deviation of red, green and blue in 0..1 (keras.applications, of Torch)
TORCH_MEAN = (0.485, 0.456, 0.406)
TORCH_DEVIATION = (0.229, 0.224, 0.225)


def feature_map(images: keras.KerasTensor, backbone: Backbone, seed: int) -> keras.KerasTensor:
    """The backbone's last feature map for images of 0..255, N x H x W x C.

    Raises UserError where its weights cannot be loaded, and where it has no batch normalisation to set a momentum of.
    """
    architecture = ARCHITECTURES[backbone.architecture]
    x = images
    if backbone.image_size not in (None, images.shape[1]):
        x = keras.layers.Resizing(backbone.image_size, backbone.image_size, name="resize", dtype="float32")(x)
    if architecture.channels == 3 and x.shape[-1] == 1:
        x = keras.layers.Concatenate(name="grey_to_rgb", dtype="float32")([x, x, x])
    x = _preprocess(x, "none" if backbone.preprocessing == "rescale" else architecture.preprocessing)
    network = keras.Model(images, architecture.network(x)) if architecture.network else weights.construct(backbone, x)
    flat = flatten(network)
    if isinstance(backbone.weights, str) and backbone.weights != "imagenet":
        # A file of Keras's own ConvNeXt has its nested models, a file of this project has none.
        flat = flatten(weights.load(backbone, flat, network))
    flat = keras.Model(images, flat.output)
    if backbone.weights is None:
        initialise(flat, backbone.drawn, seed)
    if backbone.batch_norm_momentum is not None:
        _set_momentum(backbone.batch_norm_momentum, flat, backbone.architecture)
    rename(flat, last=architecture.explained_layer)
    if backbone.source:
        load_from_source(backbone.source, flat)
    return flat.output


def _set_momentum(momentum: float, network: keras.Model, architecture: str) -> None:
    """Give all batch normalisation of a network, whose weights stay, this momentum: its layers keep it in files."""
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if not layers:
        raise UserError(f"{MODELS}: batch_norm_momentum: {architecture} has no batch normalisation; leave it out")
    for layer in layers:
        layer.momentum = momentum


def _preprocess(x: keras.KerasTensor, preprocessing: Preprocessing) -> keras.KerasTensor:
    """What the pretrained weights expect, in layers without weights: Keras counts them when it loads a file.

    In single precision always, since half of it would blur neighbouring shades of grey.
    """
    scale: float | list[float]
    offset: float | list[float]
    match preprocessing:
        case "inside":
            return x
        case "none":
            scale, offset = 1 / 255, 0.0
        case "tf":
            scale, offset = 1 / 127.5, -1.0
        case "torch":
            scale = [1 / (255 * deviation) for deviation in TORCH_DEVIATION]
            offset = [-mean / deviation for mean, deviation in zip(TORCH_MEAN, TORCH_DEVIATION, strict=True)]
        case "caffe":
            x = keras.ops.flip(x, axis=-1)
            scale, offset = 1.0, [-mean for mean in CAFFE_MEAN]
    return keras.layers.Rescaling(scale, offset, name=PREPROCESS, dtype="float32")(x)
