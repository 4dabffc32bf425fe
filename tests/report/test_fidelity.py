"""docs/fidelity.md is what the catalogue's audit says, counted and row by row."""

import pytest

from medtransfer.report import fidelity, markdown
from medtransfer.settings.fidelity import Audit, Detail, Subject, load_fidelity
from medtransfer.settings.load_reported import load_reported
from tests.conftest import ROOT

SAME = Detail(
    subject="training",
    paper="30 epochs",
    ours="30",
    verdict="same",
    recipe=("a", "b", "c", "d"),
    key="training.epochs",
    value=30,
)
OTHER = Detail(subject="head", paper="a|b", ours="c", verdict="different", why="so", file="src/medtransfer/x.py")
UNKNOWN = OTHER.model_copy(update={"stated": False, "study": ("s",), "key": "seed", "value": None})
FROM_CODE = OTHER.model_copy(update={"stated": False, "code": "d"})
BY_CODE = FROM_CODE.model_copy(update={"verdict": "same"})
AUDIT = Audit(details=(SAME, OTHER, UNKNOWN))


def test_page_is_what_the_audit_says() -> None:
    titles = {study: paper.title for study, paper in load_reported(ROOT).items()}
    written = (ROOT / fidelity.PAGE).read_text()
    assert written == fidelity.page(load_fidelity(ROOT), titles), "run: make readme"


def test_details_are_counted_by_verdict() -> None:
    audit = Audit(details=(*AUDIT.details, FROM_CODE))
    text = fidelity.page({"one": audit, "two": audit}, {"one": "One", "two": "Two"})
    assert "| one | 4 | 1 | 3 | 1 | 1 | 5 |\n" in text
    assert "| all | 8 | 2 | 6 | 2 | 2 | 10 |\n" in text


def test_a_row_names_verdict_reason_and_place() -> None:
    lines = fidelity.page({"one": AUDIT}, {"one": "One"}).splitlines()
    models, study = "[a](../catalog/models.yaml)", "[s](../studies/s.yaml)"
    assert lines[-3:] == [
        "| head | a" + markdown.ESCAPED + "b | c | different | so | [x.py](../src/medtransfer/x.py) |",
        "| head | a" + markdown.ESCAPED + "b | c | different (not stated) | so | "
        f"`seed: null` in {study}; [x.py](../src/medtransfer/x.py) |",
        f"| training | 30 epochs | 30 | same | – | `training.epochs: 30` in {models} and 3 more |",
    ]


@pytest.mark.parametrize(
    ("detail", "verdict"),
    [
        (SAME.model_copy(update={"code": "d"}), "same"),
        (OTHER.model_copy(update={"code": "d"}), "different"),
        (BY_CODE, "same (by the code)"),
        (FROM_CODE, "different (from the code)"),
        (UNKNOWN, "different (not stated)"),
    ],
)
def test_verdict_tells_whether_text_or_code_is_followed(detail: Detail, verdict: str) -> None:
    text = fidelity.page({"one": Audit(details=(detail,))}, {"one": "One"})
    assert f" | {verdict} | " in text.splitlines()[-1]
    assert f"| {verdict} |" in fidelity.HEAD


def test_rows_are_in_the_order_of_subjects() -> None:
    subjects: list[Subject] = ["claims", "split", "head", "data", "split"]
    details = tuple(
        OTHER.model_copy(update={"subject": subject, "paper": str(place)}) for place, subject in enumerate(subjects)
    )
    rows = fidelity.page({"one": Audit(details=details)}, {"one": "One"}).splitlines()[-5:]
    assert [row.split(" | ")[:2] for row in rows] == [
        ["| data", "3"],
        ["| split", "1"],
        ["| split", "4"],
        ["| head", "2"],
        ["| claims", "0"],
    ]


def test_differences_are_those_of_the_verdict() -> None:
    table = fidelity.differences(AUDIT)
    assert table.to_numpy().tolist() == [["a|b", "c", "so"], ["not stated: a|b", "c", "so"]]


def test_differences_of_a_model_are_those_that_name_it_and_those_that_name_no_entry() -> None:
    named = OTHER.model_copy(update={"paper": "mine", "recipe": ("m",), "key": "seed", "value": 1})
    of_another = named.model_copy(update={"paper": "another", "recipe": ("n",)})
    figure = OTHER.model_copy(update={"subject": "figures"})
    audit = Audit(details=(named, of_another, OTHER, figure))
    assert fidelity.differences_of_model("m", audit)["the paper"].tolist() == ["mine", "a|b"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "null"), (True, "true"), ([0.0001, [1]], "[0.0001, [1]]"), ({"a": 1}, "{a: 1}"), ("x", "x")],
)
def test_values_are_written_as_in_the_catalogue(value: object, text: str) -> None:
    row = SAME.model_copy(update={"value": value})
    assert f"`training.epochs: {text}`" in fidelity.page({"one": Audit(details=(row,))}, {"one": "One"})
