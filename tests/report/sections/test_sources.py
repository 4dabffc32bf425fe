"""Sources of weights: what they were trained on, what was left out, and what each model takes over."""

from dataclasses import replace

import pandas as pd

from medtransfer import store
from medtransfer.report.blocks import TableBlock
from medtransfer.report.sections.sources import section
from medtransfer.report.settings import ReportSettings
from medtransfer.settings.resolved import SourceSettings
from tests.conftest import tiny_recipe

PARTS = ["development", "development", "validation", "validation", "dropped"]


def with_source(settings: ReportSettings) -> ReportSettings:
    """The model `cnn` starts from a source with one image left out, and one of two validated ones right."""
    recipe = tiny_recipe("simple_cnn")
    store.settings_of_source("large-m").write(
        SourceSettings(datasets=("large",), recipe=recipe, weights={"weights": None}, healthy=None)
    )
    rows = {"dataset": "large", "id": list("abcde"), "label": list("xyxyx"), "group": list("abcde"), "partition": PARTS}
    store.source_rows("large-m").write(pd.DataFrame(rows))
    counted = {"d": {"images": 5, "exact": 0, "near": 0, "turned": 1}}
    store.left_out_of_sources().write({"large-m": {"datasets": {"large": counted}, "left_out": {"large": 1}}})
    logits = {"actual": ["x", "y"], "logit: x": [2.0, 1.0], "logit: y": [1.0, 0.0]}
    store.source_model("large-m").validation.write(pd.DataFrame({"id": ["c", "d"], "fold": 0} | logits))
    training = store.trained(settings.dataset, "cnn").training
    weights = {"weights": "source", "file": "large-m", "sha256": "0" * 64, "loaded": "conv_1", "new": "logits"}
    training.write(replace(training.read(), weights=weights))
    study = settings.params.study.model_copy(update={"sources": ("large-m",), "other_datasets": ("large",)})
    return replace(settings, params=settings.params.model_copy(update={"study": study}))


def test_study_without_sources_has_no_section(settings: ReportSettings) -> None:
    assert section(store, settings) is None


def test_source_and_what_models_take_over_are_shown(settings: ReportSettings) -> None:
    shown = section(store, with_source(settings))
    assert shown is not None
    sources, layers = shown.blocks
    assert isinstance(sources, TableBlock)
    assert isinstance(layers, TableBlock)
    assert sources.frame.iloc[0].to_dict() == {
        "source": "large-m",
        "data set": "large",
        "classes": 2,
        "images": 5,
        "left out": 1,
        "trained on": 2,
        "validation accuracy": "0.500",
    }
    assert "of an image of d." in sources.caption
    assert "large-m: simple_cnn from random weights" in sources.caption
    assert layers.frame.to_numpy().tolist() == [["cnn", "large-m", "conv_1", "logits"]]
