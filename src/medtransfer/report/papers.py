"""What a paper prints beside what was measured here: side by side, never mixed."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from medtransfer.report.tables import SCORES, UNDEFINED
from medtransfer.schema.reported import Reported, Result

NOT_RUN = "not run"
TITLES = SCORES | {"precision": "precision", "recall": "recall", "loss": "loss (nats)"}
OUR_NAMES = {"recall": "sensitivity"}  # for metrics that have two names
COLUMNS = ["model", "metric", "paper", "ours", "difference", "printed in"]


def paper_against_ours(reported: Reported, measured: Mapping[str, dict[str, Any]], dataset: str) -> pd.DataFrame:
    """A row per score on the test set of `dataset` that a paper prints, and what the same model scores here.

    `measured` maps a model to the content of its metrics file (`classes`, `test`). Shares 0..1; the difference is
    ours less the paper's. `ours` is "not run" where the model was not, and a dash where this score is not measured.
    """
    rows = []
    for result in reported.results:
        if not result.tested or result.dataset != dataset:
            continue
        for metric, printed in result.metrics.items():
            content = measured.get(result.model)
            score = None if content is None else _score(content, result, metric)
            absent = NOT_RUN if content is None else UNDEFINED
            of_class = f", {result.label}" if result.label else ""
            row = {"model": result.model, "metric": TITLES[metric] + of_class, "paper": f"{printed:.3f}"}
            row |= {"ours": absent if score is None else f"{score:.3f}"}
            row |= {"difference": UNDEFINED if score is None else f"{score - printed:+.3f}"}
            rows.append(row | {"printed in": result.source})
    return pd.DataFrame(rows, columns=COLUMNS)


def _score(content: dict[str, Any], result: Result, metric: str) -> float | None:
    test = content["test"]
    if result.label is not None:
        if result.label not in content["classes"]:
            return None
        test = test["per_class"][content["classes"].index(result.label)]
    return test.get(OUR_NAMES.get(metric, metric))
