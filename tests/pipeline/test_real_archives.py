"""The real archives, through the real Kaggle client and real DVC, give the numbers that are known of them."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from medtransfer.report import markdown
from medtransfer.report.leakage import audit_table
from medtransfer.report.readme import page
from tests.conftest import ROOT
from tests.independent_measure import thumbnails, torn_pairs
from tests.kaggle_stand_in import SCRIPT, stand_in
from tests.plain_study import plain
from tests.project_clone import clone

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not SCRIPT.is_file(), reason="needs the real archives in ../shared"),
]
# Images of each class, groups of identical grey pixels, and those of them that the set's own split tears apart.
KNOWN = {
    "br35h": ({"healthy": 1500, "tumour": 1500}, 1, None),
    "sartaj": (
        {"glioma": 926, "meningioma": 937, "no_tumour": 500, "pituitary": 901},
        300,
        208,
    ),  # 213, but for those of pictures under two labels
    "navoneel": ({"healthy": 98, "tumour": 155}, 22, None),
}
MODEL = "mobilenetv2_imagenet"
# Of the smallest set, everything up to the scores of a model with real ImageNet weights.
LAST = {"navoneel": f"evaluate@navoneel-{MODEL}"}
SHARED = ROOT.parent / "shared"
BR35H = SHARED / "kaggle/ahmedhamada0/brain-tumor-detection.zip"
SURE = 0.99  # correlation of thumbnails above which two images are one picture


def choose(params: dict[str, Any], dataset: str) -> None:
    """One model on the data set, in a study without what else the default one has."""
    plain(params)
    params |= {"dataset": dataset, "model": MODEL, "study": params["study"] | {"models": [MODEL]}}
    params["prepare"]["image_size"] = 96


@pytest.mark.parametrize(
    "dataset", [pytest.param(name, marks=[pytest.mark.slow] * (name != "navoneel")) for name in KNOWN]
)
def test_archive_becomes_a_split_that_tears_no_copy_apart(tmp_path: Path, dataset: str) -> None:
    counts, exact_groups, across = KNOWN[dataset]
    with stand_in() as environment:  # not for longer than it takes: other tests wait for its port
        made = clone(tmp_path, **environment)
        made.forget_other_stages()
        made.edit("params.yaml", lambda content: choose(content, dataset))
        made.edit("catalog/models.yaml", lambda content: content[MODEL]["training"].update(epochs=8))
        made.dvc("repro", "download")
    printed = made.dvc("repro", LAST.get(dataset, "split"))
    assert "warning" not in printed, "another number of images than the catalogue expects"
    index = pd.read_csv(tmp_path / f"data/prepared/{dataset}/index.csv")
    assert index["label"].value_counts().to_dict() == counts
    assert index["id"].is_unique
    images = np.load(tmp_path / f"data/prepared/{dataset}/images.npy", mmap_mode="r")
    assert len(images) == len(index)
    audit = json.loads((tmp_path / f"metrics/leakage/{dataset}.json").read_text())
    assert audit["exact_groups"] == exact_groups
    assert audit["strategies"].get("shipped", {}).get("exact_groups") == across
    published = markdown.rows_between((ROOT / page("leakage")).read_text(), "leakage")
    published = published.query(f"`data set` == '{dataset}'")
    pd.testing.assert_frame_equal(published.reset_index(drop=True), audit_table(audit), check_dtype=False)
    assert audit["strategies"]["random"]["near"] > 0
    if dataset == "br35h":
        assert audit["strategies"]["random"]["turned"] > 0
        with np.load(tmp_path / "data/prepared/br35h/masks.npz") as masks:
            assert len(masks["ids"]) == 801
            assert masks["masks"].any(axis=(1, 2)).all()
    if dataset == "navoneel":
        origin = json.loads((tmp_path / "data/raw/navoneel.json").read_text())
        assert origin["source"]["slug"] == "navoneel/brain-mri-images-for-brain-tumor-detection"
        scores = json.loads((tmp_path / "metrics/navoneel/mobilenetv2_imagenet.json").read_text())
        assert np.mean([fold["validation"]["accuracy"] for fold in scores["folds"]]) > 0.7  # the larger class has 0.61
    split = pd.read_csv(tmp_path / f"data/splits/{dataset}.csv")
    assert_nothing_torn_by_the_independent_measure(tmp_path / f"data/raw/{dataset}.zip", split)


def test_share_of_the_set_with_most_copies_is_split_without_tearing_one_apart(tmp_path: Path) -> None:
    """Every twentieth image of Br35H; the whole set is tried by `make slow`."""
    share = tmp_path / "share.zip"
    with zipfile.ZipFile(BR35H) as archive, zipfile.ZipFile(share, "w") as part:
        for name in sorted(archive.namelist()):
            number = re.fullmatch(r"(yes|no)/\D*(\d+)\.jpg", name)
            if number and int(number[2]) % 20 == 0:
                part.writestr(name, archive.read(name))
    made = clone(tmp_path / "project")
    made.edit("params.yaml", lambda content: choose(content, "br35h"))
    made.forget_other_stages()
    source = {"kind": "local", "path": str(share)}
    made.edit("catalog/datasets.yaml", lambda content: content["br35h"].update(source=source, outlines=None))
    made.dvc("repro", "split")
    split = pd.read_csv(made.path / "data/splits/br35h.csv")
    assert 125 < len(split) < 175
    assert_nothing_torn_by_the_independent_measure(share, split)


def assert_nothing_torn_by_the_independent_measure(archive: Path, split: pd.DataFrame) -> None:
    small = thumbnails(archive, split["id"].tolist())
    test, development = (np.flatnonzero(split["partition"] == part) for part in ("test", "development"))
    assert torn_pairs(small, test, development, SURE).empty
    for fold in range(3):
        inside = np.flatnonzero((split["partition"] == "development") & (split["fold"] == fold))
        assert torn_pairs(small, inside, np.setdiff1d(development, inside), SURE).empty
    # as `random` would split: the measure does find copies
    shuffled = [np.random.default_rng(seed).permutation(len(split)) for seed in range(8)]
    torn = [len(torn_pairs(small, rows[: len(test)], rows[len(test) :], SURE)) for rows in shuffled]
    assert np.mean(torn) > 10
