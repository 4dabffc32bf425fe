"""What the UNet paints of an image: by itself, by either side, and with a classifier's encoder."""

import numpy as np

from medtransfer.explain.figures import Case
from medtransfer.explain.panels import panels
from medtransfer.explain.reconstruction import PICTURE, UNTOUCHED, pictures
from medtransfer.models.build import build
from medtransfer.models.unet import autoencoder, give_encoder
from medtransfer.plotting import png
from tests.conftest import tiny_recipe

SHAPE = (32, 32, 1)


def test_pictures_differ_by_what_was_taken_away(rng: np.random.Generator) -> None:
    unet = autoencoder(SHAPE, seed=0)
    classifier = build(tiny_recipe("unet_encoder", pooling="flatten"), SHAPE, 2, seed=1)
    images = rng.integers(0, 255, (40, *SHAPE), dtype=np.uint8)
    found = pictures(unet, classifier, images, seed=2)
    assert {picture.shape for picture in found.values()} == {(40, 32, 32)}
    np.testing.assert_allclose(found[UNTOUCHED], unet.predict(images, verbose=0)[..., 0], atol=1e-5)
    assert len({picture.tobytes() for picture in found.values()}) == 4
    give_encoder(unet, classifier)
    same = pictures(unet, classifier, images, seed=2)
    np.testing.assert_allclose(same[PICTURE], same[UNTOUCHED], atol=1e-6)


def test_panels_stand_with_and_without_an_outline_and_with_heat_that_is_nowhere(rng: np.random.Generator) -> None:
    image = rng.integers(0, 255, SHAPE, dtype=np.uint8)
    lesion = image[..., 0] > 200
    cases = [
        Case(image, rng.random((32, 32)), lesion, "a", "b", 0.9),
        Case(image, np.zeros((32, 32)), None, "b", "b", 0.6),
    ]
    drawn = [png(panels(cases, {"picture": np.ones((2, 32, 32)) / 2}, "title", "heat")) for _ in range(2)]
    assert drawn[0] == drawn[1]
