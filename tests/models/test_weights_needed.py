"""What each study needs of weights files, and whether it is there."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from medtransfer.models import imagenet, weights_needed
from medtransfer.settings.errors import UserError
from tests.conftest import ROOT

NAME = "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's settings, with a Keras that has fetched nothing."""
    for name in ("catalog", "studies"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "weights").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "keras/models").mkdir(parents=True)
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], study: str = "jardim2024") -> str:
    weights_needed.main(study)
    return capsys.readouterr().out


def test_missing_file_is_named_with_its_hash_and_address(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys)
    assert "jardim2024: resnet50v2 (missing); mobilenetv2 0.35 (missing)" in out
    assert "about 94 MB md5 fac2f116257151a9d068a22e544a4917" in out, "as keras/src/applications/resnet.py has it"
    address = f"https://storage.googleapis.com/tensorflow/keras-applications/resnet/{NAME}"
    assert f"{NAME} is missing; download {address} and put it into weights/ or {project}/keras/models/" in out


@pytest.mark.parametrize("folder", ["weights", "keras/models"])
def test_file_that_is_there_is_checked(
    folder: str, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / folder / NAME
    path.write_bytes(b"0123456789" * 10**5)
    out = printed(capsys)
    assert "resnet50v2 (wrong hash); mobilenetv2 0.35 (missing)" in out
    assert (
        f"{NAME} is not the file that Keras has under this name: Keras's hash is fac2f116257151a9d068a22e544a4917"
        in out
    )
    right = replace(imagenet.table().files["resnet50v2"], hash=hashlib.md5(path.read_bytes()).hexdigest())
    monkeypatch.setitem(imagenet.table().files, "resnet50v2", right)
    out = printed(capsys)
    assert "resnet50v2 (present)" in out
    assert "1.0 MB" in out
    assert f"{NAME} is" not in out


def test_all_studies_are_listed_and_what_starts_at_random_needs_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = printed(capsys, "")
    assert "params.yaml (the active study): no file, as all weights are random" in out
    for study in (ROOT / "studies").glob("*.yaml"):
        assert f"\n{study.stem}: " in out
    assert "liaqat2024: densenet121 (missing); vgg16 (missing); resnet50 (missing)" in out


def test_file_of_the_users_own_is_needed_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipes = (ROOT / "catalog/models.yaml").read_text().replace("weights: imagenet", "weights: weights/mine.h5")
    (project / "catalog").unlink()
    (project / "catalog").mkdir()
    (project / "catalog/models.yaml").write_text(recipes)
    shutil.copy(ROOT / "catalog/reported.yaml", project / "catalog")
    assert "weights/mine.h5 is missing; it is a file of your own: put it there" in printed(capsys)
    (project / "weights/mine.h5").write_bytes(b"1")
    assert "Every file is there" in printed(capsys)


def test_unknown_study_is_refused(project: Path) -> None:
    with pytest.raises(
        UserError, match=r"no study called 'jardim'; did you mean jardim2024.*make weights STUDY=jardim2024$"
    ):
        weights_needed.main("jardim")


def test_a_study_is_complete_where_each_of_its_files_is_there_and_hdf5(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not weights_needed.main("jardim2024")
    files = imagenet.table().files
    content = imagenet.HDF5 + b"content"
    (project / "weights" / NAME).write_bytes(content)
    right = replace(files["resnet50v2"], hash=hashlib.md5(content).hexdigest())
    monkeypatch.setitem(files, "resnet50v2", right)
    other = project / "weights" / files["mobilenetv2 0.35"].name
    other.write_bytes(b"<html>")
    assert not weights_needed.main("jardim2024")
    assert "mobilenetv2 0.35 (no HDF5 file)" in capsys.readouterr().out
    other.write_bytes(content)
    assert weights_needed.main("jardim2024")
