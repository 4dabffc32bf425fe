"""What is noted of the software differs between machines only where it may."""

import re

import pytest

from medtransfer.models.software import BY_PYTHON, PINNED
from tests.conftest import ROOT

LOCK = (ROOT / "requirements.lock").read_text()


@pytest.mark.parametrize("name", [*PINNED, "tensorflow", *BY_PYTHON])
def test_lock_file_pins_one_version_of_what_stands_in_an_output(name: str) -> None:
    """With several, machines with one lock file would write different outputs, and dvc.lock would differ."""
    pins = re.findall(rf"^{re.escape(name)}==(\S+)", LOCK, re.MULTILINE)
    assert len(pins) == (2 if name in BY_PYTHON else 1)
