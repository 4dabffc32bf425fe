"""How Keras is imported: quickly, and without the lines that TensorFlow prints on every machine without a GPU.

`install` prepares the first `import keras`, wherever that stands. Of what is printed meanwhile the lines that match
KNOWN are left out, and no others.
"""

import gc
import importlib
import importlib.abc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

# TensorFlow logs these from C++ before its level can be chosen.
KNOWN = "|".join(
    (
        r"^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR",
        r"\] oneDNN custom operations are on\.",
        r"\] Could not find cuda drivers on your machine, GPU will not be used\.",
        r"\] computation placer already registered\.",
        r"\] failed call to cuInit: .*\(303\)",  # which is: there is no driver
    )
)
# Keras imports these two where they are installed, for plots of its own and for a wrapper that is not used here; they
# take nearly half of its time.
UNUSED = ("matplotlib", "sklearn")


def install() -> None:
    """Prepare the first import of Keras, unless it is imported already."""
    if "keras" not in sys.modules:
        sys.meta_path.insert(0, _KerasFinder())


class _KerasFinder(importlib.abc.MetaPathFinder):
    """Finds Keras as Python does, and wraps its execution."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "keras":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            with _known_lines_left_out(), _hidden(UNUSED), _without_garbage_collection():
                execute(module)
                if module.backend.backend() == "tensorflow":
                    # It looks for devices when it is first asked, and says then what it does not find.
                    importlib.import_module("tensorflow").config.list_physical_devices()

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


@contextmanager
def _hidden(names: Sequence[str]) -> Iterator[None]:
    """Modules that are not imported yet cannot be imported meanwhile."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Hundreds of modules leave nothing to collect, and looking for it takes a tenth of the import's time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _known_lines_left_out() -> Iterator[None]:
    """Standard error, whoever writes to it, goes through grep meanwhile, which prints the rest even after a crash."""
    if shutil.which("grep") is None:
        yield
        return
    sys.stderr.flush()
    original = os.dup(2)
    rest = subprocess.Popen(["grep", "-a", "-v", "-E", KNOWN], stdin=subprocess.PIPE, stdout=original)
    assert rest.stdin is not None
    os.dup2(rest.stdin.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(original, 2)
        os.close(original)
        rest.stdin.close()
        with suppress(subprocess.TimeoutExpired):  # a process that the import has started may hold the pipe open
            rest.wait(timeout=5)
