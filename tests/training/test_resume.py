"""Killed at any moment, training goes on after the last epoch that it saved, and ends with the same bits."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from medtransfer.process import stage_server
from medtransfer.settings.recipes import Recipe
from medtransfer.training import fit
from medtransfer.training.checkpoints import Checkpoint
from tests.conftest import ROOT, tiny_recipe
from tests.servers import PLACES, ready_server
from tests.training import kill_me
from tests.training.compiling import SHAPE, compiled_for

pytestmark = pytest.mark.long

RECIPE = tiny_recipe("simple_cnn")
TRAINING = RECIPE.training.model_copy(update={"epochs": 5})


Launch = Callable[[str, str], subprocess.Popen[bytes]]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Start kill_me in a process of its own, forked from one that has loaded Keras: to load it takes seconds."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}/src:{ROOT}"} | PLACES
    environment[stage_server.ADDRESS] = ready_server(*stage_server.LIBRARIES)

    started: list[subprocess.Popen[bytes]] = []

    def start(folder: str, result: str) -> subprocess.Popen[bytes]:
        kill_me.process_file(tmp_path / folder).unlink(missing_ok=True)
        command = [sys.executable, "-m", kill_me.__name__, str(tmp_path / folder), str(tmp_path / result)]
        started.append(subprocess.Popen(command, env=environment))
        return started[-1]

    yield start
    for process in started:  # with it ends the one that trains for it
        process.kill()
        process.wait()


def kill_after(process: subprocess.Popen[bytes], folder: Path, saves: int, delay: float) -> bool:
    """SIGKILL so many seconds after so many checkpoints; whether it came before the end."""
    seen: set[int] = set()
    while process.poll() is None and len(seen) <= saves:
        seen |= {file.stat().st_mtime_ns for file in folder.glob("*/fold-?.npz")}
        time.sleep(1e-3)
    time.sleep(delay)
    try:
        os.kill(int(kill_me.process_file(folder).read_text()), signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return process.wait() != 0


def ends(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ends well."""
    return process.wait() == 0


@pytest.mark.parametrize("kills", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_killed_training_ends_with_the_same_bits_as_an_undisturbed_one(
    tmp_path: Path, launch: Launch, kills: int
) -> None:
    undisturbed = launch("one", "one.npz")
    moments = random.Random(time.time_ns())
    for _ in range(kills):
        saves = moments.randint(2, 36 // kills)  # of two folds' 50; what the kill before has left is the first
        assert kill_after(launch("two", "two.npz"), tmp_path / "two", saves, moments.uniform(0, 0.05))
    assert ends(launch("two", "two.npz"))
    assert ends(undisturbed)
    with np.load(tmp_path / "one.npz") as one, np.load(tmp_path / "two.npz") as two:
        assert sorted(one.files) == sorted(two.files)
        assert len(one["history_1"]) == 24
        for name in one.files:
            np.testing.assert_array_equal(one[name], two[name], err_msg=name)


class StoppedError(Exception):
    """Stands for a kill, within this process."""


def run(root: Path | None, stop_after: int | None = None, key: str = "k", share: float = 1e9) -> fit.TrainedFold:
    rng = np.random.default_rng(0)
    labels = np.arange(32) % 2
    images = (rng.integers(0, 150, (32, *SHAPE)) + 50 * labels[:, None, None, None]).astype(np.uint8)
    compiled = compiled_for(RECIPE.model_copy(update={"training": TRAINING}))
    checkpoint = Checkpoint(key, 0, share, root) if root else None
    epochs: list[int] = []
    train = fit._Fold.epoch

    def epoch(*arguments: object) -> np.ndarray:
        if stop_after is not None and len(epochs) == stop_after:
            raise StoppedError
        epochs.append(1)
        return train(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit._Fold, "epoch", epoch)
        rows = np.arange(32)
        try:
            data = fit.Data(images, labels, rows[8:], rows[:8])
            result = fit.train_fold(compiled, data, fit.Run(1, "test", checkpoint))
        finally:
            run.epochs = len(epochs)  # type: ignore[attr-defined]
    return result


def epochs_trained() -> int:
    return run.epochs  # type: ignore[attr-defined]


def same(one: fit.TrainedFold, two: fit.TrainedFold) -> bool:
    return one.history.equals(two.history) and np.array_equal(one.outputs, two.outputs)


@pytest.fixture(scope="module")
def undisturbed() -> fit.TrainedFold:
    return run(None)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a run leaves that was stopped after two epochs."""
    root = tmp_path_factory.mktemp("stopped")
    with pytest.raises(StoppedError):
        run(root, stop_after=2)
    return (root / "k/fold-0.npz").read_bytes()


def leave(content: bytes, root: Path, key: str = "k") -> None:
    (root / key).mkdir()
    (root / key / "fold-0.npz").write_bytes(content)


def test_no_finished_epoch_is_trained_again_and_no_finished_fold(
    tmp_path: Path, stopped: bytes, undisturbed: fit.TrainedFold
) -> None:
    leave(stopped, tmp_path)
    resumed = run(tmp_path)
    assert epochs_trained() == 3
    again = run(tmp_path)
    assert epochs_trained() == 0
    assert same(resumed, undisturbed)
    assert same(again, undisturbed)


def test_quick_epochs_are_not_slowed_by_writing(tmp_path: Path) -> None:
    """After the first, whose writing shows what it takes, none of them lasts long enough to afford another."""
    with pytest.raises(StoppedError):
        run(tmp_path, stop_after=4, share=1e-9)
    run(tmp_path, share=1e-9)
    assert epochs_trained() == 4
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["fold-0.npz"]


def test_another_key_starts_afresh(tmp_path: Path, stopped: bytes) -> None:
    leave(stopped, tmp_path)
    run(tmp_path, key="other")
    assert epochs_trained() == 5


@pytest.mark.parametrize("harm", ["cut short", "a bit turned", "no archive", "empty", "another run's"])
def test_damaged_or_foreign_checkpoint_is_ignored_with_a_sentence(
    tmp_path: Path, harm: str, stopped: bytes, undisturbed: fit.TrainedFold, capsys: pytest.CaptureFixture[str]
) -> None:
    middle = len(stopped) // 2
    turned = bytes([stopped[middle] ^ 1])
    content = {
        "cut short": stopped[:middle],
        "a bit turned": stopped[:middle] + turned + stopped[middle + 1 :],
        "no archive": b"no archive" * 100,
        "empty": b"",
        "another run's": stopped,
    }[harm]
    key = "l" if harm.startswith("another") else "k"
    leave(content, tmp_path, key)
    result = run(tmp_path, key=key)
    assert epochs_trained() == 5
    printed = capsys.readouterr().out
    assert f"{key}/fold-0.npz" in printed
    assert "ignored, this fold is trained afresh" in printed
    assert same(result, undisturbed)


def test_recipe_in_the_child_has_every_kind_of_state() -> None:
    recipe = Recipe.model_validate(kill_me.RECIPE)
    training = recipe.training
    assert all([training.phases, training.plateau, recipe.backbone.augmentation.active, training.selection != "last"])
