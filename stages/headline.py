"""Put the headline model's metrics and figures where `dvc metrics diff` and `dvc plots diff` look."""

from medtransfer import store
from medtransfer.command import run
from medtransfer.settings.params import Params

SCORES = ("accuracy", "sensitivity", "specificity", "precision", "f1", "roc_auc", "loss")


def main(params: Params, dataset: str, model: str) -> None:
    """Fixed paths, whatever the data set and the model: DVC's own views cannot follow a changing one."""
    measured = store.metrics(dataset, model).read()
    validation = [fold["validation"]["accuracy"] for fold in measured["folds"]]
    store.headline_metrics().write(
        {"dataset": dataset, "model": model, "test": {name: measured["test"][name] for name in SCORES}}
        | {"test_copy_free": {name: measured["test_copy_free"][name] for name in ("images", "accuracy", "balanced")}}
        | {"validation": {"accuracy": sum(validation) / len(validation)}},
    )
    history = store.trained(dataset, model).history.read()
    history["curve"] = "fold " + (history.pop("fold") + 1).astype(str)
    if model in params.study.ensembles:  # whose curves are its members'
        history["curve"] = history.pop("member") + ", " + history["curve"]
    store.headline_table("training").write(history)
    evaluated = store.evaluated(dataset, model)
    store.headline_table("roc").write(evaluated.roc.read().rename(columns={"class": "curve"}))
    store.headline_table("confusion").write(evaluated.predictions.read()[["actual", "predicted"]])
    store.headline_picture().write(store.explained(dataset, model).figure("gradcam").read())


if __name__ == "__main__":
    run(main)
