"""The tables of docs/transfer.md: a study of transfer in numbers."""

from collections.abc import Sequence

import pandas as pd

from medtransfer.comparison.learning_curves import LearningCurves
from medtransfer.report.images_saved import ends, saved
from medtransfer.report.numbers import UNDEFINED, p_value, points, signed
from medtransfer.report.transfer_results import QUESTIONS, PairResult, TransferResult, of_question
from medtransfer.store.external_records import Bounded, External


def value(bounded: Bounded) -> str:
    """A share with its interval."""
    return _share(bounded.value, None if bounded.low is None or bounded.high is None else (bounded.low, bounded.high))


def _share(share: float, interval: tuple[float, float] | None) -> str:
    low, high = interval or (share, share)
    return f"{share:.3f}" + (f" ({low:.2f} to {high:.2f})" if interval else f" ({UNDEFINED})")


def in_points(share: float, interval: tuple[float, float] | None) -> str:
    """A difference with its interval."""
    return f"{points(share)} ({ends(interval)})"


def counts(results: Sequence[TransferResult]) -> pd.DataFrame:
    """A row for each study, question and weights: how many pairs are told apart."""
    rows = []
    for result in results:
        for question, contrast in QUESTIONS.items():
            pairs = of_question(result.pairs, question)
            for weights in dict.fromkeys(result.models[pair.a].weights for pair in pairs):
                same = [pair for pair in pairs if result.models[pair.a].weights == weights]
                rows.append(
                    _counts(same) | {"trained and tested on": result.dataset} | _question(contrast.title, weights)
                )
    order = ["trained and tested on", "question", "weights", "pairs", "better", "worse", "not told apart"]
    return pd.DataFrame(rows, columns=[*order, "differences (points)"])


def _question(title: str, weights: str) -> dict[str, str]:
    return {"question": title, "weights": weights}


def _counts(pairs: Sequence[PairResult]) -> dict[str, str]:
    apart = [pair.difference.value > 0 for pair in pairs if pair.told_apart]
    values = sorted(pair.difference.value for pair in pairs)
    ranges = points(values[0]) if len(values) == 1 else f"{points(values[0])} to {points(values[-1])}"
    counts = {"pairs": len(pairs), "better": sum(apart), "worse": len(apart) - sum(apart)}
    counts["not told apart"] = len(pairs) - len(apart)
    return {name: str(count) for name, count in counts.items()} | {"differences (points)": ranges}


def sources(result: TransferResult) -> pd.DataFrame:
    """A row for each model that weights come from."""
    rows = []
    for each in result.sources:
        copies = {
            f"copies of {target}": ", ".join(f"{counted[kind]:,}" for kind in counted)
            for target, counted in each.copies.items()
        }
        row = {"source": f"`{each.name}`", "data set": " and ".join(each.datasets), "images": f"{each.images:,}"}
        row |= copies | {"left out": f"{each.left_out:,}", "classes": str(each.classes)}
        row |= {"trained on": f"{each.trained:,}", "validated on": f"{each.validated:,}"}
        rows.append(row | {"validation accuracy": f"{each.accuracy:.3f}"})
    return pd.DataFrame(rows)


def models(result: TransferResult) -> pd.DataFrame:
    """A row for each model of the study: the headline table."""
    return pd.DataFrame(
        {
            "model": f"`{name}`",
            "architecture": each.architecture,
            "weights": each.weights,
            "trained": each.trained,
            "test accuracy": value(each.accuracy),
        }
        for name, each in result.models.items()
    )


def pairs(result: TransferResult) -> pd.DataFrame:
    """A row for each pair, question by question."""
    return pd.DataFrame(
        {
            "question": contrast.title,
            "a": f"`{pair.a}`",
            "b": f"`{pair.b}`",
            "a less b (points)": in_points(pair.difference.value, (pair.difference.low, pair.difference.high)),
            "p by Holm": p_value(pair.holm_p),
            "told apart": "yes" if pair.told_apart else "no",
            "differ in other keys too": "; ".join(pair.also) or UNDEFINED,
        }
        for question, contrast in QUESTIONS.items()
        for pair in of_question(result.pairs, question)
    )


def curves(result: TransferResult) -> pd.DataFrame:
    """A row for each model: its accuracy with each number of training images."""
    heads = _heads(result.curves)
    return pd.DataFrame(
        {"model": f"`{name}`"}
        | {head: _share(each.accuracy, each.interval) for head, each in zip(heads, of, strict=True)}
        for name, of in result.curves.models.items()
    )


def differences(result: TransferResult) -> pd.DataFrame:
    """A row for each pretrained model and the one from random weights: the difference with each number of images."""
    heads = _heads(result.curves)
    return pd.DataFrame(
        {"pretrained": f"`{pair.models.a}`", "from random weights": f"`{pair.models.b}`"}
        | {head: in_points(each.value, each.interval) for head, each in zip(heads, pair.differences, strict=True)}
        for pair in result.curves.pairs
    )


def images_saved(result: TransferResult) -> pd.DataFrame:
    """A row for each such pair: how many images more the second model needs."""
    heads, largest = _heads(result.curves), result.curves.fractions[-1].images
    return pd.DataFrame(
        {"pretrained": f"`{pair.models.a}`", "from random weights": f"`{pair.models.b}`"}
        | {head: saved(each, largest) for head, each in zip(heads, pair.needed, strict=True)}
        for pair in result.curves.pairs
    )


def _heads(known: LearningCurves) -> list[str]:
    return [f"{each.images:,} images" for each in known.fractions]


def external(outside: External) -> pd.DataFrame:
    """A row for each model: accuracy inside, outside, and the drop."""
    return pd.DataFrame(
        {
            "model": f"`{each.model}`",
            f"accuracy on {outside.dataset}": value(each.internal["accuracy"]),
            f"accuracy on {outside.external}": value(each.external["accuracy"]),
            "drop (points)": drop(each.drop["accuracy"]),
            f"AUC on {outside.dataset}": value(each.internal["roc_auc"]),
            f"AUC on {outside.external}": value(each.external["roc_auc"]),
        }
        for each in outside.models
    )


def drop(bounded: Bounded) -> str:
    """A drop of a share with its interval, in points; a rise has a minus."""
    if bounded.low is None or bounded.high is None:
        return f"{signed(100 * bounded.value, 1)} ({UNDEFINED})"
    return in_points(bounded.value, (bounded.low, bounded.high))
