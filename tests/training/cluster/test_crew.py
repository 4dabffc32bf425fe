"""A worker that cannot have its inputs is given no more tasks."""

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from medtransfer.settings.errors import UserError
from medtransfer.training.cluster import crew, worker
from medtransfer.training.cluster.crew import Crew
from medtransfer.training.cluster.facts import Facts

HERE = Facts("host", "code", {}, "cpu", "processor", 1)


class Client:
    """Two workers that answer at once; the number of tasks that each may have."""

    def __init__(self) -> None:
        self.slots: dict[str, int] = {}
        self.scheduler = None

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": {name: {"name": name, "host": "host"} for name in ("a", "b")}}

    def run(self, function: Any, *arguments: Any, workers: list[str], **options: Any) -> dict[str, Any]:  # noqa: ANN401
        if function is crew._set_slots:
            self.slots |= dict.fromkeys(workers, arguments[0])
        answer = {worker.facts: HERE, worker.folder_of: Path("elsewhere")}.get(function)
        return dict.fromkeys(workers, answer)


def test_worker_whose_disk_is_full_loses_its_slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    full: set[str] = set()

    def send(call: Any, folder: Path, files: object) -> int:  # noqa: ANN401
        if call.args[0] in full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return 0

    monkeypatch.setattr(crew, "send", send)
    monkeypatch.setattr(crew, "task_process", lambda: SimpleNamespace(call=lambda *_: {}))
    client = Client()
    messages: list[str] = []
    workers = Crew(client, messages.append, HERE)
    workers.look()
    assert client.slots == {"a": 1, "b": 1}
    full.add("b")
    workers.give([])
    workers.look()
    assert client.slots == {"a": 1, "b": 0}
    assert "see whether its disk is full" in messages[-1]
    full.add("a")
    workers.give([])
    with pytest.raises(UserError, match="no worker can work"):
        workers.look()
    assert client.slots == {"a": 0, "b": 0}
