"""What a recipe starts from is told apart by the content of its file."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from medtransfer.models import imagenet
from medtransfer.models.fingerprint import fingerprint
from medtransfer.settings.errors import UserError
from tests.conftest import tiny_recipe

NAME = "weights/mine.weights.h5"


def test_random_weights_are_told_by_their_kind() -> None:
    assert fingerprint("mine", tiny_recipe("vgg16").backbone) == {"weights": None}


def test_imagenet_weights_have_the_hash_that_keras_knows_wherever_their_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    backbone = tiny_recipe("vgg16", weights="imagenet").backbone
    file = imagenet.table().files["vgg16"]
    known = hashlib.md5(b"right").hexdigest()
    monkeypatch.setitem(imagenet.table().files, "vgg16", replace(file, hash=known))
    absent = fingerprint("mine", backbone)
    assert absent == {"weights": "imagenet", "file": file.name, "md5": known}
    Path("weights").mkdir()
    Path("weights", file.name).write_bytes(b"right")
    assert fingerprint("mine", backbone) == absent
    Path("weights", file.name).write_bytes(b"wrong")
    with pytest.raises(UserError, match=f"weights/{file.name} is not the file that Keras has .* download it again"):
        fingerprint("mine", backbone)


def test_where_keras_knows_no_hash_the_content_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", "keras")
    backbone = tiny_recipe("mobilenetv2", weights="imagenet", alpha=0.35).backbone
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    assert fingerprint("mine", backbone) == {"weights": "imagenet", "file": name}
    Path("weights").mkdir()
    content = imagenet.HDF5 + b"content"
    Path("weights", name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    assert fingerprint("mine", backbone) == {"weights": "imagenet", "file": name, "sha256": digest}


@pytest.mark.parametrize("folder", ["weights", "keras/models"])
def test_where_keras_knows_no_hash_a_file_that_is_no_hdf5_is_refused(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", "keras")
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    Path(folder).mkdir(parents=True)
    Path(folder, name).write_bytes(b"<html>")
    with pytest.raises(UserError, match=f"{folder}/{name} is no file of weights .* delete it, and download it again"):
        fingerprint("mine", tiny_recipe("mobilenetv2", weights="imagenet", alpha=0.35).backbone)


def test_another_content_is_another_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    backbone = tiny_recipe("vgg16", weights=NAME).backbone
    Path("weights").mkdir()
    fingerprints = []
    for content in ("a", "b", "a"):
        Path(NAME).write_text(content)
        fingerprints.append(fingerprint("mine", backbone))
    assert fingerprints[0] == fingerprints[2] != fingerprints[1]
    assert fingerprints[0]["file"] == NAME
    assert len(fingerprints[0]["sha256"] or "") == 64


def test_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=f"mine.backbone.weights: there is no file {NAME} with weights of vgg16; put"):
        fingerprint("mine", tiny_recipe("vgg16", weights=NAME).backbone)
