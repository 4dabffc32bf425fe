"""What the results are for, what they rest on, and what they do not show."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from medtransfer.evaluation.shares import wilson
from medtransfer.report.blocks import Facts, Items, Notice, Paragraph, Section, Subsection
from medtransfer.report.limits import INTENDED, Basis, limits
from medtransfer.report.page import NOT_A_DEVICE
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.store.partitions import DEVELOPMENT, TEST

ORDER = 800


def section(store: Store, settings: ReportSettings) -> Section:
    """Intended use, numbers, and the limits that hold for this study."""
    basis = _basis(store, settings)
    parts = [
        Subsection("What the numbers rest on", [Facts(_facts(store.split(settings.dataset).read(), settings))]),
        Subsection("What may not be concluded", [Items(limits(basis))]),
    ]
    return Section("Limits and intended use", "limits", [Notice(NOT_A_DEVICE), Paragraph(INTENDED), *parts])


def _facts(split: pd.DataFrame, settings: ReportSettings) -> dict[str, str]:
    sets = {"held-out test set": TEST, "development set": DEVELOPMENT}
    counted = {}
    for title, name in sets.items():
        rows = split[split["partition"] == name]
        counted[title] = (
            f"{len(rows)} images of {rows['picture'].nunique()} pictures and {rows['group'].nunique()} groups"
        )
    folds = settings.params.split.folds
    each = f"in {folds} folds" if folds > 1 else "once"
    return counted | {"models": f"{len(settings.trained)}, each trained {each}, seed {settings.params.seed}"}


def _basis(store: Store, settings: ReportSettings) -> Basis:
    dataset, params = settings.dataset, settings.params
    split, index = store.split(dataset).read(), store.prepared(dataset).index.read()
    audit, stated = store.leakage(dataset).read(), store.settings_of_dataset(dataset).card.read().provenance
    test = split[split["partition"] == TEST]
    by_class = test.groupby("label")["group"].nunique()
    named = (index["patient"] != "").mean()
    groups, shape = test["group"].nunique(), store.prepared(dataset).images.read().shape
    interval = wilson(round(0.8 * groups), groups)
    recipes = [store.settings_of_model(name).model.read().recipe for name in settings.trained]
    return Basis(
        synthetic=store.origin(dataset).read().source["kind"] in ("phantom", "shapes"),
        images=audit["images"],
        pictures=audit["pictures"],
        patients="all" if named == 1 else "some" if named else "none",
        rejected=len(store.prepared(dataset).rejected.read()),
        conflicting=audit["conflicting_images"],
        conflicts=params.split.conflicting_labels,
        strategy=params.split.strategy,
        test_images=len(test),
        test_groups=groups,
        leaking=_leaking(audit["strategies"].get(params.split.strategy, {})),
        smallest_class=str(by_class.idxmin()),
        smallest_groups=int(by_class.min()),
        width=100 * (interval.high - interval.low),
        folds=params.split.folds,
        seed=params.seed,
        pretrained=any(recipe.backbone.weights is not None for recipe in recipes),
        outlines=any(scores.images for scores in store.explained(dataset, settings.headline).scores.read()),
        annotators=stated.annotators is not None,
        consent=stated.consent is not None,
        external=" and ".join(params.study.external),
        pixels=f"{shape[1]} × {shape[2]}",
    )


def _leaking(counts: Mapping[str, Any]) -> int:
    """Test images with a copy in development, or else with another image of their patient; 0 where not audited."""
    return sum(counts.get(kind) or 0 for kind in ("exact", "near", "turned", "patient_alone"))
