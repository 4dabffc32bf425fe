"""A stage ends a user's mistake with one sentence and exit code 1, never with a stack trace; a bug keeps its trace."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from medtransfer.settings.command import run
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Params
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with params.yaml, and the command line of a stage of one argument."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stage", "phantom"])


def raising(error: BaseException) -> Callable[..., None]:
    def stage(params: Params, dataset: str) -> None:
        raise error

    return stage


def test_a_stage_gets_the_checked_params_and_its_arguments() -> None:
    calls = []

    def stage(params: Params, dataset: str) -> None:
        calls.append((params.split.folds, dataset))

    run(stage)
    assert calls == [(3, "phantom")]


def test_a_missing_argument_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(SystemExit):
        run(raising(AssertionError()))
    assert "required: dataset" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("a.zip is missing"), "error: a.zip is missing"),
        (OSError(28, "No space left on device", "data/x.npy"), "error: No space left on device: data/x.npy"),
        (MemoryError(), "lower prepare.image_size"),
        (KeyboardInterrupt(), "stopped; the same command continues"),
    ],
)
def test_a_mistake_is_a_sentence(error: BaseException, sentence: str) -> None:
    with pytest.raises(SystemExit, match=sentence) as caught:
        run(raising(error))
    assert caught.value.code != 0


def test_a_mistake_in_params_is_a_sentence() -> None:
    Path("params.yaml").write_text("dataset: [phantom\n")
    with pytest.raises(SystemExit, match=r"error: params\.yaml is not valid YAML"):
        run(raising(AssertionError("the stage is not called")))


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))
