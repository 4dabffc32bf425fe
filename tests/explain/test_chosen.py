"""Which test images every model is shown on."""

import numpy as np
import pandas as pd
import pytest

from medtransfer.explain.chosen import TOGETHER, drawn_images, named_images
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Explain

SPLIT = pd.DataFrame(
    {"id": ["yes/a.png", "yes/b.png", "no/c.png"], "partition": ["test", "development", "test"], "label": "x"}
)
HELD_OUT = np.array([0, 2])
TEST = pd.DataFrame(
    {
        "id": [f"{name}{number}" for name in "ab" for number in range(20)],
        "actual": ["a"] * 20 + ["b"] * 20,
        "group": [f"{name}{number // 5}" for name in "ab" for number in range(20)],
    }
)


def test_named_images_stay_in_their_order() -> None:
    assert named_images(SPLIT, HELD_OUT, ["no/c.png", "yes/a.png"]) == ["no/c.png", "yes/a.png"]


@pytest.mark.parametrize(
    ("id", "sentence"),
    [
        ("yes/a.jpg", r"explain.images: there is no image called 'yes/a.jpg' .* did you mean yes/a.png\?"),
        ("7", "there is no image called '7' in the data set; ids are in"),
        ("yes/b.png", "yes/b.png is not in the held-out test set, but development; name test images"),
    ],
)
def test_an_image_that_cannot_be_shown_is_refused_in_words(id: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        named_images(SPLIT, HELD_OUT, ["no/c.png", id])


def test_image_named_twice_and_too_many_are_refused() -> None:
    for images, sentence in ((["a", "a"], "images: a is listed twice"), ([str(n) for n in range(25)], "at most 24")):
        with pytest.raises(ValueError, match=sentence):
            Explain.model_validate({"methods": ["m"], "images_per_class": 1, "images": images, "overlay": "shaded"})


def test_as_many_of_each_class_are_drawn_no_two_of_a_group_while_there_are_others() -> None:
    images = TEST.set_index("id").loc[drawn_images(TEST, ["b", "a"], [], 1)]
    assert images["actual"].tolist() == ["b"] * (TOGETHER // 2) + ["a"] * (TOGETHER // 2)
    assert images["group"].is_unique


def test_draw_depends_on_seed_and_classes_and_on_nothing_that_a_model_says() -> None:
    first, again, other = (drawn_images(TEST, ["a", "b"], [], seed) for seed in (1, 1, 2))
    assert first == again != other
    predictions = TEST.assign(predicted=np.random.default_rng(0).choice(["a", "b"], len(TEST)))
    assert drawn_images(predictions, ["a", "b"], [], 1) == first


def test_images_with_an_outline_are_drawn_where_a_class_has_some() -> None:
    drawn = drawn_images(TEST, ["a", "b"], ["a3", "a4"], 1)
    assert set(drawn[:2]) == {"a3", "a4"}  # of one group, as there is no other
    assert len(drawn) == 2 + TOGETHER // 2
    assert len(drawn_images(TEST, [*"abcdefgh"], [], 1)) == 2  # one each of the classes that the test set has
