"""The table of files of ImageNet weights is that of the installed Keras, and a file is found and checked."""

import hashlib
from importlib import metadata, util
from pathlib import Path

import h5py
import pytest

from medtransfer.models import imagenet
from medtransfer.models.registry import ARCHITECTURES
from tests.conftest import tiny_recipe

PRETRAINED = {name: entry for name, entry in ARCHITECTURES.items() if entry.imagenet}
ENTRIES = [(name, alpha) for name, entry in PRETRAINED.items() for alpha in entry.widths or (None,)]
QUICK = (("vgg16", None), ("mobilenetv2", 0.35))
AGAIN = "run PYTHONPATH=src .venv/bin/python -m medtransfer.models.list_imagenet_files"


def test_table_is_of_the_installed_keras_and_of_every_architecture() -> None:
    assert imagenet.table().keras == metadata.version("keras"), AGAIN
    assert set(imagenet.table().files) == {imagenet.key(*entry) for entry in ENTRIES}, AGAIN


def test_hashes_stand_in_the_source_of_keras() -> None:
    """Read as text, where the table asks the running Keras."""
    spec = util.find_spec("keras")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent / "src/applications"
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    known = [file.hash for file in imagenet.table().files.values() if file.hash]
    assert len(known) == len(ENTRIES) - len(ARCHITECTURES["mobilenetv2"].widths), "of MobileNetV2 Keras knows none"
    assert all(f'"{text}"' in source for text in known)
    assert all(file.address.endswith(f"/{file.name}") for file in imagenet.table().files.values())


@pytest.mark.parametrize(
    ("name", "alpha"), [pytest.param(*entry, marks=[pytest.mark.slow] * (entry not in QUICK)) for entry in ENTRIES]
)
def test_entry_is_what_keras_asks_for(name: str, alpha: float | None) -> None:
    from medtransfer.models.weights import asked_for

    backbone = tiny_recipe(name, weights="imagenet", alpha=alpha).backbone
    file, request = imagenet.imagenet_file(backbone), asked_for(backbone)
    assert (request.name, request.address, request.hash) == (file.name, file.address, file.hash), AGAIN


def test_width_that_is_not_named_is_one() -> None:
    plain, named = (tiny_recipe("mobilenetv2", weights="imagenet", alpha=alpha).backbone for alpha in (None, 1.0))
    assert imagenet.imagenet_file(plain) == imagenet.imagenet_file(named)


def test_folder_of_the_project_comes_before_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    (tmp_path / "home/models").mkdir(parents=True)
    (tmp_path / "weights").mkdir()
    assert imagenet.find("f.h5") is None
    (tmp_path / "home/models/f.h5").touch()
    assert imagenet.find("f.h5") == tmp_path / "home/models/f.h5"
    (tmp_path / "weights/f.h5").touch()
    assert imagenet.find("f.h5") == Path("weights/f.h5")


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_hash_is_checked_by_the_algorithm_of_its_length(algorithm: str, tmp_path: Path) -> None:
    path = tmp_path / "f.h5"
    path.write_bytes(b"weights")
    known = hashlib.new(algorithm, b"weights").hexdigest()
    assert imagenet.matches(path, known)
    assert not imagenet.matches(path, known[::-1])


def test_where_no_hash_is_known_a_file_must_begin_as_hdf5(tmp_path: Path) -> None:
    path = tmp_path / "f.h5"
    h5py.File(path, "w").close()
    assert imagenet.matches(path, None)
    path.write_bytes(b"<html>not found</html>")
    assert not imagenet.matches(path, None)
    path.write_bytes(b"")
    assert not imagenet.matches(path, None)


def test_sentence_names_both_hashes(tmp_path: Path) -> None:
    path = tmp_path / "f.h5"
    path.write_bytes(b"weights")
    theirs, ours = "0" * 32, hashlib.md5(b"weights").hexdigest()
    sentence = imagenet.damaged(path, theirs, "https://a.b/f.h5")
    assert (
        f"Keras's hash is {theirs}, and that of the file is {ours}; download it again from https://a.b/f.h5" in sentence
    )
