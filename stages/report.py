"""Write the page that shows it all, and print the table."""

from pathlib import Path
from typing import Any

from medtransfer import artefacts
from medtransfer.config import Config
from medtransfer.plotting import png
from medtransfer.report import figures, tables
from medtransfer.report.page import ModelSection, Page, Picture, render
from stages.common import run

NO_PATIENTS = (
    "This set names no patients: slices of one patient may lie in both test and development, and so may images that "
    "were saved anew. Scores are likely to be higher than on new patients."
)


def main(settings: Config, dataset: str, model: str) -> None:
    """The report on a data set; `model` is its headline."""
    models = sorted(settings.params.study.models, key=lambda name: name != model)  # the headline first
    measured = {name: artefacts.read_json(Path(f"metrics/{dataset}/{name}.json")) for name in models}
    compared = artefacts.read_json(Path(f"metrics/comparison/{dataset}.json"))
    found = {name: artefacts.read_json(Path(f"plots/explain/{dataset}/{name}/localisation.json")) for name in models}
    split = artefacts.read_table(Path(f"data/splits/{dataset}.csv"))
    accuracy = {name: scores["accuracy"] for name, scores in compared["fold_scores"].items()}
    spoken = "; ".join(f"{name}: {', '.join(f'{value:.3f}' for value in values)}" for name, values in accuracy.items())
    table = tables.architectures(measured, {name: _seconds(dataset, name) for name in models})
    page = Page(
        dataset=dataset,
        title=settings.dataset(dataset).title,
        headline=model,
        test_images=measured[model]["images"],
        facts=_facts(settings, dataset),
        warning="" if settings.dataset(dataset).patient else NO_PATIENTS,
        architectures=table,
        class_counts=tables.class_counts(split),
        folds=tables.folds(compared["fold_scores"]),
        fold_scores=Picture(png(figures.fold_scores(accuracy)), f"Validation accuracy in every fold. {spoken}."),
        pairs=tables.pairs(compared["pairs"]),
        localisation=tables.localisation(found),
        models=[_section(settings, dataset, name, measured[name]) for name in models],
    )
    path = Path("reports/index.html")
    path.parent.mkdir(exist_ok=True)
    path.write_text(render(page), encoding="utf-8")
    summary = (
        f"\n{page.title}: held-out test set of {page.test_images} images\n\n{table.to_string(index=False)}\n\n"
        f"report: {path}\nResearch software, not a diagnostic device.\n"
    )
    path.with_name("summary.txt").write_text(summary, encoding="utf-8")
    print(summary)


def _seconds(dataset: str, model: str) -> float:
    paths = [Path(f"metrics/timings/{dataset}/{step}/{model}.json") for step in ("features", "train")]
    return sum(artefacts.read_json(path)["seconds"] for path in paths)


def _facts(settings: Config, dataset: str) -> dict[str, str]:
    origin = artefacts.read_json(Path(f"data/raw/{dataset}.json"))
    rejected = artefacts.read_table(Path(f"data/prepared/{dataset}/rejected.csv"))
    images = artefacts.read_array(Path(f"data/prepared/{dataset}/images.npy"))
    split = settings.params.split
    return {
        "source": f"Kaggle, {origin['slug']}" if origin["kind"] == "kaggle" else "made by code (catalog/datasets.yaml)",
        "licence, as stated": origin["licence"],
        "archive": f"{origin['bytes'] / 1e6:.1f} MB, SHA-256 {origin['sha256']}",
        "prepared images": " × ".join(map(str, images.shape[1:3]))
        + (" pixels, grey" if images.shape[3] == 1 else " pixels, colour"),
        "files that could not be decoded": str(len(rejected)),
        "split": f"{split.test_fraction:.0%} held out, {split.folds} folds, seed {settings.params.seed}",
    }


def _section(settings: Config, dataset: str, model: str, content: dict[str, Any]) -> ModelSection:
    evaluated = Path(f"plots/evaluate/{dataset}/{model}")
    history = artefacts.read_table(Path(f"models/{dataset}/{model}/history.csv"))
    test, classes = content["test"], content["classes"]
    areas = {name: scores["roc_auc"] for name, scores in zip(classes, test["per_class"], strict=True)}
    last = history[history["epoch"] == history["epoch"].max()]
    counts = "; ".join(
        f"of {sum(row)} {actual}, {', '.join(f'{count} as {name}' for name, count in zip(classes, row, strict=True))}"
        for actual, row in zip(classes, test["confusion"], strict=True)
    )
    return ModelSection(
        name=model,
        recipe=tables.recipe_in_words(settings.recipe(model)),
        averaging=content["averaging"],
        per_class=tables.per_class(content),
        learning_curves=Picture(
            png(figures.learning_curves(history)),
            f"Loss and accuracy of {model} over {history['epoch'].max()} epochs; validation accuracy ends at "
            f"{last['val_accuracy'].min():.3f} to {last['val_accuracy'].max():.3f} over folds.",
        ),
        roc=Picture(
            png(figures.roc(artefacts.read_table(evaluated / "roc.csv"), areas)),
            f"ROC curves of {model}. Areas: {', '.join(f'{name} {area:.3f}' for name, area in areas.items())}.",
        ),
        confusion=Picture(png(figures.confusion(test["confusion"], classes)), f"Confusion of {model}: {counts}."),
        overlays=Picture(
            Path(f"plots/explain/{dataset}/{model}/gradcam.png").read_bytes(),
            f"Grad-CAM overlays of {model} over test images, right predictions on the left, wrong ones on the right, "
            f"a row for each of {', '.join(classes)}.",
        ),
    )


if __name__ == "__main__":
    run(main)
