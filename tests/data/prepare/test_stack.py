"""A stack of images is the file that NumPy writes of the whole array, and takes no memory of its own."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from medtransfer.data.prepare import stack
from medtransfer.data.prepare.stack import Stack
from tests.conftest import ROOT

# Peak of the process after a few images, and how much it grows with many more: bytes.
PROGRAM = """
import sys
import numpy as np
from pathlib import Path
from medtransfer.data.prepare.stack import Stack

def peak():
    return next(1024 * int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

pixels = np.ones((128, 128, 1), np.uint8)
with Stack(Path(sys.argv[1]), 128) as stack:
    for number in range(6_000):
        stack.append(pixels)
        if number == 100:
            before = peak()
print(peak() - before)
"""


@pytest.mark.parametrize("first_coloured", [None, 0, 1, 4, 6])
def test_file_is_as_numpy_writes_the_whole_array(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first_coloured: int | None
) -> None:
    monkeypatch.setattr(stack, "CHUNK", 3)
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (5, 5, 3 if number == first_coloured else 1), np.uint8) for number in range(7)]
    with Stack(tmp_path / "stack.npy", 5) as written:
        for image in images:
            written.append(image)
    channels = 1 if first_coloured is None else 3
    np.save(tmp_path / "whole.npy", np.stack([np.repeat(each, channels // each.shape[2], axis=2) for each in images]))
    assert (tmp_path / "stack.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process stands in /proc")
def test_peak_does_not_grow_with_the_number_of_images(tmp_path: Path) -> None:
    """Pages of files count too: through a memory map, the 6,000 images would take 98 MB."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "stack.npy")]
    done = subprocess.run(command, cwd=ROOT / "src", capture_output=True, text=True, check=True)
    assert int(done.stdout) < 8 * 2**20
