"""Tables of scores say what was measured, to three digits, with intervals, and a dash where nothing is defined."""

from dataclasses import replace

from medtransfer.evaluation.metrics import METRICS, shown_in
from medtransfer.report import scores as tables
from medtransfer.store.records import Evaluation
from tests.evaluations import evaluation, scores

TEST = scores(accuracy=0.6, specificity=0.75, precision=0.25, f1=1 / 3, roc_auc=0.8, loss=0.7)


def by_folds(*accuracies: float) -> Evaluation:
    """Tested fold by fold."""
    template = evaluation(TEST, accuracies)
    folds = [replace(fold, test=scores(accuracy=value)) for fold, value in zip(template.folds, accuracies, strict=True)]
    return replace(template, tested="folds", folds=folds)


def test_a_row_per_architecture_in_order() -> None:
    table = tables.architectures({"a": evaluation(TEST), "b": evaluation(TEST, copy_free=None)})
    titles = [metric.title for metric in shown_in("architectures").values()]
    assert table.columns.tolist() == ["model", *titles, "copy-free"]
    assert table["model"].tolist() == ["a", "b"]
    assert table["accuracy"].tolist() == ["0.600<small>0.54 to 0.66</small>"] * 2
    assert table["copy-free"].tolist() == ["0.400<small>–</small>", "–<small>–</small>"]


def test_printed_table_has_intervals_below_scores_and_every_title_is_a_word() -> None:
    table = tables.printed({"a": evaluation(TEST), "a_model_with_a_long_name": evaluation(TEST)})
    assert table["model"].tolist() == ["a", "", "a_model_with_a_long_name", ""]
    assert table["accuracy"].tolist() == ["0.600", "0.54–0.66"] * 2
    lines = table.to_string(index=False).splitlines()
    assert [len(line.split()) for line in lines] == [9, 9, 8, 9, 8]
    assert max(map(len, lines)) <= 120


def test_folds_that_are_tested_have_their_spread() -> None:
    evaluations = {"a": by_folds(0.6, 0.8), "b": evaluation(TEST, (0.6, 0.8)), "c": by_folds(0.6)}
    assert tables.spread(evaluations)[["model", "accuracy", "F1"]].to_numpy().tolist() == [["a", "0.141", "0.000"]]
    assert (
        tables.printed(evaluations)["accuracy"].tolist()
        == ["0.600", "0.54–0.66", "±0.141"] + ["0.600", "0.54–0.66"] * 2
    )


def test_each_fold_s_network_has_its_test_scores_whatever_is_tested() -> None:
    evaluations = {"a": replace(by_folds(0.6, 0.875), tested="mean"), "b": by_folds(0.6)}
    assert tables.by_fold(evaluations)[["model", "fold", "accuracy"]].to_numpy().tolist() == [
        ["a", "1", "0.600<small>0.54 to 0.66</small>"],
        ["a", "2", "0.875<small>0.81 to 0.94</small>"],
    ]


def test_classes_end_with_their_means() -> None:
    table = tables.per_class(evaluation(TEST))
    assert table.columns.tolist() == ["class", *(metric.title for metric in METRICS.values() if metric.per_class)]
    assert table["class"].tolist() == ["x", "y", "mean over classes", "mean weighted by images"]
    assert table["AUC"].tolist() == ["0.800<small>0.74 to 0.86</small>"] * 4
    assert not tables.without_intervals(table)


def test_a_score_without_interval_is_seen_in_both_tables() -> None:
    bare = evaluation(replace(TEST, intervals=None))
    assert tables.without_intervals(tables.per_class(bare))
    assert tables.without_intervals(tables.details(bare))


def test_details_have_every_score_its_method_and_that_of_disease() -> None:
    with_disease = replace(evaluation(TEST), disease=scores(accuracy=0.9))
    table = tables.details(with_disease)
    assert len(table) == len(METRICS)
    assert table.iloc[0].tolist() == [
        "accuracy",
        "0.600<small>0.54 to 0.66</small>",
        "0.900<small>0.84 to 0.96</small>",
        "group bootstrap",
    ]
    assert "disease against none" not in tables.details(evaluation(TEST))
