"""What every stage script shares: its arguments, the checked configuration, one sentence for a mistake."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medtransfer.errors import UserError
from medtransfer.formats import write_json
from medtransfer.settings.load import Settings, load

Stage = Callable[..., None]


def run(stage: Stage) -> None:
    """Call `stage(config, *names)` with the names from the command line; a user's mistake ends in a sentence."""
    names = stage.__code__.co_varnames[1 : stage.__code__.co_argcount]
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    for name in names:
        parser.add_argument(name)
    arguments = vars(parser.parse_args())
    try:
        stage(load(), *arguments.values())
    except UserError as error:
        sys.exit(f"\nerror: {error}\n")
    except MemoryError:
        sys.exit(
            "\nerror: this machine's memory is full: lower prepare.image_size in params.yaml, or, where very many "
            "images look alike, duplicates.hash_distance\n"
        )
    except OSError as error:
        sys.exit(f"\nerror: {error.strerror or error}: {error.filename or 'no file named'}\n")


class Clock:
    """Seconds since it was made, for the timings files."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall-clock seconds so far."""
        return time.perf_counter() - self._start


def write_timing(step: str, dataset: str, model: str, seconds: float, folds: Sequence[float] = ()) -> None:
    """Wall-clock times, in files of their own: they differ between runs, and only the report reads them."""
    times = {"seconds": round(seconds, 3)} | ({"folds": [round(fold, 3) for fold in folds]} if folds else {})
    write_json(Path(f"metrics/timings/{dataset}/{step}/{model}.json"), times)


def fold_models(settings: Settings, dataset: str, model: str) -> list[Path]:
    """The archives of a model's folds, in order."""
    return [Path(f"models/{dataset}/{model}/fold-{fold}.keras") for fold in range(settings.params.split.folds)]


def label_codes(settings: Settings, dataset: str, labels: NDArray) -> NDArray[np.int64]:
    """Class numbers of labels, in the order of the catalogue."""
    classes = list(settings.dataset(dataset).classes)
    return np.array([classes.index(label) for label in labels], dtype=np.int64)
