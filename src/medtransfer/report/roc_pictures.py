"""ROC curves of all models, a picture for each class that the study reports on."""

from medtransfer.plotting import png
from medtransfer.report.blocks import Picture
from medtransfer.report.curves import area, roc_of_models
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store.records import Evaluation


def roc_pictures(store: Store, settings: ReportSettings) -> list[Picture]:
    """Of the positive class, or else of each class against the rest; the band is the headline model's."""
    dataset = settings.dataset
    evaluations = {name: store.metrics(dataset, name).read() for name in settings.models}
    curves = {name: store.evaluated(dataset, name).roc.read() for name in settings.models}
    band, headline = store.evaluated(dataset, settings.headline).band.read(), evaluations[settings.headline]
    pictures = []
    for code, of in enumerate(headline.classes):
        if headline.averaging in headline.classes and of != headline.averaging:
            continue
        of_class = {name: curve[curve["class"] == of] for name, curve in curves.items()}
        areas = {name: area(curve) for name, curve in of_class.items()}
        in_words = "; ".join(f"{name} {auc:.3f}{_interval(evaluations[name], code)}" for name, auc in areas.items())
        drawn = roc_of_models(of_class, areas, band[band["class"] == of])
        pictures.append(
            Picture(
                png(drawn),
                f"ROC curves of all models, {of} against the rest. Areas: {in_words}.",
                f"{of} against the rest, on the {headline.images} held-out images.",
            )
        )
    return pictures


def _interval(evaluation: Evaluation, code: int) -> str:
    """The area's interval, where there is one of this curve."""
    if evaluation.tested == "folds":
        return ""
    interval = evaluation.test.intervals and evaluation.test.intervals.per_class[code].get("roc_auc")
    return f" ({interval.low:.3f} to {interval.high:.3f})" if interval else ""
