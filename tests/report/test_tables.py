"""Tables say what was measured, to three digits, and a dash where nothing is defined."""

from medtransfer.report import tables
from medtransfer.settings.datasets import Dataset
from medtransfer.store.records import MethodScores
from tests.evaluations import evaluation, scores


def test_folds_have_mean_and_deviation() -> None:
    row = tables.folds({"a": evaluation(scores(), (0.8, 0.9, 1.0))}).iloc[0]
    # t of 2 degrees of freedom, 4.303, times the root of 0.1² (1/3 + 1/2)
    each = ["0.800<small>0.74 to 0.86</small>", "0.900<small>0.84 to 0.96</small>", "1.000<small>0.94 to 1.06</small>"]
    assert row.tolist() == ["a", *each, "0.900<small>0.51 to 1.00</small>", "0.100"]
    assert tables.folds({"a": evaluation(scores(), (0.8,))})["s.d."].tolist() == ["–"]


def test_models_without_outlines_have_no_row() -> None:
    scored, unscored = (
        MethodScores("m", "M", (4, 4), 3, 0.5, 0.25, 0.1),
        MethodScores("m", "M", (4, 4), 0, None, None, None),
    )
    assert tables.localisation({"a": [scored, scored], "b": [unscored]})["model"].tolist() == ["a", "a"]


def test_catalogue_says_where_a_set_comes_from_and_what_it_brings() -> None:
    common: dict[str, object] = {
        "title": "t",
        "image_size": 32,
        "classes": {"x": ["x/*"], "y": ["y/*"]},
        "positive": "x",
        "healthy": None,
    }
    kaggle: dict[str, object] = {
        "source": {"kind": "kaggle", "slug": "a/b"},
        "patient": "(p)",
        "expected": {"x": 3, "y": 4},
    }
    local: dict[str, object] = {
        "source": {"kind": "local", "path": "here"},
        "shipped": {"train": ["Training/"], "test": ["Testing/"]},
    }
    union: dict[str, object] = {"source": {"kind": "union", "members": ["k", "l"]}, "classes": ["x", "y"]}
    entries = {
        name: Dataset.model_validate(common | entry) for name, entry in {"k": kaggle, "l": local, "u": union}.items()
    }
    first, second, third = tables.catalogue(entries).to_dict("records")
    assert third["source"] == "`k`, `l` together"
    assert first["source"] == "[a/b](https://www.kaggle.com/datasets/a/b)"
    assert (first["classes"], first["images"], first["brings"], first["used by"]) == ("x, y", "7", "patients", "–")
    assert (second["images"], second["brings"]) == ("–", "train and test parts")
