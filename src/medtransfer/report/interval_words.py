"""How the intervals of scores are made, in sentences."""

from collections.abc import Sequence

from medtransfer.evaluation.intervals import RESAMPLES
from medtransfer.evaluation.metrics import METRICS
from medtransfer.store.records import Evaluation

NO_SPREAD = (
    "Where every image is right, or every one wrong, resamples do not vary. A proportion of images then has Wilson's "
    "interval with a group counting as one image, and another score has none: a dash."
)
NO_SPREAD_OF_FOLDS = "Where resamples do not vary, as where every image is right, a score has no interval: a dash."
MEANING = (
    "An interval covers the choice of the test images: other groups, drawn in the same way. It does not cover another "
    "training, another split, or images of another source. The best of several models is chosen on these same images, "
    "so its score is a little too high."
)


def made(evaluation: Evaluation) -> Sequence[str]:
    """Of one model's test scores; all models have the same test images."""
    images, groups = evaluation.images, evaluation.groups
    proportions = ", ".join(metric.title for metric in METRICS.values() if metric.proportion)
    by_chance = ", ".join(metric.title for metric in METRICS.values() if metric.raised_by_chance)
    drawn = (
        f"is drawn with replacement, {RESAMPLES:,} times, and the interval reaches from the 2.5th to the 97.5th "
        "percentile"
    )
    if images > groups:
        what = (
            f"The {images} test images are of {groups} groups: the images of a patient, or a picture with its copies "
            f"and look-alikes. Images of one group tend to be right or wrong together, so a group as a whole {drawn} "
            "(group bootstrap; Field and Welsh 2007)."
        )
    elif evaluation.tested == "folds":
        what = f"Each of the {images} test images is a group of its own, and {drawn} (group bootstrap)."
    else:
        what = (
            f"Each of the {images} test images is a group of its own. Proportions of images ({proportions}) have "
            f"Wilson's interval (1927). For every other score an image {drawn} (group bootstrap)."
        )
    chance = (
        f"Few images alone make these larger: {by_chance}. Their interval is the basic bootstrap's (Davison and "
        "Hinkley 1997), which allows for that."
    )
    return [what, chance, NO_SPREAD_OF_FOLDS if evaluation.tested == "folds" else NO_SPREAD, MEANING]
