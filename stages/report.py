"""Write the page that shows it all, and print the table."""

from typing import Any

import pandas as pd

from medtransfer import store
from medtransfer.command import run
from medtransfer.plotting import png
from medtransfer.report import card, figures, leakage, papers, tables
from medtransfer.report.page import DataCard, ModelSection, Page, PaperSection, Picture, render
from medtransfer.report.recipe import recipe_in_words
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Recipe
from medtransfer.store.artefacts import Trained

NO_PATIENTS = (
    "Not every image names its patient: slices of one patient that look different may lie in both test and "
    "development. Scores are likely to be higher than on new patients."
)


def main(params: Params, dataset: str, model: str) -> None:
    """The report on a data set; `model` is its headline."""
    models = sorted(params.study.compared, key=lambda name: name != model)  # the headline first
    trained = [name for name in models if name not in params.study.ensembles]
    measured = {name: store.metrics(dataset, name).read() for name in models}
    compared = store.comparison(dataset).read()
    pretrained = {name for name in trained if store.trained(dataset, name).training.read().pretrained}
    found = {name: _localisation(dataset, name, name in pretrained) for name in models}
    accuracy = {name: scores["accuracy"] for name, scores in compared["fold_scores"].items()}
    spoken = "; ".join(f"{name}: {', '.join(f'{value:.3f}' for value in values)}" for name, values in accuracy.items())
    kept = {name: _kept(store.trained(dataset, name)) for name in trained}
    history = {
        name: {key: rows[key].tolist() for key in ("accuracy", "loss", "val_loss")} for name, rows in kept.items()
    }
    table = tables.architectures(measured)
    ours = papers.Measured(measured, history, {}, compared["pairs"])
    page = Page(
        dataset=dataset,
        title=store.settings_of_dataset(dataset).card.read().title,
        headline=model,
        test_images=measured[model]["images"],
        copy_free_images=measured[model]["test_copy_free"]["images"],
        card=_card(params, dataset),
        architectures=table,
        folds=tables.folds(compared["fold_scores"]),
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
        models=[_section(dataset, name, measured[name], kept.get(name)) for name in models],
        selecting=[name for name in trained if _recipe(name).training.selection != "last"],
    )
    store.page().write(render(page))
    summary = (
        f"\n{page.title}: held-out test set of {page.test_images} images\n\n{table.to_string(index=False)}\n\n"
        f"report: {store.page().path}\nResearch software, not a diagnostic device.\n"
    )
    store.summary().write(summary)
    print(summary)


def _recipe(model: str) -> Recipe:
    return store.settings_of_model(model).model.read().recipe


def _kept(trained: Trained) -> pd.DataFrame:
    """The rows of a model's history that are of the epochs whose weights were kept, one a fold."""
    history, epochs = trained.history.read(), trained.training.read().selected_epochs
    return history[history["epoch"] == history["fold"].map(dict(enumerate(epochs)))]


def _localisation(dataset: str, model: str, pretrained: bool) -> list[dict[str, Any]]:
    """Grad-CAM's scores and, of a model with an autoencoder, the other methods'."""
    explained = store.explained(dataset, model)
    return [explained.localisation.read(), *(explained.saliency.read()["methods"] if pretrained else [])]


