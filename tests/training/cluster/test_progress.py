"""The display says of every task what became of it."""

import io

import pytest
from rich.console import Console

from medtransfer.training.cluster.progress import Progress


def test_without_a_terminal_each_end_is_a_line_with_all_counts(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(4) as progress:
        progress.see(2, {"a": "one", "b": "two"})
        progress.end("a", "one", 1.25)
        progress.fail("b")
    assert capsys.readouterr().out.splitlines() == [
        "a: done by one in 1.2 s (1 done, 1 running, 2 waiting, 0 failed)",
        "b: failed (1 done, 0 running, 2 waiting, 1 failed)",
    ]


def test_table_names_the_worker_of_each_running_task() -> None:
    progress = Progress(3)
    progress.see(2, {"a": "one", "b": "two"})
    out = io.StringIO()
    Console(file=out, width=100).print(progress._table())
    assert out.getvalue().splitlines()[0].strip() == "3 tasks on 2 workers: 0 done, 2 running, 1 waiting, 0 failed"
    assert [line.split()[:3] for line in out.getvalue().splitlines()[1:]] == [["a", "on", "one"], ["b", "on", "two"]]


def test_time_of_a_task_begins_again_with_another_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 20.0, 30.0])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    progress = Progress(1)
    seen = []
    for worker in ("one", "one", "two"):
        progress.see(1, {"a": worker})
        seen.append(progress.running["a"])
    assert seen == [("one", 10.0), ("one", 10.0), ("two", 30.0)]
