"""What becomes of tasks whose workers fail, are refused, or are lost: with workers that answer as told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from distributed import KilledWorker

from medtransfer.settings.errors import UserError
from medtransfer.training.cluster import driver
from medtransfer.training.cluster.driver import Driver
from medtransfer.training.cluster.task_display import TaskDisplay
from medtransfer.training.cluster.tasks import Job, Task
from medtransfer.training.cluster.worker import Done, RefusedError

FOLDS = [Task("fold", "d", "m", number, 2) for number in range(2)]
DONE = Done("w", 1.0, [])
WORKER: Any = SimpleNamespace()
Answer = Done | Exception | str


class Crew(SimpleNamespace):
    """One worker, which answers jobs from a list; `here` says which results have arrived."""

    def __init__(self, answers: list[Answer]) -> None:
        given = iter(answers)
        self.jobs: list[Job] = []
        self.refused: list[str] = []
        self.accepted, self.place = {"w": Path()}, None
        self.client = SimpleNamespace(
            status="running", scheduler=SimpleNamespace(address="tcp://s:1"), submit=self.submit(given),
            processing=dict, cancel=lambda futures: None,
        )  # fmt: skip

    def submit(self, given: Iterator[Answer]) -> Callable[..., Any]:
        def submit(work: object, job: Job, **options: object) -> Any:  # noqa: ANN401
            self.jobs.append(job)
            answer = next(given)
            status = answer if isinstance(answer, str) else "error" if isinstance(answer, Exception) else "finished"
            return Future(len(self.jobs), status, answer)

        return submit

    def refuse(self, address: str, why: str) -> None:
        self.refused.append(address)

    def look(self) -> None: ...
    def give(self, tasks: object) -> None: ...
    def name(self, address: str) -> str:
        return address

    def sees_project(self, address: str) -> bool:
        return True


@dataclass(frozen=True, eq=False)
class Future:
    key: int
    status: str
    answer: Answer

    def result(self) -> Answer:
        return self.answer

    exception = result


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> dict[Task, dict[str, Any]]:
    """The results that are here, by task: at first none."""
    here: dict[Task, dict[str, Any]] = {}
    monkeypatch.setattr(driver, "result_of", lambda key, task: here.get(task, {}))
    monkeypatch.setattr(driver, "task_process", lambda: SimpleNamespace(call=lambda *arguments: "key"))
    monkeypatch.setattr(driver, "LOOK", 0)
    settings = SimpleNamespace(model=SimpleNamespace(read=lambda: SimpleNamespace(refit=True)))
    monkeypatch.setattr("medtransfer.store.settings_of_model", lambda model: settings)
    return here


def test_refit_follows_its_folds_with_what_they_were(results: dict[Task, dict[str, Any]]) -> None:
    refit = Task("refit", "d", "m", 2)
    results |= {task: {"history": [{"epoch": 1}] * (1 + task.number), "selected": task.number} for task in FOLDS}
    crew = Crew([UserError("end")])
    with pytest.raises(UserError, match="end"):
        Driver(None, crew, TaskDisplay()).compute(FOLDS)  # type: ignore[arg-type]
    assert [job.task for job in crew.jobs] == [refit], "the folds are here from an earlier run"
    assert [len(history) for history in crew.jobs[0].histories] == [1, 2]
    assert crew.jobs[0].selected == [0, 1]


def test_done_tasks_of_an_earlier_run_are_not_given(results: dict[Task, dict[str, Any]]) -> None:
    results |= {task: {"history": [], "selected": 1} for task in [*FOLDS, Task("refit", "d", "m", 2)]}
    crew, display = Crew([]), TaskDisplay()
    Driver(None, crew, display).compute(FOLDS)  # type: ignore[arg-type]
    assert (crew.jobs, display.done) == ([], 3)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([UserError("the loss is nan")], "^the loss is nan$"),
        ([KilledWorker("key", WORKER, 3)], r"^m, fold 1 of 2: 4 workers were killed.*memory"),
        (["lost"], r"^the scheduler at tcp://s:1 does not answer any more .*: 0 of 2 tasks are done, and kept"),
        ([RuntimeError("Error during deserialization of the graph")], "cannot load this library: start it with make"),
        ([DONE, DONE, DONE], r"^m, fold 1 of 2: its result has been lost 3 times between w and this machine"),
    ],
)
def test_failure_ends_the_run_with_a_sentence(
    results: dict[Task, dict[str, Any]], answers: list[Answer], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        Driver(None, Crew(answers), TaskDisplay()).compute(FOLDS)  # type: ignore[arg-type]


def test_task_of_a_refused_worker_is_given_again(results: dict[Task, dict[str, Any]]) -> None:
    crew = Crew([RefusedError("w"), UserError("end")])
    with pytest.raises(UserError, match="end"):
        Driver(None, crew, TaskDisplay()).compute(FOLDS)  # type: ignore[arg-type]
    assert crew.refused == ["w"]
    assert [job.task for job in crew.jobs] == [FOLDS[0]] * 2