def _card(params: Params, dataset: str) -> DataCard:
    parts, prepared, plots = store.settings_of_dataset(dataset), store.prepared(dataset), store.leakage_figures(dataset)
    entry, classes = parts.card.read(), parts.classes.read().names
    index, images, audit = prepared.index.read(), prepared.images.read(), store.leakage(dataset).read()
    found = leakage.audit_table(audit)
    shared = store.overlap().read()["pairs"]
    experiment = store.leakage_experiment(dataset).read()
    spoken = "; ".join(
        f"{strategy}: {share} of the test images have a copy"
        for strategy, share in zip(found["strategy"], found["with a copy"], strict=True)
    )
    return DataCard(
        facts=_origin(params, dataset, images.shape) | card.facts(index, entry.expected, audit),
        warning="" if (index["patient"] != "").all() else NO_PATIENTS,
        class_counts=card.class_counts(store.split(dataset).read()),
        contact_sheet=Picture(
            png(card.contact_sheet(images, index["label"].to_numpy(), classes)),
            f"Images of {entry.title}, a row for each of {', '.join(classes)}.",
        ),
        rejects=card.rejects(prepared.rejected.read()),
        leakage=found.drop(columns="data set"),
        leakage_bars=Picture(plots["audit"].read(), f"Bars of the leakage by strategy. {spoken}."),
        gallery=Picture(
            plots["gallery"].read(),
            "Pairs of a test image and the development image most like it, a row for each strategy.",
        ),
        copies_warning=card.copies_warning(audit),
        copies=Picture(
            plots["copies"].read(),
            "One picture of the set and its copies, in the orientations in which they lie.",
        ),
        closest=Picture(plots["closest"].read(), "The most alike pairs of images in two groups."),
        groups=Picture(plots["groups"].read(), "Images of the largest groups of the set, with their labels."),
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


def _origin(params: Params, dataset: str, shape: tuple[int, ...]) -> dict[str, str]:
    origin, split = store.origin(dataset).read(), params.split
    sources = {"kaggle": "Kaggle, {slug}", "local": "{path}, on this machine", "phantom": "made by code"}
    rest = f"{split.folds} folds" if split.folds > 1 else f"{split.validation_fraction:.0%} to validate on"
    held_out = "the set's own test part" if split.strategy == "shipped" else f"{split.test_fraction:.0%}"
    return {
        "source": sources[origin.source["kind"]].format(**origin.source),
        "licence, as stated": origin.licence,
        "archive": f"{origin.bytes / 1e6:.1f} MB, SHA-256 {origin.sha256}",
        "prepared": f"{shape[1]} × {shape[2]} pixels, {'grey' if shape[3] == 1 else 'colour'}",
        "split": f"{split.strategy}: {held_out} held out, {rest}, seed {params.seed}",
    }


def _section(dataset: str, model: str, content: dict[str, Any], kept: pd.DataFrame | None) -> ModelSection:
    """`kept` are the rows of its history whose weights were kept; a vote has none."""
    trained, explained = store.trained(dataset, model), store.explained(dataset, model)
    history, is_ensemble = trained.history.read(), kept is None
    pretrained = not is_ensemble and trained.training.read().pretrained
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
        recipe=f"The mean of the probabilities of {', '.join(store.members(model).read().members)}."
        if is_ensemble
        else recipe_in_words(_recipe(model)),
        kept=f"Weights kept: {'; '.join(f'fold {fold + 1}: epoch {epoch}' for fold, epoch in ends)}." if ends else "",
        averaging=content["averaging"],
        per_class=tables.per_class(content),
        learning_curves=Picture(
            png(figures.learning_curves(history)),
            f"Loss and accuracy of {model} over {history['epoch'].max()} epochs; validation accuracy of what was kept, "
            f"fold by fold: {validation}.",
        ),
        roc=Picture(
            png(figures.roc(store.evaluated(dataset, model).roc.read(), areas)),
            f"ROC curves of {model}. Areas: {', '.join(f'{name} {area:.3f}' for name, area in areas.items())}.",
        ),
        confusion=Picture(png(figures.confusion(test["confusion"], classes)), f"Confusion of {model}: {counts}."),
        overlays=Picture(
            explained.figure("gradcam").read(),
            f"Grad-CAM overlays of {model} over test images, right predictions on the left, wrong ones on the right, "
            f"a row for each of {', '.join(classes)}.",
        ),
        autoencoder=_autoencoder(trained, model) if pretrained else None,
        saliency=_saliency(explained.figure("saliency").read(), model) if pretrained else None,
    )


def _autoencoder(trained: Trained, model: str) -> Picture:
    history = trained.reconstruction.read()
    last = history[history["epoch"] == history["epoch"].max()]["val_loss"]
    return Picture(
        png(figures.reconstruction_curves(history)),
        f"Error of the autoencoders of {model} over {history['epoch'].max()} epochs; on validation images it ends at "
        f"{last.min():.4f} to {last.max():.4f} over folds.",
    )


def _saliency(figure: bytes, model: str) -> Picture:
    text = (
        f"Test images of every class beside what the UNet of {model} paints of them, whole and by its sides, what it "
        "paints with the classifier's encoder, and gradient saliency."
    )
    return Picture(figure, text)


if __name__ == "__main__":
    run(main)
