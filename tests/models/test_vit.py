"""The vision transformer is the published one, and knows where its patches lie."""

import keras
import numpy as np
import pytest

from medtransfer.models.build import build_backbone
from medtransfer.models.vit import PATCH, vit_tiny
from tests.conftest import tiny_recipe

# Of DeiT-Ti, 5,717,416 (Touvron et al. 2021, as timm counts deit_tiny_patch16_224), less its classifier for 1000
# classes, its class token, the position of that, and the bias of its patches, which is one with the positions here.
PUBLISHED = 5_717_416 - (192 * 1000 + 1000) - 192 - 192 - 192


def test_weights_are_as_many_as_published() -> None:
    images = keras.Input((224, 224, 3))
    assert keras.Model(images, vit_tiny(images)).count_params() == PUBLISHED


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """Of images of 40 pixels, which are no whole patches."""
    return build_backbone(tiny_recipe("vit_tiny").backbone, (40, 40, 1), seed=0)


def test_images_are_padded_to_whole_patches(network: keras.Model, rng: np.random.Generator) -> None:
    assert network.get_layer("token_map").output.shape[1:] == (3, 3, 192)
    image = rng.integers(0, 255, (1, 40, 40, 1)).astype(np.float32)
    corner = image.copy()
    corner[:, -1, -1] = 255 - corner[:, -1, -1]
    assert not np.array_equal(network(image), network(corner)), "the last pixel is cut off"


def test_place_of_a_patch_matters(network: keras.Model, rng: np.random.Generator) -> None:
    """Without position embeddings, the mean of the tokens is the same for the same patches in any order."""
    image = rng.integers(0, 255, (1, 40, 40, 1)).astype(np.float32)
    swapped = image.copy()
    swapped[:, :PATCH, :PATCH], swapped[:, PATCH : 2 * PATCH, :PATCH] = (
        image[:, PATCH : 2 * PATCH, :PATCH],
        image[:, :PATCH, :PATCH],
    )
    assert np.abs(np.asarray(network(image)) - np.asarray(network(swapped))).max() > 1e-3
    kernel, positions = network.get_layer("embedding").get_weights()
    network.get_layer("embedding").set_weights([kernel, np.zeros_like(positions)])
    np.testing.assert_allclose(network(image), network(swapped), atol=1e-4)
