"""What a process takes from its start to its end: time, cores, memory."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

ROOT = Path(__file__).resolve().parents[1]
PATH = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
SAMPLED = 0.02  # seconds between two looks at the memory of a process
UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss: bytes there, kilobytes elsewhere


@dataclass(frozen=True)
class Usage:
    """Of one process, imports included."""

    seconds: float
    busy: float  # seconds of all cores: hardly changed by other work on the machine, unlike the clock
    peak: float  # most memory at one time, in megabytes, pages of mapped files among it
    anonymous: float | None = None  # the same without pages of files; None where the system does not tell


def run_python(*arguments: str, folder: Path = ROOT, path: str = PATH, **environment: str) -> Usage:
    """Run Python with the project's code, or that of another `path`, in a folder.

    Where it fails, show its output and exit 1.

    The peak is the child's own, from os.wait4: RUSAGE_CHILDREN would give the largest of all children so far. On Linux
    a child counts the memory of the process that starts it too, up to that moment: what calls this is to stay small.
    """
    variables = os.environ | {"PYTHONPATH": path} | environment
    print(" ".join(arguments), end=" ... ", flush=True, file=sys.stderr)
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT
        )
        with _anonymous_memory(process.pid) as anonymous:
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        print(f"{seconds:.1f} s", file=sys.stderr)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{output.read().decode(errors='replace')}\n{' '.join(arguments)} failed")
    most = max(anonymous, default=None)
    return Usage(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * UNIT / 1e6, most)


@contextmanager
def _anonymous_memory(process: int) -> Iterator[list[float]]:
    """Megabytes of a process that lie in no file, sampled until the block ends; none but on Linux."""
    samples: list[float] = []
    ended = Event()

    def sample() -> None:
        while not ended.wait(SAMPLED):
            try:
                lines = Path(f"/proc/{process}/status").read_text().splitlines()
            except OSError:
                return
            samples.extend(float(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("RssAnon"))

    thread = Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()
