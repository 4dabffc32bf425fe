"""Scores on an external set that were never measured, for tests of what is said of them."""

from medtransfer.evaluation.external import CALIBRATION, SCORED
from medtransfer.store.external_records import Bounded, External, ScoredOutside


def around(value: float) -> Bounded:
    """An interval that reaches 0.05 to either side."""
    return Bounded(value, value - 0.05, value + 0.05)


def scored(model: str, drop: Bounded) -> ScoredOutside:
    """90 % right at home."""
    inside = dict.fromkeys((*SCORED, *CALIBRATION), around(0.9))
    outside = dict.fromkeys((*SCORED, *CALIBRATION), around(0.9 - drop.value))
    return ScoredOutside(model, inside, outside, dict.fromkeys(SCORED, drop), 1.5)


def external(drop: Bounded, own: dict[str, str] | None = None) -> External:
    """Of three models of the data set d on e, which has 30 images, 6 of them copies."""
    labels = {"ill": "ill", "well": "well"}
    models = [scored(name, drop) for name in ("cnn", "unet", "both")]
    return External("d", "e", ["ill", "well"], own or labels, {"sick": "ill", "well": "well"}, 30, 1, 2, 2, 1,
                    {"ill": 14, "well": 10}, 20, 4, 3, "mean", models)  # fmt: skip
