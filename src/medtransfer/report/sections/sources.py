"""The models of other data sets that some of the study's models start from."""

from typing import Any

import pandas as pd

from medtransfer.report.blocks import Block, Section, TableBlock
from medtransfer.report.recipe import recipe_in_words
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store.partitions import DEVELOPMENT

ORDER = 630
SOURCES = (
    "Models that are trained on other data sets. Left out: images that are a copy, in any orientation, of an image of "
    "{targets}. Validation accuracy is of a tenth of the other images, by patients where they are known; no number of "
    "the study follows from it. {recipes}"
)
LAYERS = (
    "What each model takes over: layers of the same name and the same shapes. New layers begin with random weights; "
    "the head always does. A first kernel of one channel is spread over three, or three are added up to one, so that "
    "a grey image gives the same features."
)


def section(store: Store, settings: ReportSettings) -> Section | None:
    """A row for each source, and one for each model that starts from one; None where the study has no source."""
    if not (sources := settings.params.study.sources):
        return None
    left_out = store.left_out_of_sources().read()
    rows = pd.DataFrame(_row(store, source, left_out[source]) for source in sources)
    targets = [settings.dataset, *settings.params.study.external]
    recipes = [f"{source}: {recipe_in_words(store.settings_of_source(source).read().recipe)}" for source in sources]
    caption = SOURCES.format(targets=" and ".join(targets), recipes=" ".join(recipes))
    blocks: list[Block] = [TableBlock(rows, caption)]
    taken = [
        (model, weights["file"], weights["loaded"], weights["new"])
        for model in settings.trained
        if (weights := store.trained(settings.dataset, model).training.read().weights).get("weights") == "source"
    ]
    if taken:
        frame = pd.DataFrame(taken, columns=["model", "source", "layers taken over", "new layers"])
        blocks.append(TableBlock(frame, LAYERS))
    return Section("Sources of weights", "sources", blocks)


def _row(store: Store, source: str, left_out: dict[str, Any]) -> dict[str, object]:
    rows = store.source_rows(source).read()
    validation = store.source_model(source).validation.read()
    logits = validation.filter(like="logit: ")
    predicted = logits.columns.str.removeprefix("logit: ").to_numpy()[logits.to_numpy().argmax(axis=1)]
    return {
        "source": source,
        "data set": " and ".join(left_out["datasets"]),
        "classes": rows["label"].nunique(),
        "images": len(rows),
        "left out": sum(left_out["left_out"].values()),
        "trained on": int((rows["partition"] == DEVELOPMENT).sum()),
        "validation accuracy": f"{(predicted == validation['actual']).mean():.3f}",
    }
