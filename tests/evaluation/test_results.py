"""What is fitted on development images, which model the test set scores, and what params.yaml changes of it."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearns

from medtransfer.evaluation.choices import REFIT
from medtransfer.evaluation.resampling import draw_groups
from medtransfer.evaluation.results import Results, evaluate
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import load_params
from medtransfer.settings.params import Evaluate
from medtransfer.settings.resolved import Classes
from medtransfer.store.artefacts import Evaluated
from medtransfer.store.formats import record
from tests.conftest import ROOT

NAMES = ["healthy", "glioma", "other"]
CLASSES = Classes(NAMES, positive=None, healthy="healthy")
FOLDS, OF_FOLD, TEST = 2, 60, 45
DONE: dict[str, Results] = {}


def wanted(**changes: object) -> Evaluate:
    return load_params(ROOT).evaluate.model_copy(update=changes)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("summary", "shares", "conformal", "operating_points", "decision_curve"):
        monkeypatch.setattr(
            f"medtransfer.evaluation.{module}.draw_groups", partial(draw_groups, resamples=50), raising=False
        )


@pytest.fixture(scope="module")
def study() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A split, and the probabilities of two folds and of a refit: better than chance, and too sure of themselves."""
    rng = np.random.default_rng(3)
    count = FOLDS * OF_FOLD + TEST
    split = pd.DataFrame({"id": [f"i{n}" for n in range(count)], "label": np.tile(NAMES, count)[:count]})
    split["group"], split["copy"] = split["id"], ""
    split["fold"] = np.repeat([0, 1, -1], [OF_FOLD, OF_FOLD, TEST])
    split["partition"] = np.where(split["fold"] < 0, "test", "development")
    parts = []
    for fold in (0, 1, REFIT):
        for partition, inside in (("validation", split["fold"] == fold), ("test", split["partition"] == "test")):
            if fold == REFIT and partition == "validation":
                continue
            rows = split[inside].rename(columns={"label": "actual"})[["id", "actual"]]
            logits = 3 * (rng.normal(size=(len(rows), 3)) + 1.2 * (rows["actual"].to_numpy()[:, None] == NAMES))
            shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            columns = dict(zip(NAMES, shares.T, strict=True))
            parts.append(rows.assign(fold=fold, partition=partition, **columns))
    return split, pd.concat(parts)


def accuracy(study: tuple[pd.DataFrame, pd.DataFrame], fold: int) -> float:
    rows = study[1][(study[1]["fold"] == fold) & (study[1]["partition"] == "test")]
    return float((rows[NAMES].idxmax(axis=1) == rows["actual"]).mean())


def results(study: tuple[pd.DataFrame, pd.DataFrame], **changes: object) -> Results:
    """The same evaluation is made once for all tests."""
    key = repr(changes)
    if key not in DONE:
        DONE[key] = evaluate(*study, CLASSES, wanted(**changes))
    return DONE[key]


def test_each_folds_scores_are_averaged_where_folds_are_tested(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    metrics = results(study, tested="folds").metrics["test"]
    assert metrics["accuracy"] == pytest.approx((accuracy(study, 0) + accuracy(study, 1)) / 2)
    assert np.sum(metrics["confusion"]) == 2 * TEST
    low, high, method = metrics["intervals"]["accuracy"]
    assert low < metrics["accuracy"] < high
    assert method == "group bootstrap"


def test_refit_alone_is_scored_where_it_is_tested(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    evaluation = results(study, tested="refit")
    assert evaluation.metrics["test"]["accuracy"] == pytest.approx(accuracy(study, REFIT))
    assert evaluation.metrics["folds"] == results(study).metrics["folds"]


def test_stated_sensitivity_is_chosen_on_development_images_and_kept(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    plain, strict = results(study), results(study, threshold=0.97)
    rule = strict.development.rule
    assert rule.kind == "sensitivity"
    assert rule.sensitivity is not None
    assert rule.sensitivity >= 0.97
    assert strict.metrics["disease"]["sensitivity"] > plain.metrics["disease"]["sensitivity"]
    called = strict.tables["predictions"]
    disease = (called["predicted"] != "healthy") == (called["actual"] != "healthy")
    assert strict.metrics["disease"]["accuracy"] == pytest.approx(disease.mean())


def test_fitted_temperature_is_that_of_the_least_loss_and_test_rows_have_no_part(
    study: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    split, probabilities = study
    temperature = results(study).development.temperature.value
    rows = probabilities[probabilities["partition"] == "validation"]
    logits, codes = np.log(rows[NAMES].to_numpy()), CLASSES.codes(rows["actual"])

    def loss(value: float) -> float:
        shares = np.exp(logits / value)
        return sklearns.log_loss(codes, shares / shares.sum(axis=1, keepdims=True), labels=range(3))

    assert temperature > 1.2
    assert loss(temperature) <= min(loss(temperature * 0.99), loss(temperature * 1.01))
    shuffled = probabilities.copy()
    on_test = shuffled["partition"] == "test"
    shuffled.loc[on_test, NAMES] = shuffled.loc[on_test, NAMES].to_numpy()[::-1]
    assert evaluate(split, shuffled, CLASSES, wanted()).development == results(study).development


def test_missed_disease_costs_what_params_say(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    confusion = np.array(results(study).metrics["test"]["confusion"])
    missed, errors = confusion[1:, 0].sum(), confusion.sum() - np.trace(confusion)
    assert results(study).metrics["test"]["cost"] == pytest.approx(errors / TEST)
    assert results(study, missed=5.0).metrics["test"]["cost"] == pytest.approx((errors + 4 * missed) / TEST)


def test_decisions_are_read_as_written(
    study: tuple[pd.DataFrame, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> None:
    evaluation = results(study, prevalence=0.1)
    artefact = Evaluated(tmp_path_factory.mktemp("evaluated")).decisions(type(evaluation.decisions))
    artefact.write(evaluation.decisions)
    read = artefact.read()
    assert read.ppv is not None
    assert evaluation.decisions.ppv is not None
    assert read.ppv.value == pytest.approx(evaluation.decisions.ppv.value)
    assert read.ppv.value < evaluation.metrics["disease"]["precision"], "disease is rarer than in the test set"
    assert len(read.operating_points) == 4
    for values, ends in ((read.before, read.before_ends), (read.after, read.after_ends)):
        assert all(ends[key][0] <= values[key] <= ends[key][1] for key in values)
    assert read.coverage is not None
    place = tmp_path_factory.mktemp("development") / "m.json"
    record(type(evaluation.development), exact=True).write(place, evaluation.development)
    assert record(type(evaluation.development)).read(place) == evaluation.development


def test_set_without_a_condition_has_no_operating_points(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    none = replace(CLASSES, healthy=None)
    evaluation = evaluate(*study, none, wanted())
    assert (evaluation.decisions.condition, evaluation.decisions.operating_points) == (None, [])
    assert "decision_curve" not in evaluation.tables
    with pytest.raises(UserError, match="positive or a healthy class"):
        evaluate(*study, none, wanted(threshold=0.9))


def test_too_few_groups_for_prediction_sets_are_said_and_stop_nothing(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    evaluation = results(study, coverage=0.99)
    assert evaluation.decisions.coverage is None
    assert "99 groups" in evaluation.decisions.without_coverage
