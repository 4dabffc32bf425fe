"""What is kept of a small study's run, so that docs/papers.md can be written from it."""

from dataclasses import dataclass

from medtransfer.store.interval import Interval


@dataclass(frozen=True)
class StudyResult:
    """One study on one split. A metric whose interval cannot be told is left out."""

    study: str
    dataset: str
    strategy: str  # of splitting
    development: int  # images
    images: int  # of the test set
    groups: int  # of the test set
    copies: int  # test images with a copy of their picture in development
    models: dict[str, dict[str, Interval]]  # by model and metric, on the test set
    sentences: list[str]  # of each two models
    epochs: dict[str, list[int]]  # that were kept, a fold each; of the models that are trained
