"""The audit of the papers: it is true of the catalogue and of the code, and a row that is not is named."""

import re
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from medtransfer.settings.errors import UserError
from medtransfer.settings.fidelity import FIDELITY, Audit, Detail, load_fidelity, untrue
from medtransfer.settings.load_reported import load_reported
from tests.conftest import ROOT

AUDITS = load_fidelity(ROOT)
ROW: dict[str, Any] = {"subject": "training", "paper": "30 epochs", "ours": "30", "verdict": "same"}
EPOCHS = {"recipe": "jardim_cnn", "key": "training.epochs", "value": 30}
FROZEN = {"recipe": ["jardim_resnet50v2", "jardim_mobilenetv2"], "key": "backbone.trainable", "value": "none"}
FALSE: dict[str, tuple[dict[str, Any], str]] = {
    "another value": (EPOCHS | {"value": 31}, r"training\.epochs of the recipe jardim_cnn is 30, and the row says 31"),
    "another value in one of two": (
        FROZEN | {"recipe": ["jardim_resnet50v2", "jardim_cnn"]},
        "of the recipe jardim_cnn is 'all'",
    ),
    "true for 1": (
        {"study": "jardim2024", "key": "split.repeats", "value": True},
        "repeats of the study jardim2024 is 1, and the row says True",
    ),
    "no such key": (EPOCHS | {"key": "training.epoch"}, "there is no epoch"),
    "no such place": ({"reported": "jardim2024", "key": "tests.7.t", "value": 0.4}, "there is no 7"),
    "no such entry": (EPOCHS | {"recipe": "jardim_nn"}, "no entry of catalog/models.yaml"),
    "no such study": ({"study": "jardim2023", "key": "seed", "value": 42}, "no file of studies"),
    "no such file": ({"file": "src/nowhere.py"}, "there is no file src/nowhere.py"),
    "words that are not there": ({"file": "studies/jardim2024.yaml", "words": "a fourth fold"}, "does not say"),
}
TRUE: dict[str, dict[str, Any]] = {
    "a value": EPOCHS,
    "a value of two": FROZEN,
    "a default that the file leaves out": {"recipe": "jardim_cnn", "key": "training.momentum", "value": 0.0},
    "not stated, but in the authors' code": EPOCHS | {"stated": False, "code": "30"},
    "null": {"recipe": "jardim_cnn", "key": "backbone.weights", "value": None},
    "a list": {"recipe": "vardhan_vgg16", "key": "head.dense", "value": [1024, 1024, 512]},
    "a place in a list": {"recipe": "efficientnet_b0_finetuned", "key": "training.phases.1.epochs", "value": 5},
    "words across lines of comments": {
        "file": "studies/jardim2024.yaml",
        "words": "Ours is that of the last epoch, because the test set must not choose anything.",
    },
}
INCOMPLETE: dict[str, tuple[dict[str, Any], str]] = {
    "a difference without a reason": (EPOCHS | {"verdict": "different"}, "needs its reason"),
    "the same as what is not stated": (EPOCHS | {"stated": False}, "cannot be the same as what a paper does not state"),
    "a key without an entry": ({"key": "training.epochs", "value": 30}, "needs key and value"),
    "an entry without a value": ({"recipe": "jardim_cnn", "key": "training.epochs"}, "needs key and value"),
    "no place": ({}, "name where ours is"),
    "words without a file": (EPOCHS | {"words": "thirty"}, "words stand in a file"),
    "the same, by whose code": (EPOCHS | {"stated": False, "code": ""}, "or what the authors' code has"),
    "another verdict": (EPOCHS | {"verdict": "silent"}, "'same' or 'different'"),
}


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    """The sentences on all rows here and in the catalogue, whose files are read once."""
    made = {
        f"{kind}: {name}": Audit(details=(Detail.model_validate(ROW | place),))
        for kind, places in (("false", {name: place for name, (place, _) in FALSE.items()}), ("true", TRUE))
        for name, place in places.items()
    }
    return untrue(AUDITS | made, ROOT)


def test_every_row_is_what_the_project_holds(sentences: list[str]) -> None:
    assert not [sentence for sentence in sentences if sentence.startswith(tuple(AUDITS))]


def test_every_paper_is_audited() -> None:
    assert AUDITS.keys() == load_reported(ROOT).keys()
    assert min(len(audit.details) for audit in AUDITS.values()) >= 35


def test_no_detail_is_there_twice() -> None:
    for audit in AUDITS.values():
        rows = [(detail.subject, detail.paper) for detail in audit.details]
        assert len(set(rows)) == len(rows)


def test_every_study_of_a_paper_leads_to_the_audit() -> None:
    for study in (ROOT / "studies").glob("*.yaml"):
        assert "docs/fidelity.md" in study.read_text() or study.stem.startswith("transfer-"), study.name


@pytest.mark.parametrize("name", FALSE)
def test_a_row_that_is_not_true_is_named(name: str, sentences: list[str]) -> None:
    [sentence] = [sentence for sentence in sentences if sentence.startswith(f"false: {name}, '30 epochs': ")]
    assert re.search(FALSE[name][1], sentence)


def test_true_rows_are_left_alone(sentences: list[str]) -> None:
    assert TRUE
    assert not [sentence for sentence in sentences if sentence.startswith("true: ")]


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_row_that_is_not_whole_is_refused(name: str) -> None:
    place, sentence = INCOMPLETE[name]
    with pytest.raises(ValidationError, match=sentence):
        Detail.model_validate(ROW | place)


def test_a_mistake_is_named_with_file_and_key(tmp_path: Any) -> None:  # noqa: ANN401
    (tmp_path / FIDELITY).parent.mkdir()
    with (tmp_path / FIDELITY).open("w") as stream:
        YAML(typ="safe").dump({"a2024": {"details": [ROW | EPOCHS | {"vredict": "same"}]}}, stream)
    with pytest.raises(UserError, match=r"fidelity\.yaml: a2024\.details\.0\.vredict .*did you mean verdict\?"):
        load_fidelity(tmp_path)
