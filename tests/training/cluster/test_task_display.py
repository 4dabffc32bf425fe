"""The display says of every task what became of it."""

import io

import pytest
from rich.console import Console

from medtransfer.training.cluster.task_display import TaskDisplay


def test_without_a_terminal_each_end_is_a_line_with_all_counts(capsys: pytest.CaptureFixture[str]) -> None:
    with TaskDisplay(4) as display:
        display.see(2, {"a": "one", "b": "two"})
        display.end("a", "one", 1.25)
        display.fail("b")
    assert capsys.readouterr().out.splitlines() == [
        "a: done by one in 1.2 s (1 done, 1 running, 2 waiting, 0 failed)",
        "b: failed (1 done, 0 running, 2 waiting, 1 failed)",
    ]


def test_table_names_the_worker_of_each_running_task() -> None:
    display = TaskDisplay(3)
    display.see(2, {"a": "one", "b": "two"})
    out = io.StringIO()
    Console(file=out, width=100).print(display._table())
    assert out.getvalue().splitlines()[0].strip() == "3 tasks on 2 workers: 0 done, 2 running, 1 waiting, 0 failed"
    assert [line.split()[:3] for line in out.getvalue().splitlines()[1:]] == [["a", "on", "one"], ["b", "on", "two"]]


def test_time_of_a_task_begins_again_with_another_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([10.0, 20.0, 30.0])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    display = TaskDisplay(1)
    seen = []
    for worker in ("one", "one", "two"):
        display.see(1, {"a": worker})
        seen.append(display.running["a"])
    assert seen == [("one", 10.0), ("one", 10.0), ("two", 30.0)]
