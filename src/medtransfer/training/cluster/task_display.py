"""The display of all tasks of a run: done, running with the worker's name, waiting, failed."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text


@dataclass
class TaskDisplay:
    """On a terminal, while it is entered, a table that is drawn again; elsewhere a line for each task that ends."""

    total: int = 0
    live: Live | None = None
    done: int = 0
    failed: int = 0
    workers: int = 0
    running: dict[str, tuple[str, float]] = field(default_factory=dict)  # by task: its worker, and when it was seen

    def __enter__(self) -> "TaskDisplay":
        if sys.stdout.isatty():
            self.live = Live(console=Console(), refresh_per_second=2, transient=False)
            self.live.start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self.live:
            self.live.update(self._table(), refresh=True)
            self.live.stop()
            self.live = None

    def see(self, workers: int, placed: Mapping[str, str]) -> None:
        """How many workers there are, and on which one each running task is."""
        self.workers, now = workers, time.monotonic()
        self.running = {
            task: (worker, self.running[task][1] if self.running.get(task, ("",))[0] == worker else now)
            for task, worker in placed.items()
        }
        if self.live:
            self.live.update(self._table())

    def end(self, task: str, worker: str, seconds: float) -> None:
        """A task is done."""
        self.running.pop(task, None)
        self.done += 1
        self.say(f"{task}: done by {worker} in {seconds:.1f} s ({self._counts()})")

    def fail(self, task: str) -> None:
        """A task has failed."""
        self.running.pop(task, None)
        self.failed += 1
        self.say(f"{task}: failed ({self._counts()})")

    def say(self, line: str) -> None:
        """A line above the table."""
        if self.live:
            self.live.console.print(Text(line))
        else:
            print(line, flush=True)

    def _counts(self) -> str:
        waiting = self.total - self.done - self.failed - len(self.running)
        return f"{self.done} done, {len(self.running)} running, {waiting} waiting, {self.failed} failed"

    def _table(self) -> Group:
        table = Table(box=None, show_header=False)
        for task, (worker, since) in self.running.items():
            table.add_row(task, f"on {worker}", f"{time.monotonic() - since:.0f} s")
        return Group(Text(f"{self.total} tasks on {self.workers} workers: {self._counts()}"), table)
