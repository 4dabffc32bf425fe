"""Each model: its recipe, scores by class, curves, confusion matrix and saliency maps."""

from collections.abc import Mapping

from medtransfer.evaluation.metrics import shown_in
from medtransfer.plotting import png
from medtransfer.report import figures, scores
from medtransfer.report.blocks import Block, Details, Paragraph, Picture, Row, Section, Subsection, TableBlock
from medtransfer.report.curves import area
from medtransfer.report.fidelity import differences_of_model
from medtransfer.report.history import kept_epochs
from medtransfer.report.numbers import counted
from medtransfer.report.recipe import recipe_in_words
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.fidelity import Audit, load_fidelity
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.reported import Reported
from medtransfer.store.artefacts import Explained
from medtransfer.store.records import Evaluation

ORDER = 700
PER_CLASS = (
    "Each class against the rest, on the {images} test images of {groups} groups, with 95 % intervals; then the mean "
    "over classes, and the mean that weighs each class by its images. The sensitivity of a class rests on its own "
    "images alone."
)
DETAILS = (
    "All scores on the {images} test images of {groups} groups, with 95 % intervals. Scores that belong to a "
    "class ({of_a_class}): {which}.{disease} Expected cost: an error costs 1, and missed disease what evaluate.missed "
    "in params.yaml says. PPV and NPV hold for classes as frequent as in this set."
)
SMALL = "The small study's file in studies/ says in what they differ."
OTHERWISE = "Details of this model that differ from the paper's, or that the paper does not state, and why."
DISEASE = " Disease against none: every class but the healthy one is disease."
DASH = " A dash: the score is the same in all resamples, and its interval cannot be told."


def section(store: Store, settings: ReportSettings) -> Section:
    """A subsection for each model, the headline first."""
    papers, audits = load_reported(), load_fidelity()
    return Section(
        "Models", "models", [_model(store, settings, name, _of_paper(name, papers, audits)) for name in settings.models]
    )


def _model(store: Store, settings: ReportSettings, model: str, of_paper: list[Block]) -> Subsection:
    evaluation = store.metrics(settings.dataset, model).read()
    blocks: list[Block] = [
        Paragraph(_recipe(store, settings, model)),
        *of_paper,
        *_scores(evaluation),
        _learning_curves(store, settings.dataset, model, evaluation),
        Row([_roc(store, settings.dataset, model, evaluation), _confusion(model, evaluation)]),
        *_explanations(store.explained(settings.dataset, model), model),
    ]
    return Subsection(model, blocks, anchor=f"model-{model}")


def _of_paper(model: str, papers: Mapping[str, Reported], audits: Mapping[str, Audit]) -> list[Block]:
    """Of a paper's model, folded away: what is otherwise in the paper. Of one in its place: which it stands in for."""
    for study, paper in papers.items():
        if model in paper.stand_ins:
            of = ", ".join(paper.stand_ins[model])
            return [Paragraph(f"It stands in for {of} of {study}. {SMALL}")]
        if study in audits and any(result.model == model for result in paper.results):
            table = differences_of_model(model, audits[study])
            return [Details(f"What is otherwise in the paper ({study})", [TableBlock(table, OTHERWISE)])]
    return []


def _scores(evaluation: Evaluation) -> list[Block]:
    """By class and, folded away, all together."""
    averaging = evaluation.averaging
    tables = {PER_CLASS: scores.per_class(evaluation), DETAILS: scores.details(evaluation)}
    words = {
        "images": evaluation.images,
        "groups": evaluation.groups,
        "of_a_class": ", ".join(metric.title for metric in shown_in("details").values() if metric.per_class),
        "which": "means over classes" if averaging == "mean over classes" else f"those of the class {averaging}",
        "disease": DISEASE if evaluation.disease else "",
    }
    by_class, every = [
        TableBlock(table, caption.format(**words) + (DASH if scores.without_intervals(table) else ""))
        for caption, table in tables.items()
    ]
    return [by_class, Details("All scores", [every])]


def _explanations(explained: Explained, model: str) -> list[Picture]:
    """A figure for each explanation method."""
    return [
        Picture(explained.figure(key).read(), f"Figure for {model}. {caption}", caption)
        for key, caption in explained.captions.read().items()
    ]


def _recipe(store: Store, settings: ReportSettings, model: str) -> str:
    """What the model is, and of which epochs its weights are."""
    if settings.is_ensemble(model):
        members = ", ".join(store.members(model).read().members)
        return f"A soft-voting ensemble: the mean of the probabilities of {members}."
    kept = kept_epochs(store.trained(settings.dataset, model))[["fold", "epoch"]].to_numpy().tolist()
    epochs = "; ".join(f"fold {fold + 1}: epoch {epoch}" for fold, epoch in kept)
    return f"{recipe_in_words(store.settings_of_model(model).model.read().recipe)} Weights kept: {epochs}."


def _learning_curves(store: Store, dataset: str, model: str, evaluation: Evaluation) -> Picture:
    history = store.trained(dataset, model).history.read()
    accuracy = ", ".join(f"{value:.3f}" for value in evaluation.validation("accuracy"))
    return Picture(
        png(figures.learning_curves(history)),
        f"Loss and accuracy of {model} over {counted(int(history['epoch'].max()), 'epoch')}; validation accuracy of "
        f"the weights kept, fold by fold: {accuracy}.",
        "Learning curves of every fold.",
    )


def _roc(store: Store, dataset: str, model: str, evaluation: Evaluation) -> Picture:
    folder = store.evaluated(dataset, model)
    curves = folder.roc.read()
    areas = {str(name): area(curve) for name, curve in curves.groupby("class", sort=False)}
    return Picture(
        png(figures.roc(curves, areas, folder.band.read())),
        f"ROC curves of {model}. Areas: {', '.join(f'{name} {area:.3f}' for name, area in areas.items())}.",
        f"ROC curves on {evaluation.images} held-out images of {evaluation.groups} groups, each class against the "
        "rest, with pointwise 95 % bands by resampling groups.",
    )


def _confusion(model: str, evaluation: Evaluation) -> Picture:
    classes, confusion = evaluation.classes, evaluation.test.confusion
    counts = "; ".join(
        f"of {sum(row)} {actual}, {', '.join(f'{count} as {name}' for name, count in zip(classes, row, strict=True))}"
        for actual, row in zip(classes, confusion, strict=True)
    )
    of_folds = " Counts are sums over the folds' networks." if evaluation.tested == "folds" else ""
    return Picture(
        png(figures.confusion(confusion, classes)),
        f"Confusion of {model}: {counts}.",
        f"Confusion matrix, held-out test set: a row for each actual class, shaded by its share.{of_folds}",
    )
