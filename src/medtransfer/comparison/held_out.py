"""All that the held-out images say of each two models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numpy.typing import NDArray

from medtransfer.comparison.delong import DeLong, delong
from medtransfer.comparison.detectable import Detectable, detectable_on_images
from medtransfer.comparison.effects import AccuracyDifference, accuracy_difference
from medtransfer.comparison.families import holm, pairs_of
from medtransfer.comparison.mcnemar import Cochran, McNemar, OddsRatio, cochrans_q, mcnemar, odds_ratio
from medtransfer.comparison.rows import HeldOut, refuse_other_rows
from medtransfer.comparison.significance import LEVEL


@dataclass(frozen=True)
class HeldOutPair:
    """Two models on the same held-out images; p by Holm is for the family of all pairs that were compared."""

    a: str
    b: str
    accuracy: AccuracyDifference
    accuracy_holm_p: float | None
    mcnemar: McNemar
    mcnemar_holm_p: float | None  # of the mid-p
    odds_ratio: OddsRatio | None  # None where the models are right on the same images
    auc: DeLong
    auc_holm_p: float | None
    detectable: Detectable  # at 0.05 over the number of pairs


@dataclass(frozen=True)
class HeldOutComparison:
    """All pairs, or each model against the baseline."""

    cochran: Cochran  # of all models
    pairs: list[HeldOutPair]


def compare_held_out(
    models: Mapping[str, HeldOut], groups: NDArray, classes: Sequence[int], baseline: str | None = None
) -> HeldOutComparison:
    """Every test of the held-out images; `groups` names the group of each, AUC is the mean over `classes`.

    Raises UserError for fewer than two models, for models scored on different rows, and for a class without AUC.
    """
    pairs = pairs_of(models, baseline)
    refuse_other_rows(models)
    right = [(models[a].right, models[b].right) for a, b in pairs]
    accuracy = [accuracy_difference(a, b, groups) for a, b in right]
    discordant = [mcnemar(a, b, groups) for a, b in right]
    areas = [
        delong(models[a].actual, models[a].probabilities, models[b].probabilities, classes, groups) for a, b in pairs
    ]
    corrected = zip(
        holm([each.p for each in accuracy]),
        holm([each.mid_p for each in discordant]),
        holm([each.p for each in areas]),
        strict=True,
    )
    return HeldOutComparison(
        cochrans_q({name: model.right for name, model in models.items()}, groups),
        [
            HeldOutPair(
                *names, accuracy[n], holm_p[0], discordant[n], holm_p[1],
                odds_ratio(discordant[n].only_a, discordant[n].only_b), areas[n], holm_p[2],
                detectable_on_images(*right[n], groups, LEVEL / len(pairs)),
            )
            for n, (names, holm_p) in enumerate(zip(pairs, corrected, strict=True))
        ],
    )  # fmt: skip
