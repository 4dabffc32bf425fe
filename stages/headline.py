"""Put the headline model's metrics and figures where `dvc metrics diff` and `dvc plots diff` look."""

import numpy as np

from medtransfer import store
from medtransfer.comparison.tests import interval_of_mean
from medtransfer.evaluation.metrics import shown_in
from medtransfer.settings.command import run
from medtransfer.settings.params import Params
from medtransfer.store.records import HeadlineMetrics


def main(params: Params, dataset: str, model: str) -> None:
    """Fixed paths, whatever the data set and the model: DVC's own views cannot follow a changing one."""
    evaluation = store.metrics(dataset, model).read()
    test = {metric: evaluation.test.values[metric] for metric in shown_in("headline")}
    bounds = evaluation.test.intervals.values if evaluation.test.intervals else {}
    intervals = {key: {"low": bounds[key].low, "high": bounds[key].high} for key in test if key in bounds}
    copy_free = evaluation.test_copy_free
    low, high = copy_free.interval or (None, None)
    without_copies = {"images": copy_free.images, "accuracy": copy_free.accuracy, "low": low, "high": high}
    accuracy = np.array(evaluation.validation("accuracy"))
    of_mean = interval_of_mean(accuracy, params.split.repeats)
    validated = {"accuracy": {"low": of_mean[0], "high": of_mean[1]}} if of_mean else {}
    validation = {"accuracy": float(accuracy.mean())}
    store.headline_metrics().write(
        HeadlineMetrics(dataset, model, test, intervals, without_copies, validation, validated)
    )
    history = store.trained(dataset, model).history.read()
    history["curve"] = "fold " + (history.pop("fold") + 1).astype(str)
    if model in params.study.ensembles:  # whose curves are its members'
        history["curve"] = history.pop("member") + ", " + history["curve"]
    store.headline_table("training").write(history)
    evaluated = store.evaluated(dataset, model)
    store.headline_table("roc").write(evaluated.roc.read().rename(columns={"class": "curve"}))
    store.headline_table("confusion").write(evaluated.predictions.read()[["actual", "predicted"]])
    store.headline_picture().write(store.explained(dataset, model).figure(params.explain.methods[0]).read())


if __name__ == "__main__":
    run(main)
