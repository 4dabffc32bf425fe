"""A row of METRICS is all that a metric needs: it is scored, compared, shown, and in `dvc metrics diff`."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score

from medtransfer import store
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.evaluation.metrics import METRICS, Metric, by_printed_name
from medtransfer.evaluation.resampling import draw_groups
from medtransfer.evaluation.summary import summarise
from medtransfer.report import fold_tables, papers, scores
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import load_params
from medtransfer.settings.load_reported import check_reported_metrics
from medtransfer.settings.params import Params
from medtransfer.settings.reported import Reported
from medtransfer.settings.resolved import Classes, ModelSettings
from medtransfer.store.records import Evaluation
from stages import compare, fractions, headline
from tests.conftest import ROOT, tiny_recipe

MODELS = ("a", "b")
CLASSES = Classes(["x", "y"], positive=None)
ZERO_ONE = Metric("0-1 score", lambda predictions: (predictions.actual == predictions.predicted).mean())
RECALLED = Metric(
    "recalled",
    lambda predictions: [np.diagonal(predictions.probabilities[:2]).mean()] * 2,
    per_class=True,
    other_names=("UAR",),
)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> Params:
    """A study of two models, evaluated with both metrics in an empty folder."""
    monkeypatch.setitem(METRICS, "zero_one", ZERO_ONE)
    monkeypatch.setitem(METRICS, "recalled", RECALLED)
    monkeypatch.setattr("medtransfer.evaluation.summary.draw_groups", partial(draw_groups, resamples=50))
    params = load_params(ROOT)
    monkeypatch.chdir(tmp_path)
    test = pd.DataFrame({"id": [f"t{n}" for n in range(30)], "label": ["x", "y"] * 15, "group": range(30), "copy": ""})
    rows = test.rename(columns={"label": "actual"}).drop(columns=["copy"])
    for model in MODELS:
        probabilities = pd.concat(
            rows.assign(fold=fold, partition=partition, **dict(zip("xy", rng.dirichlet([1, 1], 30).T, strict=True)))
            for fold in range(2)
            for partition in ("validation", "test")
        )
        summary = summarise(test, probabilities, CLASSES)
        store.evaluated("d", model).write({"predictions": summary.predictions, "roc": summary.roc})
        evaluation = Evaluation.of(dataset="d", model=model, strategy="grouped", **summary.metrics)
        store.metrics("d", model).write(evaluation)
    return params.model_copy(
        update={"study": params.study.model_copy(update={"models": MODELS, "ensembles": (), "fractions": ()})}
    )


def test_is_computed_on_the_test_set_and_in_every_fold(study: Params) -> None:
    evaluation = store.metrics("d", "a").read()
    predictions = store.evaluated("d", "a").predictions.read()
    expected = accuracy_score(predictions["actual"], predictions["predicted"])
    assert evaluation.test.values["zero_one"] == pytest.approx(expected)
    assert len(evaluation.validation("zero_one")) == len(evaluation.validation("recalled")) == 2
    assert "zero_one" not in evaluation.test.macro
    assert evaluation.test.intervals is not None
    low, high, method = evaluation.test.intervals.values["zero_one"]
    assert low < expected < high
    assert method == "group bootstrap"
    assert evaluation.test.macro["recalled"] == evaluation.test.per_class[1]["recalled"]


def test_is_compared_between_models(study: Params) -> None:
    rows = store.evaluated("d", "a").predictions.read().rename(columns={"actual": "label"})[["id", "label"]]
    store.split("d").write(rows.assign(group=rows["id"], partition="test", fold=-1))
    store.settings_of_dataset("d").classes.write(CLASSES)
    for model in MODELS:
        settings = ModelSettings(recipe=tiny_recipe("simple_cnn"), weights={}, healthy=None)
        store.settings_of_model(model).model.write(settings)
        fractions.main(study, "d", model)
    compare.main(study, "d")
    comparison = store.comparison("d").read()
    assert comparison.fold_scores["b"]["zero_one"] == store.metrics("d", "b").read().validation("zero_one")
    assert {pair.metric for pair in comparison.pairs} >= {"zero_one", "recalled"}
    assert all(len(rows) == 1 for rows in fold_tables.of_metric(comparison.pairs, "zero_one").values())
    differences = store.held_out_comparison("d", HeldOutResults).read().differences
    assert {difference.metric for difference in differences} >= {"zero_one", "recalled"}


def test_is_among_what_dvc_compares(study: Params) -> None:
    store.trained("d", "a").history.write(pd.DataFrame({"fold": [0], "epoch": [1]}))
    store.explained("d", "a").figure("grad_cam").write(b"png")
    headline.main(study, "d", "a")
    assert store.headline_metrics().read().test["zero_one"] == store.metrics("d", "a").read().test.values["zero_one"]


def test_has_its_column_in_the_tables_of_the_page(study: Params) -> None:
    evaluations = {model: store.metrics("d", model).read() for model in MODELS}
    for table in (scores.architectures(evaluations), scores.printed(evaluations)[::2]):
        shown = [str(cell)[:5] for cell in table.filter(regex="0-1.score").iloc[:, 0]]
        assert shown == [f"{evaluation.test.values['zero_one']:.3f}" for evaluation in evaluations.values()]
    assert "recalled" in scores.per_class(evaluations["a"])
    assert "0-1 score" not in scores.per_class(evaluations["a"])
    assert "0-1 score" in scores.details(evaluations["a"])["metric"].tolist()


def test_stands_beside_a_papers_number_under_either_name(study: Params) -> None:
    result = {"model": "a", "printed_as": "A", "dataset": "d", "source": "Table 1"}
    paper = Reported.model_validate(
        {
            "title": "t",
            "year": 2024,
            "datasets": ["d"],
            "results": [result | {"metrics": {"zero_one": 0.5, "UAR": 0.5}}],
        }
    )
    check_reported_metrics({"t": paper}, by_printed_name(), {"accuracy"})
    evaluation = store.metrics("d", "a").read()
    table = papers.paper_against_ours(paper, papers.Measured({"a": evaluation}), "d")
    assert table["number"].tolist() == ["0-1 score", "UAR"]
    assert table["ours"].tolist() == [f"{evaluation.test.values[key]:.3f}" for key in ("zero_one", "recalled")]


def test_a_papers_share_above_one_is_refused() -> None:
    result = {"model": "a", "printed_as": "A", "dataset": "d", "source": "Table 1", "metrics": {"f1": 93, "loss": 2}}
    paper = Reported.model_validate({"title": "t", "year": 2024, "datasets": ["d"], "results": [result]})
    with pytest.raises(UserError, match=r"t\.results\.0\.metrics: f1 above 1; write shares"):
        check_reported_metrics({"t": paper}, by_printed_name(), {"f1", "accuracy"})


def test_a_papers_number_of_an_unknown_metric_is_refused() -> None:
    result = {"model": "a", "printed_as": "A", "dataset": "d", "source": "Table 1", "metrics": {"acuracy": 0.9}}
    paper = Reported.model_validate({"title": "t", "year": 2024, "datasets": ["d"], "results": [result]})
    with pytest.raises(UserError, match=r"t\.results\.0\.metrics: .*'acuracy'; did you mean accuracy\?"):
        check_reported_metrics({"t": paper}, by_printed_name(), {"accuracy"})
    gain = {"a": "a", "b": "b", "dataset": "d", "metric": "acuracy", "source": "Text", "low": 0.1, "high": 0.1}
    right = result | {"metrics": {"accuracy": 0.9}}
    paper = Reported.model_validate(
        {"title": "t", "year": 2024, "datasets": ["d"], "results": [right], "differences": [gain]}
    )
    with pytest.raises(UserError, match=r"t\.differences\.0\.metric: .*'acuracy'; did you mean accuracy\?"):
        check_reported_metrics({"t": paper}, by_printed_name(), {"accuracy"})
