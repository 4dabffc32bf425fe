"""What the UNet makes of an image: by itself, by either side, and with a classifier's encoder."""

import numpy as np
import pytest

from medtransfer.explain.methods import METHODS
from medtransfer.explain.reading import Fold
from medtransfer.explain.reconstruction import GRADIENT, RECONSTRUCTION, UNTOUCHED, UNetReconstruction
from medtransfer.models.unet import give_encoder
from tests.eager import eager
from tests.explain.small import SIZE, small_model

KEY = "unet_reconstruction"


@eager()
def test_images_differ_by_what_was_taken_away_and_saliency_is_that_of_its_own_method(rng: np.random.Generator) -> None:
    small = small_model()
    images = rng.integers(0, 255, (40, SIZE, SIZE, 1), dtype=np.uint8)
    result = small.explain(images, np.ones(40, int))
    maps = dict(result[KEY])
    np.testing.assert_array_equal(maps.pop(GRADIENT), result["gradient"][METHODS["gradient"].title])
    assert {each.shape for each in maps.values()} == {(40, SIZE, SIZE)}
    np.testing.assert_allclose(maps[UNTOUCHED], small.autoencoder.predict_on_batch(images)[..., 0], atol=1e-5)
    assert len({each.tobytes() for each in maps.values()}) == 4
    give_encoder(small.autoencoder, small.network)
    same = small.explain(images[:2], np.ones(2, int), {KEY: METHODS[KEY]})[KEY]
    np.testing.assert_allclose(same[RECONSTRUCTION], same[UNTOUCHED], atol=1e-6)


def test_fold_without_an_autoencoder_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the fold's autoencoder"):
        UNetReconstruction(METHODS[KEY], Fold(None, None, 0))
