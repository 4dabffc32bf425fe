"""Labels of two sets are put together by `as` in the catalogue, whichever set is finer; others are refused at once."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from medtransfer.settings import resolved_external
from medtransfer.settings.errors import UserError
from medtransfer.settings.external import CommonLabels, common_labels
from medtransfer.settings.load import Settings, load
from medtransfer.store.formats import record
from tests.conftest import ROOT
from tests.data.archives import entry
from tests.plain_study import plain
from tests.settings.test_unions import kinds

FINE = {"glioma": "tumour", "meningioma": "tumour", "none": "healthy"}
COARSE = {"healthy": "healthy", "tumour": "tumour"}
SETS = {
    "fine": kinds(),
    "coarse": entry(),
    "cells": entry(classes={"a": ["a/*"], "b": ["b/*"]}, positive="a", healthy="b"),
    "ill": entry(classes={"x": ["x/*"], "y": ["y/*"]}, positive="x", healthy=None, **{"as": {"tumour": ["x", "y"]}}),
}


def test_finer_classes_become_the_coarser_labels_on_either_side() -> None:
    assert common_labels("coarse", "fine", SETS) == CommonLabels("coarse", COARSE, FINE)
    assert common_labels("fine", "coarse", SETS) == CommonLabels("coarse", FINE, COARSE)
    assert common_labels("coarse", "same", SETS | {"same": entry()}) == CommonLabels("coarse", COARSE, COARSE)


@pytest.mark.parametrize(
    ("active", "external", "message"),
    [
        (
            "fine",
            "cells",
            r"study\.external: models of fine .* on cells, .*write under `as` of fine .*or leave cells out",
        ),
        ("cells", "fine", r"fine: glioma, meningioma, none are none of .*: as: \{a: \[\.\.\.\], b: \[\.\.\.\]\}"),
        ("coarse", "cells", r"write under `as` of cells"),
        (
            "coarse",
            "ill",
            r"no class of ill is the healthy of coarse: name a set with all of healthy, tumour, or leave",
        ),
        ("fine", "fine", r"study\.external: fine is the active data set itself"),
    ],
)
def test_labels_that_do_not_fit_are_refused_with_what_to_write(active: str, external: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        common_labels(active, external, SETS)
    assert "\n" not in str(caught.value)


def test_catalogue_scores_sartaj_on_navoneel_and_the_stage_gets_the_classes_in_their_order(tmp_path: Path) -> None:
    settings = load(ROOT)
    params = settings.params.model_copy(update={"dataset": "sartaj"})
    external = resolved_external.external(Settings(params, settings.datasets, {}, {}), "navoneel")
    assert list(external.own) == list(settings.datasets["sartaj"].classes)
    assert set(external.own.values()) == {"healthy", "tumour"}
    assert (external.labels.names, external.labels.positive) == (["healthy", "tumour"], "tumour")
    file, written = tmp_path / "external.json", record(resolved_external.External)
    written.write(file, external)
    assert written.read(file) == external
    assert list(written.read(file).own) == list(external.own)


def test_check_refuses_an_external_set_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "catalog").symlink_to(ROOT / "catalog")
    yaml = YAML(typ="safe")
    params = yaml.load(ROOT / "params.yaml")
    plain(params)
    params["study"] |= {"other_datasets": ["leukemia"], "external": ["leukemia"]}
    with (tmp_path / "params.yaml").open("w") as stream:
        yaml.dump(params, stream)
    with pytest.raises(UserError, match=r"models of phantom cannot be scored on leukemia"):
        load(tmp_path)
