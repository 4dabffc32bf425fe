"""What a paper prints of the difference between two models: of the scores of both, or as a difference."""

from collections.abc import Iterable
from dataclasses import dataclass

from medtransfer.evaluation.metrics import by_printed_name
from medtransfer.report.numbers import points
from medtransfer.settings.reported import Reported


@dataclass(frozen=True)
class PrintedDifference:
    """Of two models' accuracy, first less second; one number, or what lies between two."""

    low: float
    high: float
    part: str  # training, validation, test
    source: str

    def __str__(self) -> str:
        """In points, with the part unless it is the test."""
        text = points(self.low) if self.low == self.high else f"{points(self.low)} to {points(self.high)}"
        return text if self.part == "test" else f"{text} ({self.part})"


def printed_difference(papers: Iterable[Reported], dataset: str, a: str, b: str) -> PrintedDifference | None:
    """Of test accuracy where a paper has it of both models on this data set, else what it states of the difference."""
    for paper in papers:
        name = paper.same_images.get(dataset, dataset)
        first, second = (_accuracy(paper, name, model) for model in (a, b))
        if first and second:
            value = first[0] - second[0]
            sources = first[1] if first[1] == second[1] else f"{first[1]} less {second[1]}"
            return PrintedDifference(value, value, "test", f"{paper.title}, {sources}")
        for gain in paper.differences:
            if (gain.a, gain.b, gain.dataset, by_printed_name()[gain.metric]) == (a, b, name, "accuracy"):
                source = ": ".join(filter(None, [f"{paper.title}, {gain.source}", gain.note]))
                return PrintedDifference(gain.low, gain.high, gain.part, source)
    return None


def _accuracy(paper: Reported, dataset: str, model: str) -> tuple[float, str] | None:
    """A model's accuracy on all test images, and where it is printed."""
    for result in paper.results:
        of_all = result.part == "test" and result.label is None and result.fold is None and result.statistic is None
        if of_all and (result.model, result.dataset) == (model, dataset):
            for name, value in result.metrics.items():
                if by_printed_name()[name] == "accuracy":
                    return value, result.source
    return None
