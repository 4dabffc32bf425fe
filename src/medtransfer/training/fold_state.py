"""The state of a fold between two epochs: all that the next one depends on, as a checkpoint keeps it."""

import math
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtransfer.training.checkpoints import Checkpoint
from medtransfer.training.compiled import Compiled, Values, read_values, set_values
from medtransfer.training.schedules import Patience


@dataclass
class FoldState:
    """The plain numbers, and the weights of the best epoch; current weights and the optimizer's are in the network."""

    rate: float  # the phase's learning rate, as plateaus have lowered it
    phase: int = 0
    finished: int = 0  # epochs of this phase
    plateau: Patience = field(default_factory=Patience)
    stopping: Patience = field(default_factory=Patience)
    least: float = math.inf  # the smallest value so far of what the recipe selects an epoch by
    selected: int = 0  # the epoch of that value, counted over all phases
    history: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0  # of training, in all the runs that it took
    complete: bool = False  # all epochs are trained, and the network's weights are those of the selected one
    kept: Values | None = None  # the network's variables after the selected epoch, where that was not the last
    snapshots: dict[int, Values] = field(default_factory=dict)  # the same after epochs that are to be kept

    def next_phase(self, rate: float) -> None:
        """Begin the next phase, whose early stopping and plateaus look at its own epochs alone."""
        self.phase, self.finished, self.rate = self.phase + 1, 0, rate
        self.plateau, self.stopping = Patience(), Patience()


class Saving:
    """Writes a fold's state as often as its checkpoint allows; never without a checkpoint."""

    def __init__(self, checkpoint: Checkpoint | None, state: FoldState) -> None:
        self._checkpoint = checkpoint
        self._last = time.monotonic()
        self._begun = self._last - state.seconds
        self._took = 0.0

    def now(self, state: FoldState, compiled: Compiled) -> None:
        """At the end, whatever the time."""
        before = time.monotonic()
        state.seconds = before - self._begun
        if self._checkpoint:
            save(self._checkpoint, state, compiled)
            self._last = time.monotonic()
            self._took = self._last - before

    def if_due(self, state: FoldState, compiled: Compiled) -> None:
        """After an epoch, unless the last saving is too recent for the time that it took."""
        if self._checkpoint and self._checkpoint.share * (time.monotonic() - self._last) >= self._took:
            self.now(state, compiled)


def save(checkpoint: Checkpoint, state: FoldState, compiled: Compiled) -> None:
    """Write the state; of the variables, only those that training has changed."""
    phase = compiled.phases[state.phase]
    arrays = _changed("network", read_values(compiled.network.variables), compiled.values)
    if not state.complete:
        arrays |= _changed("optimizer", read_values(phase.network.optimizer.variables), phase.optimizer)
        if state.kept is not None:
            arrays |= _changed("kept", state.kept, compiled.values)
    for epoch, values in state.snapshots.items():
        arrays |= _changed(f"snapshot{epoch}", values, compiled.values)
    facts = {"state": asdict(replace(state, kept=None, snapshots={})), "keeps": state.kept is not None}
    checkpoint.write(facts | {"snapshots": list(state.snapshots)}, arrays)


def restore(checkpoint: Checkpoint, compiled: Compiled) -> FoldState | None:
    """Read the state back, weights into the network and its optimizer; None where there is nothing to read."""
    before = compiled.values
    shapes = {f"{kind}_{i}": value.shape for kind in ("network", "kept") for i, value in enumerate(before)}
    content = checkpoint.read(shapes)
    if content is None:
        return None
    facts, arrays = content
    plain = facts["state"]
    state = FoldState(**plain | {name: Patience(**plain[name]) for name in ("plateau", "stopping")})
    phase = compiled.phases[state.phase]
    set_values(compiled.network.variables, _whole("network", arrays, before))
    set_values(phase.network.optimizer.variables, _whole("optimizer", arrays, phase.optimizer))
    state.snapshots = {epoch: _whole(f"snapshot{epoch}", arrays, before) for epoch in facts["snapshots"]}
    state.kept = _whole("kept", arrays, before) if facts["keeps"] else None
    return state


def _changed(kind: str, values: Values, before: Values) -> dict[str, NDArray]:
    pairs = enumerate(zip(values, before, strict=True))
    return {f"{kind}_{i}": value for i, (value, old) in pairs if not np.array_equal(value, old)}


def _whole(kind: str, arrays: dict[str, NDArray], before: Values) -> Values:
    return [arrays.get(f"{kind}_{i}", old) for i, old in enumerate(before)]
