"""A stage ends a user's mistake with one sentence and exit code 1, never with a stack trace."""

import sys
from collections.abc import Callable

import pytest
from stages.common import run

from medtransfer.errors import UserError
from stages import common


def raising(error: BaseException) -> Callable[..., None]:
    def stage(settings: object, dataset: str) -> None:
        raise error

    return stage


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (UserError("a.zip is missing"), "error: a.zip is missing"),
        (OSError(28, "No space left on device", "data/x.npy"), "error: No space left on device: data/x.npy"),
        (MemoryError(), "lower prepare.image_size"),
    ],
)
def test_mistake_is_a_sentence(monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str) -> None:
    monkeypatch.setattr(sys, "argv", ["stage", "phantom"])
    monkeypatch.setattr(common, "load", lambda: None)
    with pytest.raises(SystemExit, match=sentence) as caught:
        run(raising(error))
    assert caught.value.code != 0


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["stage", "phantom"])
    monkeypatch.setattr(common, "load", lambda: None)
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))
