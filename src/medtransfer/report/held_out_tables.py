"""The comparison on the held-out images as tables: a row for each pair of models."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from medtransfer.comparison.held_out import HeldOutPair
from medtransfer.comparison.mcnemar import OddsRatio
from medtransfer.comparison.significance import below_level
from medtransfer.comparison.summary import MetricDifference
from medtransfer.evaluation.metrics import METRICS
from medtransfer.report.blocks import with_detail
from medtransfer.report.numbers import UNDEFINED, or_dash, p_value, points, signed

PAIR = "models"


def pair(a: str, b: str) -> Markup:
    """What heads a row: the first model, and below it the one that is subtracted."""
    return with_detail(a, f"− {b}")


def accuracy(pairs: Sequence[HeldOutPair]) -> pd.DataFrame:
    """The difference in accuracy by groups, in points, and the one that would have been seen."""
    return pd.DataFrame(
        [
            {
                PAIR: pair(each.a, each.b),
                "difference (points)": points(each.accuracy.difference.value),
                "95 % interval": f"{points(each.accuracy.difference.low)} to {points(each.accuracy.difference.high)}",
                "p": p_value(each.accuracy.p),
                "p by Holm": p_value(each.accuracy_holm_p),
                # Rounded up, so that the power holds.
                "detectable (points)": or_dash(_tenths_up(each.detectable.difference), ".1f"),
            }
            for each in pairs
        ]
    )


def _tenths_up(share: float | None) -> float | None:
    return None if share is None else -(-share * 1000 // 1) / 10


def discordant(pairs: Sequence[HeldOutPair]) -> pd.DataFrame:
    """McNemar's test: the images that one of two models alone gets right."""
    return pd.DataFrame(
        [
            {
                PAIR: pair(each.a, each.b),
                "first alone": str(each.mcnemar.only_a),
                "second alone": str(each.mcnemar.only_b),
                "exact p": p_value(each.mcnemar.exact_p),
                "mid-p": p_value(each.mcnemar.mid_p),
                "p by Holm": p_value(each.mcnemar_holm_p),
                **_odds_ratio(each.odds_ratio),
            }
            for each in pairs
        ]
    )


def _odds_ratio(ratio: OddsRatio | None) -> dict[str, str]:
    if ratio is None:  # no discordant image
        return {"odds ratio": UNDEFINED, "95 % interval": UNDEFINED}
    return {"odds ratio": _odds(ratio.value), "95 % interval": f"{ratio.low:.2f} to {_odds(ratio.high)}"}


def _odds(value: float | None) -> str:
    """Without a bound where the second model alone is right on no image, or may be on none."""
    return "∞" if value is None else f"{value:.2f}"


def areas(pairs: Sequence[HeldOutPair]) -> pd.DataFrame:
    """DeLong's test of the areas under the ROC curves."""
    return pd.DataFrame(
        [
            {
                PAIR: pair(each.a, each.b),
                "AUC of the first": f"{each.auc.a:.3f}",
                "of the second": f"{each.auc.b:.3f}",
                "difference": signed(each.auc.difference),
                "95 % interval": _ends(each.auc.interval),
                "p": p_value(each.auc.p),
                "p by Holm": p_value(each.auc_holm_p),
            }
            for each in pairs
        ]
    )


def metrics(differences: Sequence[MetricDifference]) -> pd.DataFrame:
    """A column for each metric: the difference, its interval below, and a star where p by Holm is below 0.05."""
    rows: dict[tuple[str, str], dict[str, Markup]] = {}
    for each in differences:
        star = "*" if below_level(each.holm_p) else ""
        cell = with_detail(signed(each.difference) + star, _ends(each.interval))
        row = rows.setdefault((each.a, each.b), {PAIR: pair(each.a, each.b)})
        row[METRICS[each.metric].title if each.metric in METRICS else each.metric] = cell
    return pd.DataFrame(list(rows.values()))


def _ends(interval: tuple[float, float] | None) -> str:
    return UNDEFINED if interval is None else f"{signed(interval[0])} to {signed(interval[1])}"
