"""What DVC would run is known before it runs: in a project with real DVC."""

from collections.abc import Callable
from pathlib import Path

import pytest
from dvc.repo import Repo

from medtransfer.training.cluster.stale import to_run

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
PIPELINE = """stages:
  first: {cmd: cp a b, deps: [a], outs: [b]}
  second: {cmd: cp b c, deps: [b], outs: [c]}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Runs a pipeline of two stages, which has run once."""
    monkeypatch.chdir(tmp_path)
    Repo.init(no_scm=True)
    Path("dvc.yaml").write_text(PIPELINE)
    Path("a").write_text("1")

    def reproduce() -> None:
        with Repo() as repo:
            repo.reproduce()

    reproduce()
    return reproduce


def test_what_is_up_to_date_or_in_the_run_cache_is_not_run(run: Callable[[], None]) -> None:
    both = ["first", "second"]
    assert to_run(both) == set()
    Path("a").write_text("2")
    assert to_run(both) == {"first"}, "the input of the second is as it was"
    run()
    Path("a").write_text("1")
    assert to_run(both) == set(), "the run cache has it"
    assert Path("b").read_text() == "2", "and nothing is changed by asking"
    Path("b").unlink()
    assert to_run(["first"]) == set(), "its output is in the cache"
    assert to_run(["second"]) == {"second"}, "its input is missing, so it has to run"
    Path("dvc.yaml").write_text(PIPELINE.replace("cp a b", "cp a  b"))
    assert to_run(["first"]) == {"first"}
