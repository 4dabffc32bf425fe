"""The peak memory of a process is its own, whatever ran before; a process that fails is shown."""

import pytest

from bench.process import run_python

MEGABYTE = "bytearray(10**6) * {}"


def test_each_process_has_its_own_peak() -> None:
    large = run_python("-c", f"x = {MEGABYTE.format(400)}")
    small = run_python("-c", f"x = {MEGABYTE.format(1)}")
    assert large.peak > 400
    assert small.peak < large.peak - 100
    assert large.seconds > 0
    assert large.busy > 0


def test_a_failing_process_is_shown() -> None:
    with pytest.raises(SystemExit, match=r"(?s)ValueError: wrong.*failed"):
        run_python("-c", "raise ValueError('wrong')")
