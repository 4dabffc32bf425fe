"""Every study splits its data set into just as many images as its paper says, where the paper says it.

On made-up rows with the catalogue's counts: no image is damaged, none has a copy, none is under two labels.
"""

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from medtransfer.data.split.split import split
from medtransfer.settings.load import load
from medtransfer.settings.load_reported import load_reported
from medtransfer.settings.params import Params
from medtransfer.store.partitions import DEVELOPMENT, TEST
from tests.conftest import ROOT

STUDIES = {
    path.stem: Params.model_validate(YAML(typ="safe").load(path))
    for path in sorted((ROOT / "studies").glob("*.yaml"))
    if not path.stem.startswith(("small-", "transfer-"))  # which may be of another data set or split than the paper
}
DATASETS = load(ROOT).datasets
PRINTED = {images.dataset: images for paper in load_reported(ROOT).values() for images in paper.images}
# Of the sets' own test part, which the catalogue does not count by class.
SHIPPED = {
    "nickparvar": {"glioma": 300, "meningioma": 306, "notumor": 405, "pituitary": 300},
    "sartaj": {"glioma": 100, "meningioma": 115, "no_tumour": 105, "pituitary": 74},
}
# No paper prints the counts of the leukaemia set's classes. C-NMC 2019, which its cells are of, has two ALL to one HEM.
UNCOUNTED = {"ALL": 2, "HEM": 1}


def counted(dataset: str) -> dict[str, int]:
    """Images of each class."""
    entry = DATASETS[dataset]
    if isinstance(entry.expected, dict):
        return entry.expected
    assert isinstance(entry.expected, int)
    assert set(entry.classes) == set(UNCOUNTED)
    return {label: entry.expected * share // sum(UNCOUNTED.values()) for label, share in UNCOUNTED.items()}


def rows(dataset: str) -> pd.DataFrame:
    """An index of as many images of each class as the catalogue has."""
    counts = counted(dataset)
    index = pd.DataFrame({"label": np.repeat(list(counts), list(counts.values()))})
    index["id"] = [f"i{number:05d}" for number in index.index]
    index["shipped"] = ""
    for label, count in SHIPPED.get(dataset, {}).items():
        index.loc[index["label"] == label, "shipped"] = ["test"] * count + ["train"] * (counts[label] - count)
    return index


def sizes(study: str) -> tuple[int, int, int]:
    """Images to train, to validate in the first fold, to test."""
    params = STUDIES[study]
    index = rows(params.dataset)
    table = split(index, index["id"], params.split, params.seed)
    development = table["partition"] == DEVELOPMENT
    validation = int((table["fold"] == 0).sum())
    return int(development.sum()) - validation, validation, int((table["partition"] == TEST).sum())


@pytest.mark.parametrize("study", [study for study, params in STUDIES.items() if params.dataset in PRINTED])
def test_as_many_images_as_the_paper_has(study: str) -> None:
    printed = PRINTED[STUDIES[study].dataset]
    wanted = (printed.train, printed.validation, printed.test)
    assert tuple(None if want is None else have for have, want in zip(sizes(study), wanted, strict=True)) == wanted


def test_papers_that_print_shares_or_a_confusion_matrix() -> None:
    assert sizes("liaqat2024") == (3220, 690, 690)  # 70, 15 and 15 % of 4600
    assert sizes("efficientnet2025")[2] == 394  # the sum of its matrix
    assert sum(sizes("efficientnet2025")) == 3264


def test_no_study_is_left_out() -> None:
    printed = {study for study, params in STUDIES.items() if params.dataset in PRINTED}
    assert printed | {"liaqat2024", "efficientnet2025"} == set(STUDIES)
