"""A class has a column of its own in the tables of results, beside columns of other names."""

import pytest
from pydantic import ValidationError

from medtransfer.settings.datasets import TAKEN, Dataset
from medtransfer.store.formats import NAMES


@pytest.mark.parametrize("name", sorted({*NAMES, "fold"}))
def test_class_named_like_another_column_is_refused(name: str) -> None:
    entry = {
        "title": "t",
        "source": {"kind": "local", "path": "x"},
        "image_size": 32,
        "classes": {name: ["a/*"], "other": ["b/*"]},
        "positive": "other",
        "healthy": None,
    }
    assert name in TAKEN
    with pytest.raises(ValidationError, match=f"{name} is the name of a column of the results"):
        Dataset.model_validate(entry)
