"""How much a test set of a given size can tell: the interval that an accuracy has, before any model is tested."""

import pandas as pd

from medtransfer.evaluation.shares import wilson

ACCURACIES = (0.5, 0.8, 0.95)


def widths(independent: int) -> pd.DataFrame:
    """A row for each of three accuracies, as near as so many independent cases (1 or more) come to it."""
    rows = []
    for accuracy in ACCURACIES:
        right = round(accuracy * independent)
        interval = wilson(right, independent)
        rows.append(
            {
                "accuracy": f"{interval.value:.0%}",
                "right": f"{right} of {independent}",
                "95 % interval": f"{interval.low:.0%} to {interval.high:.0%}",
                "width": f"{100 * (interval.high - interval.low):.0f}",
            }
        )
    return pd.DataFrame(rows)
