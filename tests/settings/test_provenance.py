"""What the catalogue says of where images come from: optional, and no placeholders."""

import pytest
from pydantic import ValidationError

from medtransfer.settings.datasets import Provenance
from medtransfer.settings.load import load
from tests.conftest import ROOT


@pytest.mark.parametrize("text", ["not stated", "Unknown.", "?", "", "   ", "n/a", "x" * 401])
def test_placeholder_is_no_statement(text: str) -> None:
    with pytest.raises(ValidationError):
        Provenance(dates=text)


def test_key_may_be_left_out_and_strange_ones_are_refused() -> None:
    assert Provenance(reference=" a paper\n").model_dump(exclude_none=True) == {"reference": "a paper"}
    with pytest.raises(ValidationError):
        Provenance.model_validate({"hospital": "x"})


def test_phantom_says_that_no_patient_is_behind_it() -> None:
    stated = load(ROOT).dataset("phantom").provenance
    assert "made by code" in str(stated.institutions)
    assert all(stated.model_dump().values())
