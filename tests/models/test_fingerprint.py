"""What a recipe starts from is told apart by the content of its file."""

from pathlib import Path

import pytest

from medtransfer.models.fingerprint import fingerprint
from medtransfer.settings.errors import UserError
from tests.conftest import tiny_recipe

NAME = "weights/mine.weights.h5"


@pytest.mark.parametrize("weights", [None, "imagenet"])
def test_without_a_file_the_kind_is_said(weights: str | None) -> None:
    assert fingerprint("mine", tiny_recipe("vgg16", weights=weights).backbone) == {"weights": weights}


def test_another_content_is_another_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    backbone = tiny_recipe("vgg16", weights=NAME).backbone
    Path("weights").mkdir()
    found = []
    for content in ("a", "b", "a"):
        Path(NAME).write_text(content)
        found.append(fingerprint("mine", backbone))
    assert found[0] == found[2] != found[1]
    assert found[0]["file"] == NAME
    assert len(found[0]["sha256"] or "") == 64


def test_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=f"mine.backbone.weights: there is no file {NAME} with weights of vgg16; put"):
        fingerprint("mine", tiny_recipe("vgg16", weights=NAME).backbone)
