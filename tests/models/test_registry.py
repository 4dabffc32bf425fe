"""Recipes that ask for what an architecture does not have are refused before Keras is loaded."""

import pytest

from medtransfer.models.registry import check
from medtransfer.settings.errors import UserError
from medtransfer.settings.recipes import Reconstruction
from tests.conftest import tiny_recipe

MISTAKES = {
    "unknown architecture": ({"architecture": "vgg61"}, r"none called 'vgg61'; did you mean vgg1[69]\?"),
    "no ImageNet weights": (
        {"architecture": "rafiq_cnn", "weights": "imagenet"},
        "rafiq_cnn has no ImageNet weights; write weights: null",
    ),
    "no ImageNet weights of the transformer": (
        {"architecture": "vit_tiny", "weights": "imagenet"},
        "vit_tiny has no ImageNet weights; write weights: null",
    ),
    "no such kind of weights": (
        {"architecture": "vgg16", "weights": "imagnet"},
        "'imagnet' is neither imagenet nor null nor a file that Keras reads",
    ),
    "weights elsewhere": (
        {"architecture": "vgg16", "weights": "/mnt/disk/radimagenet.h5"},
        r"weights: /mnt/disk/radimagenet.h5 is not in the folder weights, .*; copy it there and write weights: "
        r"weights/radimagenet\.h5$",
    ),
    "weights out of the folder again": (
        {"architecture": "vgg16", "weights": "weights/../radimagenet.h5"},
        "is not in the folder weights",
    ),
    "no width": (
        {"architecture": "vgg16", "alpha": 0.5},
        "vgg16 has no width to choose; valid for mobilenetv2, mobilenetv3small, mobilenetv3large",
    ),
    "no weights of that width": (
        {"architecture": "mobilenetv3small", "alpha": 0.5, "weights": "imagenet"},
        "no ImageNet weights of mobilenetv3small with alpha 0.5; there are of 0.75, 1",
    ),
    "a momentum of averages that stay": (
        {"architecture": "mobilenetv2", "trainable": "none", "batch_norm_momentum": 0.9},
        r"batch_norm_momentum: the backbone is frozen \(trainable: none\), .*; leave it out$",
    ),
    "views of a backbone that is trained": (
        {"architecture": "vgg16", "trainable": 0.2, "augmentation": {"zoom": 0.1, "views": "fresh"}},
        r"views: a backbone that is trained \(trainable: 0\.2\) sees new changes in every epoch, .*; leave it out$",
    ),
    "too small": ({"architecture": "inceptionv3"}, "inceptionv3 needs images of 75 pixels .* get 64"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_impossible_recipe_is_refused(mistake: str) -> None:
    backbone, sentence = MISTAKES[mistake]
    with pytest.raises(UserError, match=sentence):
        check("mine", tiny_recipe(**backbone), image_size=64)  # type: ignore[arg-type]


PRETRAINING = {
    "no decoder": ({"architecture": "vgg16"}, r"pretraining: vgg16 has no decoder .* choose unet_encoder"),
    "frozen": (
        {"architecture": "unet_encoder", "trainable": "none"},
        r"pretraining: it is what the encoder starts from, .* backbone.trainable: all",
    ),
    "of weights that the encoder does not start from": (
        {"architecture": "unet_encoder", "initialisation": "he"},
        r"initialisation: the encoder starts from an autoencoder, .*; leave it out",
    ),
    "of a size that cannot be halved so often": (
        {"architecture": "unet_encoder", "image_size": 72},
        r"halves its images 4 times, and 72 pixels a side cannot be; set image_size: 64",
    ),
}


@pytest.mark.parametrize("mistake", PRETRAINING)
def test_impossible_pretraining_is_refused(mistake: str) -> None:
    backbone, sentence = PRETRAINING[mistake]
    pretraining = Reconstruction(epochs=1, learning_rate=1e-3, batch_size=8)
    recipe = tiny_recipe(**backbone).model_copy(update={"pretraining": pretraining})  # type: ignore[arg-type]
    with pytest.raises(UserError, match=sentence):
        check("mine", recipe, image_size=64)


def test_possible_recipes_are_not() -> None:
    check("mine", tiny_recipe("vgg16", weights="weights/vgg.weights.h5"), image_size=64)
    check("mine", tiny_recipe("mobilenetv2", weights="imagenet", alpha=0.35), image_size=64)
    check("mine", tiny_recipe("vgg16", augmentation={"zoom": 0.1}), image_size=64)
    check("mine", tiny_recipe("vgg16", "none", augmentation={"zoom": 0.1, "views": 4}), image_size=64)
    pretraining = Reconstruction(epochs=1, learning_rate=1e-3, batch_size=8)
    check("mine", tiny_recipe("unet_encoder").model_copy(update={"pretraining": pretraining}), image_size=64)
    check("mine", tiny_recipe("mobilenetv2", alpha=0.1), image_size=64)
