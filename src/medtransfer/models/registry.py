"""Every architecture a recipe may name: a table, cheap to import, checked before Keras is loaded."""

from dataclasses import dataclass
from typing import Literal

from medtransfer.config import MODELS
from medtransfer.errors import UserError
from medtransfer.schema.models import Recipe
from medtransfer.schema.refusals import choices

Preprocessing = Literal["caffe", "tf", "none"]


@dataclass(frozen=True)
class Architecture:
    """What is to be known of an architecture to build, feed and explain it."""

    constructor: str  # in keras.applications, or in models/cnns.py
    preprocessing: Preprocessing  # what its ImageNet weights expect, as Keras names it
    explained_layer: str  # its last feature map, height x width x channels, after its activation
    minimum_size: int  # pixels a side
    width: bool = False  # whether it takes a width multiplier alpha
    imagenet: bool = True  # whether Keras has ImageNet weights of it
    channels: int | None = 3  # what it takes; None: as many as the images have


ARCHITECTURES: dict[str, Architecture] = {
    "simple_cnn": Architecture("simple_cnn", "none", "convolution_3", 24, imagenet=False, channels=None),
    "vgg16": Architecture("VGG16", "caffe", "block5_conv3", 32),
    "resnet50v2": Architecture("ResNet50V2", "tf", "post_relu", 32),
    "mobilenetv2": Architecture("MobileNetV2", "tf", "out_relu", 32, width=True),
}


def check(name: str, recipe: Recipe, image_size: int) -> None:
    """Raise UserError where a recipe asks for what its architecture does not have."""
    backbone = recipe.backbone
    where = f"{MODELS}: {name}.backbone."
    if backbone.architecture not in ARCHITECTURES:
        raise UserError(
            f"{where}architecture: there is none called {backbone.architecture!r}; "
            f"{choices(backbone.architecture, ARCHITECTURES)}"
        )
    architecture = ARCHITECTURES[backbone.architecture]
    if backbone.weights == "imagenet" and not architecture.imagenet:
        raise UserError(f"{where}weights: {backbone.architecture} has no ImageNet weights; write weights: null")
    if backbone.alpha is not None and not architecture.width:
        widths = ", ".join(key for key, entry in ARCHITECTURES.items() if entry.width)
        raise UserError(f"{where}alpha: {backbone.architecture} has no width to choose; valid for {widths}")
    size = backbone.image_size or image_size
    if size < architecture.minimum_size:
        raise UserError(
            f"{where}image_size: {backbone.architecture} needs images of {architecture.minimum_size} pixels a side "
            f"or more, and would get {size}; set image_size: {architecture.minimum_size}"
        )
