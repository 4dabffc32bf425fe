"""What remains of an external set, and when it is too little."""

import numpy as np
import pandas as pd
import pytest

from medtransfer.data.split.audit import EXACT, NONE, Overlap
from medtransfer.data.split.external import ExternalImages, external_images, refuse_too_few
from medtransfer.settings.errors import UserError
from medtransfer.store.orientations import oriented
from tests.data.duplicates.test_search import prepared
from tests.data.slices import made_up_slice
from tests.data.split.test_pictures import CHOICE


def test_picture_is_left_out_whole_and_the_rest_is_grouped() -> None:
    """Image 1 is a turned copy of image 0, which a training image is a copy of; 3 is a copy of 2; 5 and 6 are of one
    patient."""
    images = [made_up_slice(seed) for seed in (500, 500, 501, 501, 502, 503, 504)]
    images[1], images[3] = oriented(images[1], 3), oriented(images[3], 5)
    hashes, thumbnails = prepared(images)
    patients = ["", "", "", "", "", "p", "p"]
    index = pd.DataFrame({"phash": hashes, "sha256": [str(row) for row in range(7)], "patient": patients})
    rest = external_images(index, thumbnails, np.array([EXACT] + [NONE] * 6), CHOICE)
    assert rest.rows.tolist() == [2, 3, 4, 5, 6]
    assert (rest.copied, rest.joined) == (Overlap(7, 1, 0, 0), 1)
    _, groups = np.unique(rest.groups, return_inverse=True)
    assert groups.tolist() == [0, 0, 1, 2, 2]


@pytest.mark.parametrize(
    ("ill", "well", "copies", "sentence"),
    [
        (30, 30, 0, None),
        (9, 10, 0, r"e: 0 of 19 images have a copy .* of d \(0 exact, 0 near, 0 mirrored or turned, .*; 19 remain"),
        (40, 4, 0, r"44 remain \(ill 40, well 4\)"),
        (
            30,
            30,
            941,
            r"^e: 941 of 1,001 images .*\(941 exact, .* 60 remain \(ill 30, well 30\).* 10% of the set: name",
        ),
        (30, 0, 3, r"\(ill 30, well 0\)"),
    ],
)
def test_set_of_copies_is_refused_with_the_numbers(ill: int, well: int, copies: int, sentence: str | None) -> None:
    labels = pd.Series(["ill"] * ill + ["well"] * well + ["ill"] * copies)
    kept = np.arange(ill + well)
    images = ExternalImages(kept, kept, Overlap(len(labels), copies, 0, 0), 0)
    if sentence is None:
        refuse_too_few("e", "d", labels, ["ill", "well"], images)
        return
    with pytest.raises(UserError, match=sentence) as caught:
        refuse_too_few("e", "d", labels, ["ill", "well"], images)
    assert str(caught.value).endswith("name another set in study.external")
