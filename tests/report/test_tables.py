"""Tables say what was measured, to three digits, and a dash where nothing is defined."""

from medtransfer.report import tables
from medtransfer.settings.datasets import Dataset

RATES = {"sensitivity": 0.5, "specificity": 0.75, "precision": 0.25, "f1": 1 / 3, "roc_auc": 0.8}
TEST = {"accuracy": 0.6, "loss": 0.7, **RATES, "per_class": [RATES] * 2, "macro": RATES}
MEASURED = {"a": {"classes": ["x", "y"], "test": TEST, "test_copy_free": {"images": 5, "accuracy": 0.4}}}


def test_a_row_per_architecture_in_order() -> None:
    none_free = MEASURED["a"] | {"test_copy_free": {"images": 0, "accuracy": None}}
    table = tables.architectures(MEASURED | {"b": none_free}, {"a": 12.4})
    assert " ".join(table.columns) == "model accuracy sensitivity specificity F1 AUC loss copy-free seconds"
    assert table.iloc[0].tolist() == ["a", "0.600", "0.500", "0.750", "0.333", "0.800", "0.700", "0.400", "12"]
    assert table["copy-free"].tolist() == ["0.400", "–"]
    assert table["seconds"].tolist() == ["12", "–"]


def test_folds_have_mean_and_deviation() -> None:
    row = tables.folds({"a": {"accuracy": [0.8, 0.9, 1.0]}}).iloc[0]
    assert row.tolist() == ["a", "0.800", "0.900", "1.000", "0.900", "0.100"]
    assert tables.folds({"a": {"accuracy": [0.8]}})["s.d."].tolist() == ["–"]


def test_seconds_of_each_fold_stand_beside_it_but_a_vote_has_none() -> None:
    table = tables.folds({"a": {"accuracy": [0.8, 0.9]}, "vote": {"accuracy": [0.9, 0.9]}}, {"a": [3.4, 12.6]})
    assert table["seconds a fold"].tolist() == ["3, 13", "–"]


def test_undefined_t_is_a_dash() -> None:
    pair = {"a": "m", "b": "n", "metric": "accuracy", "mean_difference": 0.1, "t": None, "p": None}
    other = pair | {"metric": "f1", "t": 2.0, "p": 0.2}
    assert tables.pairs([pair, other]).values.tolist() == [["m – n", "+0.100", "–", "–"]]


def test_classes_end_with_their_mean() -> None:
    assert tables.per_class(MEASURED["a"])["class"].tolist() == ["x", "y", "mean over classes"]


def test_models_without_outlines_have_no_row() -> None:
    scored = {"method": "m", "map": [4, 4], "images": 3, "pointing_game": 0.5, "energy_inside": 0.25, "chance": 0.1}
    assert tables.localisation({"a": [scored, scored], "b": [{"method": "m"}]})["model"].tolist() == ["a", "a"]


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
    entries = {name: Dataset.model_validate(common | entry) for name, entry in {"k": kaggle, "l": local}.items()}
    first, second = tables.catalogue(entries).to_dict("records")
    assert first["source"] == "[a/b](https://www.kaggle.com/datasets/a/b)"
    assert (first["classes"], first["images"], first["brings"], first["used by"]) == ("x, y", "7", "patients", "–")
    assert (second["images"], second["brings"]) == ("–", "train and test parts")
