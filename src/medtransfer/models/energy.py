"""The energy that a machine takes meanwhile, where it tells: its processors by RAPL, GPUs of NVIDIA by nvidia-smi."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol

POWERCAP = Path("/sys/class/powercap")
INTERVAL = 5.0  # seconds between two readings: a counter of RAPL begins again after minutes under full load


class Counter(Protocol):
    """Something that tells energy."""

    def more(self) -> float:
        """Joules since it was last asked, or made."""


class Package:
    """A processor, by RAPL's counter of microjoules. It begins again beyond a maximum, and root alone may read it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "energy_uj"
        self._range = int((folder / "max_energy_range_uj").read_text())
        self._last = int(self._file.read_text())

    def more(self) -> float:
        now = int(self._file.read_text())
        taken, self._last = (now - self._last) % self._range, now
        return taken / 1e6


class Gpus:
    """The GPUs that this process may use, by the power that nvidia-smi says, in watts."""

    COMMAND = ("nvidia-smi", "--query-gpu=power.draw", "--format=csv,noheader,nounits")

    def __init__(self) -> None:
        self._last, self._watts = time.monotonic(), self._power()

    def more(self) -> float:
        """The mean of the powers at the beginning and at the end, times the seconds between."""
        now, watts = time.monotonic(), self._power()
        taken = (now - self._last) * (self._watts + watts) / 2
        self._last, self._watts = now, watts
        return taken

    def _power(self) -> float:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        which = ("-i", visible) if visible else ()
        process = subprocess.run([*self.COMMAND, *which], capture_output=True, text=True, check=True, timeout=20)
        return sum(float(line) for line in process.stdout.split())


def counters() -> list[Counter]:
    """What this machine tells; a processor's and a GPU's counter that cannot be read is left out."""
    devices: list[Counter] = []
    for folder in sorted(POWERCAP.glob("intel-rapl:*")):  # AMD's have this name too
        with suppress(OSError, ValueError):
            if (folder / "name").read_text().startswith("package"):
                devices.append(Package(folder))
    if shutil.which(Gpus.COMMAND[0]):
        with suppress(OSError, ValueError, subprocess.SubprocessError):
            devices.append(Gpus())
    return devices


class EnergyMeter:
    """Adds up what the counters say, of the whole machine, as long as it is entered."""

    def __init__(self, devices: Sequence[Counter] | None = None, interval: float = INTERVAL) -> None:
        self._counters = counters() if devices is None else list(devices)
        self._interval, self._total = interval, 0.0
        self._failed = False
        self._lock, self._over = threading.Lock(), threading.Event()

    @property
    def joules(self) -> float | None:
        """Since it was entered; None where nothing tells, or where a counter has failed meanwhile."""
        self._read()
        return self._total if self._counters and not self._failed else None

    def __enter__(self) -> "EnergyMeter":
        if self._counters:
            threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(self._interval):
            self._read()

    def _read(self) -> None:
        with self._lock:
            try:
                self._total += sum(counter.more() for counter in self._counters)
            except (OSError, ValueError, subprocess.SubprocessError):
                self._failed = True
