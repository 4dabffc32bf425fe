"""A study without sources, external sets and fractions, for tests that ask something else."""

from typing import Any

STUDY: dict[str, Any] = {
    "other_datasets": [],
    "sources": [],
    "external": [],
    "fractions": [],
    "draws": 1,
    "models": ["simple_cnn", "vgg16", "resnet50v2", "mobilenetv2"],
    "ensembles": [],
}


def plain(params: dict[str, Any]) -> None:
    """Make it that of a params file's content."""
    params |= {"model": "simple_cnn", "study": STUDY | {}}
    params["split"] |= {"test_fraction": 0.2, "folds": 3}
