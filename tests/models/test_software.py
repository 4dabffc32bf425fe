"""What is noted of the software differs between machines only where it may."""

import re

import pytest

from medtransfer.models.software import BY_PYTHON, PINNED
from tests.conftest import ROOT

LOCK, EXTRAS = ((ROOT / name).read_text() for name in ("requirements.lock", "requirements-extras.lock"))
# package==version ; where it is installed, then its hashes
PIN = re.compile(r"^([\w.-]+)==.*(?:\n +--hash=.*)+", re.MULTILINE)


@pytest.mark.parametrize("name", [*PINNED, "tensorflow", *BY_PYTHON])
def test_lock_file_pins_one_version_of_what_stands_in_an_output(name: str) -> None:
    """With several, machines with one lock file would write different outputs, and dvc.lock would differ."""
    pins = re.findall(rf"^{re.escape(name)}==(\S+)", LOCK, re.MULTILINE)
    assert len(pins) == (2 if name in BY_PYTHON else 1)


def test_extras_keep_the_versions_of_the_lock_file() -> None:
    """With another version of NumPy, say, tests would run on something else than the pipeline."""
    pins, with_extras = ({pin[0] for pin in PIN.finditer(text)} for text in (LOCK, EXTRAS))
    assert pins < with_extras
    added = {PIN.match(pin)[1] for pin in with_extras - pins}  # type: ignore[index]
    assert {"bokeh", "distributed", "dvc-s3", "moto"} <= added
    assert not added & {pin[1] for pin in PIN.finditer(LOCK)}
