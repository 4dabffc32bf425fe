"""The artefacts of a tiny study, as its stages would have left them: two models, one of them with an autoencoder."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from medtransfer import store
from medtransfer.evaluation.decisions import Decisions
from medtransfer.evaluation.development import Development
from medtransfer.evaluation.perturbations import PERTURBATIONS
from medtransfer.evaluation.results import Results, evaluate
from medtransfer.report.settings import ReportSettings
from medtransfer.settings.load import load_params
from medtransfer.settings.params import Split
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.resolved import Card, Classes, Members, ModelSettings
from medtransfer.store.records import Comparison, Evaluation, MethodScores, Origin, PairedDifference, Times, Training
from medtransfer.store.robustness_records import Estimate, Perturbed, Robustness
from stages import compare, fractions
from tests.conftest import ROOT, tiny_recipe

DATASET, CLASSES = "d", Classes(["ill", "well"], "ill")
SECONDS = {"cnn": [3.4, 12.6], "unet": [1.0, 2.0]}
FEATURE_SECONDS = 4.0  # of cnn, whose backbone is frozen
COUNTS = {
    "test": 4, "exact": 1, "near": 1, "turned": 0, "patient": None, "patient_alone": 0, "exact_groups": 1,
    "pictures": 3, "torn_pictures": 1,
}  # fmt: skip
AUDIT = {
    "strategy": "grouped",
    "dataset": DATASET, "images": 12, "pictures": 4, "pictures_in_several_orientations": 1, "largest_picture": 4,
    "groups": 4, "largest_group": 4, "groups_of_several_labels": 0, "conflicting_images": 0, "exact_groups": 1,
    "images_in_exact_groups": 2, "strategies": {"grouped": COUNTS | {"exact": 0, "near": 0}, "random": COUNTS},
    "classes": {"ill": {"images": 6, "pictures": 2}, "well": {"images": 6, "pictures": 2}},
}  # fmt: skip
PAPER = """
paper2024:
  title: A paper
  year: 2024
  datasets: [d]
  results:
  - {model: cnn, printed_as: CNN, dataset: d, source: Table 1, metrics: {accuracy: 0.9}, note: read off a figure}
  images:
  - {dataset: d, source: Table 2, train: 5, test: 4, total: 9, note: about nine}
  literature:
  - {printed_as: A network, reference: "[7]", dataset: elsewhere, accuracy: 0.99, source: Introduction}
  timings:
  - {model: cnn, source: Text, seconds: 60, per: fold, note: on an A100}
  - {model: unet, source: Text, seconds: 90, per: training}
  - {model: other, source: Text, seconds: 20, per: fold}
  remarks: [The text says otherwise.]
"""
AUDIT_OF_PAPER = """
paper2024:
  details:
  - {subject: training, paper: 9 epochs, ours: "9", verdict: same, recipe: cnn, key: training.epochs, value: 9}
  - {subject: training, paper: batches, stated: false, ours: of 32, verdict: different, why: usual, file: params.yaml}
