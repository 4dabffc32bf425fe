"""Every architecture that a recipe may name, and what can be checked of a recipe before Keras is loaded."""

from pathlib import Path

from medtransfer.models import cnns, vit  # noqa: F401  their networks add themselves to ARCHITECTURES
from medtransfer.models.architecture import ARCHITECTURES, Architecture
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import MODELS
from medtransfer.settings.messages import choices
from medtransfer.settings.recipes import Backbone, Recipe

__all__ = ["ARCHITECTURES", "WEIGHTS", "WEIGHT_FILES", "check"]

WEIGHTS = Path("weights")  # where a recipe's files lie: the folder that DVC watches for other ones
WEIGHT_FILES = (".h5", ".hdf5", ".keras")  # .weights.h5 among them

# Importing medtransfer.models.cnns and .vit has added the networks of this project.
ARCHITECTURES |= {
    "vgg16": Architecture("VGG16", "caffe", "block5_conv3", 32),
    "vgg19": Architecture("VGG19", "caffe", "block5_conv4", 32),
    "resnet50": Architecture("ResNet50", "caffe", "conv5_block3_out", 32),
    "resnet101": Architecture("ResNet101", "caffe", "conv5_block3_out", 32),
    "resnet152": Architecture("ResNet152", "caffe", "conv5_block3_out", 32),
    "resnet50v2": Architecture("ResNet50V2", "tf", "post_relu", 32),
    "resnet101v2": Architecture("ResNet101V2", "tf", "post_relu", 32),
    "densenet121": Architecture("DenseNet121", "torch", "relu", 32),
    "inceptionv3": Architecture("InceptionV3", "tf", "mixed10", 75),
    "xception": Architecture("Xception", "tf", "block14_sepconv2_act", 71),
    "mobilenetv2": Architecture("MobileNetV2", "tf", "out_relu", 32, widths=(0.35, 0.5, 0.75, 1.0, 1.3, 1.4)),
    # Keras leaves the last layer of these two and of ConvNeXt without a name of its own; backbones.py gives it this.
    "mobilenetv3small": Architecture("MobileNetV3Small", "inside", "top_activation", 32, widths=(0.75, 1.0)),
    "mobilenetv3large": Architecture("MobileNetV3Large", "inside", "top_activation", 32, widths=(0.75, 1.0)),
    "efficientnetb0": Architecture("EfficientNetB0", "inside", "top_activation", 32),
    "efficientnetv2b0": Architecture("EfficientNetV2B0", "inside", "top_activation", 32),
    "convnexttiny": Architecture("ConvNeXtTiny", "inside", "top_normalisation", 32),
}


LARGEST = 1024  # pixels a side of any image


def check(name: str, recipe: Recipe, image_size: int | None = None) -> None:
    """Raise UserError where a recipe asks for what its architecture does not have.

    `image_size` is that of the prepared images, where it is known.
    """
    backbone = recipe.backbone
    where = f"{MODELS}: {name}.backbone."
    if backbone.architecture not in ARCHITECTURES:
        raise UserError(
            f"{where}architecture: there is none called {backbone.architecture!r}; "
            f"{choices(backbone.architecture, ARCHITECTURES)}"
        )
    architecture = ARCHITECTURES[backbone.architecture]
    _check_width(where, backbone, architecture)
    _check_weights(where, backbone, architecture)
    _check_use(where, backbone)
    size = backbone.image_size or image_size or LARGEST
    if size < architecture.minimum_size:
        raise UserError(
            f"{where}image_size: {backbone.architecture} needs images of {architecture.minimum_size} pixels a side "
            f"or more, and would get {size}; set image_size: {architecture.minimum_size}"
        )
    if recipe.pretraining:
        _check_decoder(name, recipe, size)


def _check_decoder(name: str, recipe: Recipe, size: int) -> None:
    backbone, halvings = recipe.backbone, ARCHITECTURES[recipe.backbone.architecture].halvings
    where = f"{MODELS}: {name}."
    if not halvings:
        able = ", ".join(key for key, entry in ARCHITECTURES.items() if entry.halvings)
        raise UserError(
            f"{where}pretraining: {backbone.architecture} has no decoder to give back an image with; leave it out, or "
            f"choose {able}"
        )
    if backbone.frozen or backbone.weights is not None:
        raise UserError(
            f"{where}pretraining: it is what the encoder starts from, and the classifier trains it on: write "
            "backbone.weights: null and backbone.trainable: all"
        )
    if backbone.drawn != "keras":
        raise UserError(
            f"{where}backbone.initialisation: the encoder starts from an autoencoder, whose weights are as Keras draws "
            "them; leave it out"
        )
    if size % 2**halvings:
        raise UserError(
            f"{where}backbone.image_size: {backbone.architecture} halves its images {halvings} times, and {size} "
            f"pixels a side cannot be; set image_size: {max(2, round(size / 2**halvings)) * 2**halvings}"
        )


def _check_width(where: str, backbone: Backbone, architecture: Architecture) -> None:
    if backbone.alpha is None:
        return
    if not architecture.widths:
        widths = ", ".join(key for key, entry in ARCHITECTURES.items() if entry.widths)
        raise UserError(f"{where}alpha: {backbone.architecture} has no width to choose; valid for {widths}")
    if backbone.weights == "imagenet" and backbone.alpha not in architecture.widths:
        raise UserError(
            f"{where}alpha: there are no ImageNet weights of {backbone.architecture} with alpha {backbone.alpha:g}; "
            f"there are of {', '.join(f'{width:g}' for width in architecture.widths)}"
        )


def _check_use(where: str, backbone: Backbone) -> None:
    """Refuse what has no effect."""
    if backbone.frozen and backbone.batch_norm_momentum is not None:
        raise UserError(
            f"{where}batch_norm_momentum: the backbone is frozen (trainable: none), so its averages stay as they are; "
            "leave it out"
        )
    if not backbone.frozen and "views" in backbone.augmentation.model_fields_set:
        raise UserError(
            f"{where}augmentation.views: a backbone that is trained (trainable: {backbone.trainable}) sees new changes "
            "in every epoch, and stores no views; leave it out"
        )


def _check_weights(where: str, backbone: Backbone, architecture: Architecture) -> None:
    weights = backbone.weights
    if weights is None or not isinstance(weights, str):
        return
    if weights == "imagenet":
        if not architecture.imagenet:
            raise UserError(f"{where}weights: {backbone.architecture} has no ImageNet weights; write weights: null")
        return
    if not weights.endswith(WEIGHT_FILES):
        raise UserError(
            f"{where}weights: {weights!r} is neither imagenet nor null nor a file that Keras reads "
            f"({', '.join(WEIGHT_FILES)}); write one of these"
        )
    if (path := Path(weights)).parent != WEIGHTS:
        raise UserError(
            f"{where}weights: {weights} is not in the folder {WEIGHTS}, the only one where a replaced file is noticed; "
            f"copy it there and write weights: {WEIGHTS / path.name}"
        )
