"""Internal against external scores, as tables, a figure and sentences."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from medtransfer.evaluation.external import CALIBRATION
from medtransfer.evaluation.metrics import METRICS
from medtransfer.plotting import MARKERS, PALETTE
from medtransfer.report.blocks import with_detail
from medtransfer.report.estimates import cell
from medtransfer.report.numbers import UNDEFINED, counted, signed
from medtransfer.store.external_records import Bounded, External, ScoredOutside

INTERNAL, OUTSIDE = "internal", "external"
APART = 0.16  # of the two points of a model, in rows


def scores_table(record: External, metrics: Sequence[str]) -> pd.DataFrame:
    """A row for each model and metric: internal, external, and the drop."""
    rows = []
    for model in record.models:
        for key in metrics:
            named = {"model": model.model} | ({"score": METRICS[key].title} if len(metrics) > 1 else {})
            inside, outside = _cell(model.internal[key]), _cell(model.external[key])
            rows.append(named | {INTERNAL: inside, OUTSIDE: outside, "drop": _drop_cell(model.drop[key])})
    return pd.DataFrame(rows)


def calibration_table(record: External) -> pd.DataFrame:
    """A row for each model: calibration error and loss on both sides, and the temperature."""
    rows = []
    for model in record.models:
        sides = {INTERNAL: model.internal, OUTSIDE: model.external}
        cells = {f"{METRICS[key].title}, {side}": _cell(sides[side][key]) for key in CALIBRATION for side in sides}
        rows.append({"model": model.model} | cells | {"temperature": f"{model.temperature:.2f}"})
    return pd.DataFrame(rows)


def figure(record: External) -> Figure:
    """The accuracy of each model on both sides, with intervals, the first model at the top."""
    drawn, axis = plt.subplots(figsize=(6, 1.3 + 0.5 * len(record.models)))
    for number, side in enumerate((INTERNAL, OUTSIDE)):
        for row, model in enumerate(record.models):
            value = _accuracy(model, side)
            place = row + (2 * number - 1) * APART
            axis.plot(
                value.value,
                place,
                MARKERS[number],
                color=PALETTE[number],
                label=side if row == 0 else None,
                markersize=6,
            )
            if value.low is not None and value.high is not None:
                axis.plot([value.low, value.high], [place, place], "-", color=PALETTE[number], linewidth=1.5)
    axis.set_yticks(range(len(record.models)), [model.model for model in record.models])
    axis.set_ylim(len(record.models) - 0.5, -0.5)
    axis.set(xlabel="accuracy (share)", xlim=(None, 1.02))
    axis.legend(fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    return drawn


def figure_in_words(record: External) -> str:
    """For those who cannot see it."""
    each = (
        f"{model.model} {_plain(_accuracy(model, INTERNAL))} internal, {_plain(_accuracy(model, OUTSIDE))} external"
        for model in record.models
    )
    return f"Accuracy on the held-out images of {record.dataset} and on {record.external}. {'; '.join(each)}."


def left_out(record: External) -> str:
    """How many images are scored, and why the others are not."""
    remain = (
        f"{record.scored:,} images of {counted(record.groups, 'group')} are scored "
        f"({', '.join(f'{label} {count:,}' for label, count in record.images.items())})."
    )
    if not record.left_out:
        return f"No image of {record.external} has a copy among the training images of {record.dataset}. {remain}"
    joined = f", and {record.joined:,} as copies of such images" if record.joined else ""
    return (
        f"{record.left_out:,} of the {record.prepared:,} images of {record.external} are left out, as {record.dataset} "
        f"has a copy of them among its training images: {record.exact:,} with the same pixels, {record.near:,} in the "
        f"same orientation, {record.turned:,} mirrored or turned{joined}. {remain}"
    )


def labels_in_words(record: External) -> str:
    """Which classes are which label; nothing where both sets have the same."""
    sides = {record.dataset: record.own, record.external: record.mapped}
    renamed = {name: label_of for name, label_of in sides.items() if any(own != to for own, to in label_of.items())}
    if not renamed:
        return ""
    each = " ".join(f"In {name}, {_mapping(label_of, record.labels)}." for name, label_of in renamed.items())
    merged = len(set(record.own.values())) < len(record.own)
    added = (
        " A model's probabilities of classes with one label are added up, and internal scores are of these labels too."
    )
    return f"The labels are {', '.join(record.labels)}. {each}{added if merged else ''}"


def sentence(record: External, model: str) -> str:
    """The drop of one model, for the verdict."""
    of_model = next(each for each in record.models if each.model == model)
    inside, outside, drop = (_accuracy(of_model, INTERNAL), _accuracy(of_model, OUTSIDE), of_model.drop["accuracy"])
    merged = f" ({' or '.join(record.labels)})" if len(set(record.own.values())) < len(record.own) else ""
    beginning = (
        f"Elsewhere: {model} is right{merged} on {_share(outside)} of the {record.scored} images of {record.external} "
        f"without a copy among its training images, and on {_share(inside)} of the held-out images of {record.dataset}"
    )
    points = f"{100 * abs(drop.value):.1f} points"
    if drop.low is None or drop.high is None:
        return f"{beginning}: a difference of {points}, whose interval cannot be told."
    lower = drop.value >= 0
    low, high = (100 * end + 0.0 for end in ((drop.low, drop.high) if lower else (-drop.high, -drop.low)))
    unsure = ", which may be nothing" if low <= 0 else ""
    return f"{beginning}: {points} {'lower' if lower else 'higher'} ({low:.1f} to {high:.1f}){unsure}."


def _mapping(label_of: Mapping[str, str], labels: Sequence[str]) -> str:
    classes = {label: [own for own, to in label_of.items() if to == label] for label in labels}
    parts = (f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} {label}" for label, names in classes.items())
    return "; ".join(parts)


def _accuracy(model: ScoredOutside, side: str) -> Bounded:
    return (model.internal if side == INTERNAL else model.external)["accuracy"]


def _cell(value: Bounded) -> Markup:
    return cell(value.value, None if value.low is None or value.high is None else (value.low, value.high))


def _drop_cell(value: Bounded) -> Markup:
    if value.low is None or value.high is None:
        return with_detail(signed(value.value), UNDEFINED)
    return with_detail(signed(value.value), f"{signed(value.low)} to {signed(value.high)}")


def _plain(value: Bounded) -> str:
    if value.low is None or value.high is None:
        return f"{value.value:.3f}"
    return f"{value.value:.3f} ({value.low:.3f} to {value.high:.3f})"


def _share(value: Bounded) -> str:
    if value.low is None or value.high is None:
        return f"{value.value:.1%}"
    return f"{value.value:.1%} ({value.low:.1%} to {value.high:.1%})"
