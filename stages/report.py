"""Write the page that shows it all, and print the table."""

from pathlib import Path
from typing import Any

import pandas as pd

from medtransfer import formats
from medtransfer.plotting import png
from medtransfer.report import card, figures, leakage, papers, tables
from medtransfer.report.page import DataCard, ModelSection, Page, PaperSection, Picture, render
from medtransfer.report.recipe import recipe_in_words
from medtransfer.settings.load import Settings
from medtransfer.settings.load_reported import load_reported
from stages.common import run

NO_PATIENTS = (
    "Not every image names its patient: slices of one patient that look different may lie in both test and "
    "development. Scores are likely to be higher than on new patients."
)


def main(settings: Settings, dataset: str, model: str) -> None:
    """The report on a data set; `model` is its headline."""
    models = sorted(settings.compared, key=lambda name: name != model)  # the headline first
    trained = [name for name in models if name not in settings.ensembles]
    measured = {name: formats.read_json(Path(f"metrics/{dataset}/{name}.json")) for name in models}
    compared = formats.read_json(Path(f"metrics/comparison/{dataset}.json"))
    found = {name: _localisation(Path(f"plots/explain/{dataset}/{name}")) for name in models}
    accuracy = {name: scores["accuracy"] for name, scores in compared["fold_scores"].items()}
    spoken = "; ".join(f"{name}: {', '.join(f'{value:.3f}' for value in values)}" for name, values in accuracy.items())
    steps = ("features", "train")
    seconds = {name: sum(_timing(dataset, step, name)["seconds"] for step in steps) for name in trained}
    kept = {name: _kept(Path(f"models/{dataset}/{name}")) for name in trained}
    history = {
        name: {key: rows[key].tolist() for key in ("accuracy", "loss", "val_loss")} for name, rows in kept.items()
    }
    each_fold = {name: _timing(dataset, "train", name)["folds"] for name in trained}
    table = tables.architectures(measured, seconds)
    ours = papers.Measured(measured, history, _whole_folds(dataset, each_fold), compared["pairs"])
    page = Page(
        dataset=dataset,
        title=settings.dataset(dataset).title,
        headline=model,
        test_images=measured[model]["images"],
        copy_free_images=measured[model]["test_copy_free"]["images"],
        card=_card(settings, dataset),
        architectures=table,
        folds=tables.folds(compared["fold_scores"], each_fold),
        fold_scores=Picture(png(figures.fold_scores(accuracy)), f"Validation accuracy in every fold. {spoken}."),
        pairs=tables.pairs(compared["pairs"]),
        localisation=tables.localisation(found),
        papers=[
            PaperSection(
                f"{paper.title} ({paper.year})",
                papers.paper_against_ours(paper, ours, dataset),
                papers.notes(paper, dataset),
                paper.remarks,
            )
            for paper in load_reported().values()
            if dataset in paper.datasets
        ],
        models=[_section(settings, dataset, name, measured[name], kept.get(name)) for name in models],
        selecting=[name for name in trained if settings.recipe(name).training.selection != "last"],
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


def _timing(dataset: str, step: str, model: str) -> dict[str, Any]:
    return formats.read_json(Path(f"metrics/timings/{dataset}/{step}/{model}.json"))


def _whole_folds(dataset: str, each_fold: dict[str, list[float]]) -> dict[str, list[float]]:
    """Seconds of each fold with its share of the features, which papers compute in every fold and epoch."""
    return {
        name: [fold + _timing(dataset, "features", name)["seconds"] / len(folds) for fold in folds]
        for name, folds in each_fold.items()
    }


def _kept(folder: Path) -> pd.DataFrame:
    """The rows of a model's history that are of the epochs whose weights were kept, one a fold."""
    history = formats.read_table(folder / "history.csv")
    epochs = formats.read_json(folder / "training.json")["selected_epochs"]
    return history[history["epoch"] == history["fold"].map(dict(enumerate(epochs)))]


def _localisation(folder: Path) -> list[dict[str, Any]]:
    """Grad-CAM's scores and, of a model with an autoencoder, the other methods'."""
    others = folder / "saliency.json"
    return [
        formats.read_json(folder / "localisation.json"),
        *(formats.read_json(others)["methods"] if others.exists() else []),
    ]


def _card(settings: Settings, dataset: str) -> DataCard:
    entry, folder, plots = settings.dataset(dataset), Path(f"data/prepared/{dataset}"), Path(f"plots/leakage/{dataset}")
    index = formats.read_table(folder / "index.csv")
    images = formats.read_array(folder / "images.npy")
    audit = formats.read_json(Path(f"metrics/leakage/{dataset}.json"))
    found = leakage.audit_table(audit)
    shared = formats.read_json(Path("metrics/overlap.json"))["pairs"]
    experiment = formats.read_json(Path(f"metrics/leakage_experiment/{dataset}.json"))
    spoken = "; ".join(
        f"{strategy}: {share} of the test images have a copy"
        for strategy, share in zip(found["strategy"], found["with a copy"], strict=True)
    )
    return DataCard(
        facts=_origin(settings, dataset, images.shape) | card.facts(index, entry.expected, audit),
        warning="" if (index["patient"] != "").all() else NO_PATIENTS,
        class_counts=card.class_counts(formats.read_table(Path(f"data/splits/{dataset}.csv"))),
        contact_sheet=Picture(
            png(card.contact_sheet(images, index["label"].to_numpy(), list(entry.classes))),
            f"Images of {entry.title}, a row for each of {', '.join(entry.classes)}.",
        ),
        rejects=card.rejects(formats.read_table(folder / "rejected.csv")),
        leakage=found.drop(columns="data set"),
        leakage_bars=Picture((plots / "audit.png").read_bytes(), f"Bars of the leakage by strategy. {spoken}."),
        gallery=Picture(
            (plots / "gallery.png").read_bytes(),
            "Pairs of a test image and the development image most like it, a row for each strategy.",
        ),
        copies_warning=card.copies_warning(audit),
        copies=Picture(
            (plots / "copies.png").read_bytes(),
            "One picture of the set and its copies, in the orientations in which they lie.",
        ),
        closest=Picture((plots / "closest.png").read_bytes(), "The most alike pairs of images in two groups."),
        groups=Picture(
            (plots / "groups.png").read_bytes(), "Images of the largest groups of the set, with their labels."
        ),
        experiment=leakage.experiment_table(experiment).drop(columns=["data set", "model"], errors="ignore"),
        experiment_figure=_experiment(experiment),
        experiment_text=leakage.experiment_in_words(experiment),
        overlap=leakage.overlap_table(pair for pair in shared if pair["dataset"] == dataset),
    )


def _experiment(found: dict[str, Any]) -> Picture | None:
    if found["model"] is None:
        return None
    spoken = "; ".join(f"{leakage.ARMS[arm]}: {found['all']['accuracy'][arm]['value']:.3f}" for arm in leakage.ARMS)
    return Picture(png(leakage.experiment_figure(found)), f"Accuracy of {found['model']}. {spoken}.")


def _origin(settings: Settings, dataset: str, shape: tuple[int, ...]) -> dict[str, str]:
    origin, split = formats.read_json(Path(f"data/raw/{dataset}.json")), settings.params.split
    sources = {"kaggle": "Kaggle, {slug}", "local": "{path}, on this machine", "phantom": "made by code"}
    rest = f"{split.folds} folds" if split.folds > 1 else f"{split.validation_fraction:.0%} to validate on"
    held_out = "the set's own test part" if split.strategy == "shipped" else f"{split.test_fraction:.0%}"
    return {
        "source": sources[origin["kind"]].format(**origin),
        "licence, as stated": origin["licence"],
        "archive": f"{origin['bytes'] / 1e6:.1f} MB, SHA-256 {origin['sha256']}",
        "prepared": f"{shape[1]} × {shape[2]} pixels, {'grey' if shape[3] == 1 else 'colour'}",
        "split": f"{split.strategy}: {held_out} held out, {rest}, seed {settings.params.seed}",
    }


def _section(
    settings: Settings, dataset: str, model: str, content: dict[str, Any], kept: pd.DataFrame | None
) -> ModelSection:
    """`kept` are the rows of its history whose weights were kept; a vote has none."""
    evaluated = Path(f"plots/evaluate/{dataset}/{model}")
    history = formats.read_table(Path(f"models/{dataset}/{model}/history.csv"))
    test, classes = content["test"], content["classes"]
    areas = {name: scores["roc_auc"] for name, scores in zip(classes, test["per_class"], strict=True)}
    ends = [] if kept is None else kept[["fold", "epoch"]].to_numpy().tolist()
    validation = ", ".join(f"{value:.3f}" for value in (fold["validation"]["accuracy"] for fold in content["folds"]))
    counts = "; ".join(
        f"of {sum(row)} {actual}, {', '.join(f'{count} as {name}' for name, count in zip(classes, row, strict=True))}"
        for actual, row in zip(classes, test["confusion"], strict=True)
    )
    return ModelSection(
        name=model,
        recipe=f"The mean of the probabilities of {', '.join(settings.ensemble(model).members)}."
        if model in settings.ensembles
        else recipe_in_words(settings.recipe(model)),
        kept=f"Weights kept: {'; '.join(f'fold {fold + 1}: epoch {epoch}' for fold, epoch in ends)}." if ends else "",
        averaging=content["averaging"],
        per_class=tables.per_class(content),
        learning_curves=Picture(
            png(figures.learning_curves(history)),
            f"Loss and accuracy of {model} over {history['epoch'].max()} epochs; validation accuracy of what was kept, "
            f"fold by fold: {validation}.",
        ),
        roc=Picture(
            png(figures.roc(formats.read_table(evaluated / "roc.csv"), areas)),
            f"ROC curves of {model}. Areas: {', '.join(f'{name} {area:.3f}' for name, area in areas.items())}.",
        ),
        confusion=Picture(png(figures.confusion(test["confusion"], classes)), f"Confusion of {model}: {counts}."),
        overlays=Picture(
            Path(f"plots/explain/{dataset}/{model}/gradcam.png").read_bytes(),
            f"Grad-CAM overlays of {model} over test images, right predictions on the left, wrong ones on the right, "
            f"a row for each of {', '.join(classes)}.",
        ),
        autoencoder=_autoencoder(Path(f"models/{dataset}/{model}/reconstruction.csv"), model),
        saliency=_saliency(Path(f"plots/explain/{dataset}/{model}/saliency.png"), model),
    )


def _autoencoder(path: Path, model: str) -> Picture | None:
    if not path.exists():
        return None
    history = formats.read_table(path)
    last = history[history["epoch"] == history["epoch"].max()]["val_loss"]
    return Picture(
        png(figures.reconstruction_curves(history)),
        f"Error of the autoencoders of {model} over {history['epoch'].max()} epochs; on validation images it ends at "
        f"{last.min():.4f} to {last.max():.4f} over folds.",
    )


def _saliency(path: Path, model: str) -> Picture | None:
    text = (
        f"Test images of every class beside what the UNet of {model} paints of them, whole and by its sides, what it "
        "paints with the classifier's encoder, and gradient saliency."
    )
    return Picture(path.read_bytes(), text) if path.exists() else None


if __name__ == "__main__":
    run(main)
