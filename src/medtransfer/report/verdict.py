"""The verdict: sentences by rule from the numbers, which stand first on the page and in the printed summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medtransfer.comparison.held_out import HeldOutPair
from medtransfer.comparison.learning_curves import LearningCurves
from medtransfer.comparison.sentences import listed
from medtransfer.comparison.significance import told_apart
from medtransfer.comparison.summary import HeldOutResults
from medtransfer.report import external
from medtransfer.report.images_saved import with_few_images
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.report.transfer import transfer
from medtransfer.store.records import Bounds, Evaluation, MethodScores


@dataclass(frozen=True)
class Standing:
    """How another model stands to the best one: the difference best - other in accuracy, and whether it is certain."""

    model: str
    value: float
    low: float
    high: float
    holm_p: float | None

    @property
    def better(self) -> bool:
        """The interval leaves 0 out, and p by Holm is below 0.05."""
        return self.value > 0 and told_apart(self.low, self.high, self.holm_p)


def verdict(store: Store, settings: ReportSettings) -> list[str]:
    """Which model is best, whether transfer helps, also with few images, what leakage is worth, where maps point.

    Then a sentence for each external set: how the best model does there.
    """
    evaluations = {name: store.metrics(settings.dataset, name).read() for name in settings.params.study.compared}
    held_out = store.held_out_comparison(settings.dataset, HeldOutResults).read()
    helps = transfer(held_out.by_architecture, held_out.images, held_out.groups)
    few = with_few_images(store.learning_curves(settings.dataset, LearningCurves).read())
    return [
        best_model(evaluations, held_out),
        *(sentence for sentence in (helps, few) if sentence),
        leakage(store.leakage_experiment(settings.dataset).read(), store.leakage(settings.dataset).read()),
        heat_maps(settings.headline, store.explained(settings.dataset, settings.headline).scores.read()),
        *(
            external.sentence(store.external(settings.dataset, name).read(), _best(held_out))
            for name in settings.params.study.external
        ),
    ]


def best_model(evaluations: Mapping[str, Evaluation], held_out: HeldOutResults) -> str:
    """The highest accuracy on the test set, and against which models it cannot be told apart.

    Where each fold's network is tested, models are compared by the folds' mean probability, and ranked by it here.
    """
    best = _best(held_out)
    evaluation = evaluations[best]
    rests = f"the {evaluation.images} held-out images of {_groups(evaluation.groups)}"
    of_mean = evaluation.tested == "folds"
    known = evaluation.test.intervals is not None and not of_mean
    bounds = evaluation.test.intervals.values.get("accuracy") if known and evaluation.test.intervals else None
    accuracy = _share(held_out.accuracy[best], bounds) + (" by the folds' mean probability" if of_mean else "")
    if held_out.tests is None:
        return f"{best} is right on {accuracy} of {rests}; the study has no other model to compare it with."
    ties = [name for name, value in held_out.accuracy.items() if value == held_out.accuracy[best] and name != best]
    first = f"{listed([best, *ties])} {'have' if ties else 'has'} the highest accuracy, {accuracy} on {rests}"
    standings = [standing for pair in held_out.tests.pairs if (standing := _standing(best, pair))]
    apart = [f"{each.model} ({_points(each)})" for each in standings if each.better]
    alike = [f"{each.model} ({_points(each)})" for each in standings if not each.better]
    parts = [f"{best} is better than {listed(apart)}"] if apart else []
    parts += [f"{'it' if apart else best} cannot be told apart from {listed(alike)}"] if alike else []
    alone = f" Every other model is compared with the baseline {held_out.baseline} alone." if held_out.baseline else ""
    return f"{first}: {', and '.join(parts)}.{alone} Differences are in points, with 95 % intervals."


def leakage(experiment: Mapping[str, Any], audit: Mapping[str, Any]) -> str:
    """What copies of test images in the development set are worth, and how many the split in use lets leak."""
    counts = audit["strategies"][audit["strategy"]]
    copies = counts["exact"] + counts["near"] + counts["turned"]
    slices = counts["patient"]
    of_patient = "" if slices is None else f", and {slices} with another slice of their patient"
    leaks = f"the split in use ({audit['strategy']}) leaves {copies} of {counts['test']} test images with a copy there"
    if experiment["model"] is None:
        return f"What leakage is worth here was not measured: {experiment['reason']}; {leaks}{of_patient}."
    worth = experiment["all"]["differences"]["control_minus_without_copies"]
    value, low, high = (100 * worth[key] for key in ("value", "low", "high"))
    size = f"{value:.1f} points of accuracy ({low:.1f} to {high:.1f})"
    if low <= 0 <= high:
        size += ", which may be nothing"
    return (
        "Leakage: development images of the same groups as test images (of a patient, or copies of a picture) are "
        f"worth {size}, measured with {experiment['model']} on {_groups(experiment['groups'])}; {leaks}{of_patient}."
    )


def heat_maps(model: str, scores: Sequence[MethodScores]) -> str:
    """Whether the first scored map of the headline model points at lesions better than chance."""
    scored = next((each for each in scores if each.pointing_above_chance is not None), None)
    if scored is None or scored.pointing_above_chance is None or scored.chance is None:
        return (
            f"Heat maps: whether those of {model} point at lesions cannot be said, as no test image that is predicted "
            "right has a lesion outline."
        )
    above, rests = scored.pointing_above_chance, f"{scored.images} images of {_groups(scored.groups)}"
    bounds = f"({100 * above.low:.1f} to {100 * above.high:.1f})"
    hits = f"lies on the lesion by {scored.pointing_game:.1%} on average, on {rests} that are predicted right"
    beginning = f"Heat maps: the highest cell of {scored.title} of {model} {hits}; {scored.chance:.1%} would be chance"
    if above.low > 0:
        return f"{beginning}: better than chance, by {100 * above.value:.1f} points {bounds}."
    if above.high < 0:
        below = f"({-100 * above.high:.1f} to {-100 * above.low:.1f})"
        return f"{beginning}: worse than chance, by {-100 * above.value:.1f} points {below}."
    return f"{beginning}: it cannot be told from chance, the difference is {100 * above.value:.1f} points {bounds}."


def _best(held_out: HeldOutResults) -> str:
    """The first of those with the highest accuracy."""
    return max(held_out.accuracy, key=lambda name: held_out.accuracy[name])


def _standing(best: str, pair: HeldOutPair) -> Standing | None:
    """None of a pair without the best model."""
    if best not in (pair.a, pair.b):
        return None
    difference = pair.accuracy.difference
    value, low, high = difference.value, difference.low, difference.high
    if best == pair.b:
        value, low, high = -value, -high, -low
    return Standing(pair.a if best == pair.b else pair.b, value, low, high, pair.accuracy_holm_p)


def _share(value: float, bounds: Bounds | None) -> str:
    return f"{value:.1%}" if bounds is None else f"{value:.1%} ({bounds.low:.1%} to {bounds.high:.1%})"


def _points(standing: Standing) -> str:
    value, low, high = (100 * end + 0.0 for end in (standing.value, standing.low, standing.high))
    points = f"{value:+.1f}, {low:.1f} to {high:.1f}"
    if standing.low > 0 and not standing.better and standing.holm_p is not None:  # why it is not told apart
        return f"{points}, but p = {standing.holm_p:.2f} by Holm"
    return points


def _groups(number: int) -> str:
    return f"{number} group{'' if number == 1 else 's'}"
