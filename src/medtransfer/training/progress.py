"""Where a fold stands between two epochs: all that the next one depends on, as it goes into a checkpoint and back."""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

import keras
import numpy as np
from numpy.typing import NDArray

from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.parts import Start
from medtransfer.training.schedules import Patience

Values = list[NDArray]


@dataclass
class Progress:
    """The plain numbers; weights and the optimizer's moments live in the network, but for those of the best epoch."""

    rate: float  # the phase's learning rate, as plateaus have lowered it
    phase: int = 0
    finished: int = 0  # epochs of this phase
    plateau: Patience = field(default_factory=Patience)
    stopping: Patience = field(default_factory=Patience)
    least: float = math.inf  # of what selection wants small
    selected: int = 0  # the epoch, counted over all phases, that it was least in
    history: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0  # of training, in all the runs that it took
    complete: bool = False  # no epoch is to come, and the network's weights are those of the selected one
    kept: Values | None = None  # the network's variables after the selected epoch, where that was not the last

    def next_phase(self, rate: float) -> None:
        """Begin the next phase; what its first epoch is measured by are its own epochs."""
        self.phase, self.finished, self.rate = self.phase + 1, 0, rate
        self.plateau, self.stopping = Patience(), Patience()


def read_values(variables: Sequence[keras.Variable]) -> Values:
    """Copies of what some variables hold."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def set_values(variables: Sequence[keras.Variable], values: Sequence[NDArray]) -> None:
    """Give some variables their values."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def save(checkpoint: Checkpoint, progress: Progress, network: keras.Model, start: Start) -> None:
    """Write it all; of the variables' values those alone that training has changed."""
    part = start.parts[progress.phase]
    state = asdict(replace(progress, kept=None))
    arrays = _changed("network", read_values(network.variables), start.values)
    if not progress.complete:
        arrays |= _changed("optimizer", read_values(part.network.optimizer.variables), part.optimizer)
        if progress.kept is not None:
            arrays |= _changed("kept", progress.kept, start.values)
    checkpoint.write({"progress": state, "keeps": progress.kept is not None}, arrays)


class Saving:
    """Writes what a fold has come to no more often than its checkpoint allows; without a checkpoint, never."""

    def __init__(self, checkpoint: Checkpoint | None, progress: Progress) -> None:
        self._checkpoint = checkpoint
        self._last = time.monotonic()
        self._begun = self._last - progress.seconds
        self._took = 0.0

    def now(self, progress: Progress, network: keras.Model, start: Start) -> None:
        """At the end, whatever the time."""
        before = time.monotonic()
        progress.seconds = before - self._begun
        if self._checkpoint:
            save(self._checkpoint, progress, network, start)
            self._last = time.monotonic()
            self._took = self._last - before

    def now_and_then(self, progress: Progress, network: keras.Model, start: Start) -> None:
        """After an epoch, unless the last saving is too recent for what it took."""
        if self._checkpoint and self._checkpoint.share * (time.monotonic() - self._last) >= self._took:
            self.now(progress, network, start)


def restore(checkpoint: Checkpoint, network: keras.Model, start: Start) -> Progress | None:
    """Read it back into the network and its optimizer; None where there is nothing to read."""
    shapes = {f"{kind}_{i}": value.shape for kind in ("network", "kept") for i, value in enumerate(start.values)}
    found = checkpoint.read(shapes)
    if found is None:
        return None
    state, arrays = found
    plain = state["progress"]
    watched = {name: Patience(**plain[name]) for name in ("plateau", "stopping")}
    progress = Progress(**plain | watched)
    part = start.parts[progress.phase]
    set_values(network.variables, _whole("network", arrays, start.values))
    set_values(part.network.optimizer.variables, _whole("optimizer", arrays, part.optimizer))
    progress.kept = _whole("kept", arrays, start.values) if state["keeps"] else None
    return progress


def _changed(kind: str, values: Values, before: Values) -> dict[str, NDArray]:
    pairs = enumerate(zip(values, before, strict=True))
    return {f"{kind}_{i}": value for i, (value, old) in pairs if not np.array_equal(value, old)}


def _whole(kind: str, arrays: dict[str, NDArray], before: Values) -> Values:
    return [arrays.get(f"{kind}_{i}", old) for i, old in enumerate(before)]
