"""Tables say what was measured, to three digits, and a dash where nothing is defined."""

from dataclasses import replace

from medtransfer.evaluation.metrics import METRICS, shown_in
from medtransfer.report import tables
from medtransfer.settings.datasets import Dataset
from medtransfer.store.records import MethodScores, PairedDifference
from tests.evaluations import evaluation, scores

TEST = scores(accuracy=0.6, specificity=0.75, precision=0.25, f1=1 / 3, roc_auc=0.8, loss=0.7)
PAIR = PairedDifference("m", "n", "accuracy", "paired t", 0.1, 0.0, "t", None, None, 3)


def test_a_row_per_architecture_in_order() -> None:
    table = tables.architectures({"a": evaluation(TEST), "b": evaluation(TEST, copy_free=None)})
    assert table.columns.tolist() == [
        "model",
        *(metric.title for metric in shown_in("architectures").values()),
        "copy-free",
    ]
    assert table["model"].tolist() == ["a", "b"]
    assert table[["accuracy", "F1", "loss"]].to_numpy().tolist() == [["0.600", "0.333", "0.700"]] * 2
    assert table["copy-free"].tolist() == ["0.400", "–"]


def test_folds_have_mean_and_deviation() -> None:
    row = tables.folds({"a": {"accuracy": [0.8, 0.9, 1.0]}}).iloc[0]
    assert row.tolist() == ["a", "0.800", "0.900", "1.000", "0.900", "0.100"]
    assert tables.folds({"a": {"accuracy": [0.8]}})["s.d."].tolist() == ["–"]


def test_undefined_t_is_a_dash_and_other_metrics_have_no_row() -> None:
    (row,) = tables.pairs([PAIR, replace(PAIR, metric="f1", statistic=2.0, p=0.2)]).to_dict("records")
    assert row == {"models": "m – n", "mean difference": "+0.100", "paired t-test: t": "–", "paired t-test: p": "–"}


def test_no_pairs_are_an_empty_table() -> None:
    assert tables.pairs([]).empty


def test_classes_end_with_their_mean() -> None:
    table = tables.per_class(evaluation(TEST))
    assert table.columns.tolist() == ["class", *(metric.title for metric in METRICS.values() if metric.per_class)]
    assert table["class"].tolist() == ["x", "y", "mean over classes"]
    assert table["AUC"].tolist() == ["0.800"] * 3


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
    entries = {name: Dataset.model_validate(common | entry) for name, entry in {"k": kaggle, "l": local}.items()}
    first, second = tables.catalogue(entries).to_dict("records")
    assert first["source"] == "[a/b](https://www.kaggle.com/datasets/a/b)"
    assert (first["classes"], first["images"], first["brings"], first["used by"]) == ("x, y", "7", "patients", "–")
    assert (second["images"], second["brings"]) == ("–", "train and test parts")
