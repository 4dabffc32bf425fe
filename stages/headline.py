"""Put the headline model's metrics and figures where `dvc metrics diff` and `dvc plots diff` look."""

import shutil
from pathlib import Path

from medtransfer import formats
from medtransfer.settings.load import Settings
from stages.common import run

SCORES = ("accuracy", "sensitivity", "specificity", "precision", "f1", "roc_auc", "loss")


def main(settings: Settings, dataset: str, model: str) -> None:
    """Fixed paths, whatever the data set and the model: DVC's own views cannot follow a changing one."""
    measured = formats.read_json(Path(f"metrics/{dataset}/{model}.json"))
    validation = [fold["validation"]["accuracy"] for fold in measured["folds"]]
    formats.write_json(
        Path("metrics/metrics.json"),
        {"dataset": dataset, "model": model, "test": {name: measured["test"][name] for name in SCORES}}
        | {"test_copy_free": {name: measured["test_copy_free"][name] for name in ("images", "accuracy", "balanced")}}
        | {"validation": {"accuracy": sum(validation) / len(validation)}},
    )
    folder = Path("plots/headline")
    history = formats.read_table(Path(f"models/{dataset}/{model}/history.csv"))
    history["curve"] = "fold " + (history.pop("fold") + 1).astype(str)
    if "member" in history:  # a vote's own curves are its members'
        history["curve"] = history.pop("member") + ", " + history["curve"]
    formats.write_table(folder / "training.csv", history)
    evaluated = Path(f"plots/evaluate/{dataset}/{model}")
    roc = formats.read_table(evaluated / "roc.csv").rename(columns={"class": "curve"})
    formats.write_table(folder / "roc.csv", roc)
    predictions = formats.read_table(evaluated / "predictions.csv")
    formats.write_table(folder / "confusion.csv", predictions[["actual", "predicted"]])
    shutil.copyfile(f"plots/explain/{dataset}/{model}/gradcam.png", folder / "gradcam.png")


if __name__ == "__main__":
    run(main)