"""


def interval(value: float) -> dict[str, float]:
    """An interval around a value."""
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


PART = {
    "accuracy": {"random": interval(0.9), "control": interval(0.88), "without_copies": interval(0.8)},
    "differences": {"random_minus_control": interval(0.02), "control_minus_without_copies": interval(0.08)},
}
EXPERIMENT: dict[str, Any] = {
    "dataset": DATASET, "model": "m", "repeats": 5, "test_images": 50, "groups": 30, "all": PART,
    "with_copies": PART | {"test_images": 20},
    "development_images": {"random": 200.0, "control": 150.0, "without_copies": 150.0}, "wanted_test_images": 60,
    "development_groups": {"random": 90.0, "control": 70.0, "without_copies": 71.0},
}  # fmt: skip
DROPS = [
    Perturbed(key, strength, Estimate(0.75 - 0.1 * level, 0.4, 0.9), Estimate(0.1 * level, 0.1 * level - 0.15, 0.5))
    for key, perturbation in PERTURBATIONS.items()
    for level, strength in enumerate(perturbation.strengths)
]
ROBUSTNESS = Robustness(DATASET, "both", False, 4, 4, Estimate(0.75, 0.3, 0.95), DROPS, None, "it is an ensemble")


def report_settings() -> ReportSettings:
    """The study: the ensemble `both` is its headline."""
    study = load_params(ROOT).study.model_copy(
        update={"other_datasets": ("e",), "models": ("cnn", "unet"), "ensembles": ("both",), "fractions": ()}
        | {"sources": (), "external": ()}
    )
    split = Split(
        strategy="grouped", test_fraction=0.3, folds=2, repeats=1, validation_fraction=None, conflicting_labels="drop"
    )
    changes = {"dataset": DATASET, "model": "both", "study": study, "split": split}
    return ReportSettings(DATASET, "both", load_params(ROOT).model_copy(update=changes))


def write_study() -> None:
    """All artefacts that the report reads, in the working folder."""
    _write_data()
    _write_leakage()
    measured = {name: _write_scores(name) for name in ("cnn", "unet", "both")}
    _write_model("cnn", tiny_recipe("mobilenetv2", "none"), frozen=True)
    _write_model(
        "unet", tiny_recipe("rafiq_unet", augmentation={"rotation": 20, "horizontal_flip": True}), frozen=False
    )
    store.trained(DATASET, "unet").augmented.write(np.zeros((2, 4, 8, 8, 1), np.uint8))
    store.members("both").write(Members(["cnn", "unet"]))
    histories = [store.trained(DATASET, name).history.read().assign(member=name) for name in ("cnn", "unet")]
    store.trained(DATASET, "both").history.write(pd.concat(histories))
    accuracy = {
        name: {"accuracy": [fold["validation"]["accuracy"] for fold in summary.metrics["folds"]]}
        for name, summary in measured.items()
    }
    for name in ("cnn", "unet"):
        fractions.main(report_settings().params, DATASET, name)
    compare.main(report_settings().params, DATASET)
    pair = PairedDifference("cnn", "unet", "accuracy", "paired t", 0.1, 0.1, "t", 2.5, 0.13, 2)
    store.comparison(DATASET).write(Comparison(DATASET, accuracy, [pair]))
    store.robustness(DATASET, "both").write(ROBUSTNESS)
    catalogue = store.page().path.parent.parent / "catalog"
    catalogue.mkdir()
    (catalogue / "reported.yaml").write_text(PAPER)
    (catalogue / "fidelity.yaml").write_text(AUDIT_OF_PAPER)


def _write_data() -> None:
    parts, prepared = store.settings_of_dataset(DATASET), store.prepared(DATASET)
    parts.card.write(Card("Slices & more", {"ill": 6, "well": 6}, shipped=False))
    parts.classes.write(CLASSES)
    store.origin(DATASET).write(Origin({"kind": "kaggle", "slug": "a/b"}, "CC0", "0" * 64, 2_000_000))
    table = split()
    prepared.index.write(
        table[["id", "label"]].assign(patient="", width=10, height=10, mode="L", format="PNG", mean=50.0, deviation=5.0)
    )
    prepared.images.write(np.zeros((len(table), 8, 8, 1), np.uint8))
    prepared.thumbnails.write(np.zeros((len(table), 32, 32, 1), np.uint8))
    prepared.masks.write({"t-ill-0": np.eye(8, dtype=bool)})
    prepared.rejected.write(pd.DataFrame({"id": ["notes.txt"], "reason": ["not an image"]}))
    store.split(DATASET).write(table)


def split() -> pd.DataFrame:
    """Twelve images of four pictures: four to test, four to validate each fold on."""
    rows = [(f"{part}-{label}-{n}", label, part, n) for part in "t01" for label in CLASSES.names for n in range(2)]
    return pd.DataFrame(
        {
            "id": [row[0] for row in rows],
            "label": [row[1] for row in rows],
            "group": [row[0] for row in rows],
            "picture": range(len(rows)),
            "partition": ["test" if row[2] == "t" else "development" for row in rows],
            "fold": [-1 if row[2] == "t" else int(row[2]) for row in rows],
            "copy": ["near" if row[2] == "t" and row[3] else "" for row in rows],
        }
    )


def _write_leakage() -> None:
    store.leakage(DATASET).write(AUDIT)
    for name in ("audit", "gallery", "closest", "copies", "groups"):
        store.leakage_figures(DATASET)[name].write(name.encode())
    store.leakage_experiment(DATASET).write(EXPERIMENT)
    pair = {"images": 12, "exact": 1, "near": 2, "turned": 3}
    pairs = [pair | {"dataset": DATASET, "other": "e"}, pair | {"dataset": "e", "other": DATASET}]
    store.overlap().write({"pairs": pairs})


def _write_scores(model: str) -> Results:
    """Half of each class predicted right, and one image more of the ensemble."""
    table, parts = split(), []
    for fold in (0, 1):
        for partition, rows in (("test", table["fold"] == -1), ("validation", table["fold"] == fold)):
            part = table[rows].rename(columns={"label": "actual"})[["id", "actual"]]
            ill = np.linspace(0.8, 0.3, len(part)) if model == "both" else np.array([0.9, 0.3, 0.8, 0.1])
            parts.append(part.assign(fold=fold, partition=partition, ill=ill, well=1 - ill))
    results = evaluate(table, pd.concat(parts), CLASSES, load_params(ROOT).evaluate)
    origin = {"dataset": DATASET, "model": model, "strategy": "grouped"}
    store.metrics(DATASET, model).write(Evaluation.of(**origin, **results.metrics))
    store.development(DATASET, model, Development).write(results.development)
    store.evaluated(DATASET, model).write(results.tables)
    store.evaluated(DATASET, model).decisions(Decisions).write(results.decisions)
    explained, captions = store.explained(DATASET, model), {"grad_cam": "Grad-CAM of the predicted class."}
    scores = [MethodScores("grad_cam", "Grad-CAM", (4, 4), 2, 0.5, 0.25, 0.1)]
    explained.figure("grad_cam").write(b"overlays")
    if model == "unet":
        captions |= {"gradient": "Gradient saliency."}
        scores.append(MethodScores("gradient", "gradient saliency", (8, 8), 2, 0.4, 0.2, 0.1))
        explained.figure("gradient").write(b"gradients")
    predictions = store.evaluated(DATASET, model).predictions.read()
    compared = predictions[["id", "actual", "predicted"]].iloc[[0, 2]]
    explained.compared.write(compared.assign(probability=[0.75, 0.5]))
    explained.compared_maps.write(np.full((2, 8, 8), 255, np.uint8))
    explained.captions.write(captions)
    explained.scores.write(scores)
    return results


def _write_model(model: str, recipe: Recipe, frozen: bool) -> None:
    trained, features = store.trained(DATASET, model), store.features(DATASET, model)
    store.settings_of_model(model).model.write(ModelSettings(recipe=recipe, weights={}, healthy=None))
    epochs = pd.DataFrame([(fold, epoch) for fold in (0, 1) for epoch in (1, 2, 3)], columns=["fold", "epoch"])
    values = {"loss": 0.5, "accuracy": 0.7, "val_loss": 0.6, "val_accuracy": 0.5}
    trained.history.write(epochs.assign(**values))
    features.write(np.zeros((12, 3) if frozen else 0, np.float32))
    pretrained = not frozen
    trained.training.write(
        Training({}, recipe.backbone.architecture, "last", frozen, pretrained, 10, 5, selected_epochs=[2, 3])
    )
    store.training_times(DATASET, model).write(Times(_digest(trained.history.path.read_bytes()), SECONDS[model]))
    rows = [
        ("image", "InputLayer", "8 × 8 × 1", 0, 0),
        ("features", "Flatten", "64", 0, 0),
        ("logits", "Dense", "2", 10, 5),
    ]
    columns = ["layer", "kind", "output", "parameters", "trainable"]
    trained.layers.write(pd.DataFrame(rows, columns=columns))
    if frozen:
        store.feature_times(DATASET, model).write(Times(_digest(features.path.read_bytes()), [FEATURE_SECONDS]))
    if pretrained:
        trained.reconstruction.write(epochs.assign(loss=0.1, val_loss=0.2))
        decoder = [
            ("up_1_conv", "Conv2DTranspose", "8 × 8 × 32", 3000, 3000),
            ("location", "Conv2D", "8 × 8 × 1", 2, 0),
        ]
        trained.decoder_layers.write(pd.DataFrame(decoder, columns=columns))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
