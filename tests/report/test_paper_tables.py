"""What papers print besides results."""

import pandas as pd
import pytest

from medtransfer.report.paper_tables import images_against_ours, literature, names_of_models, our_images
from medtransfer.settings.load_reported import load_reported
from tests.conftest import ROOT

PAPERS = load_reported(ROOT)


def split(*parts: tuple[str, int, int]) -> pd.DataFrame:
    """Rows of a partition and a fold, as many as the number says."""
    rows = [(partition, fold) for partition, fold, count in parts for _ in range(count)]
    return pd.DataFrame(rows, columns=["partition", "fold"])


def test_parts_of_a_cross_validation_are_those_of_one_fold_from_the_least_to_the_most() -> None:
    table = split(("test", -1, 5), ("development", 0, 6), ("development", 1, 8), ("development", 2, 7))
    assert our_images(table) == {"training": "13 to 15", "validation": "6 to 8", "test": "5", "total": "26"}


def test_what_is_left_out_is_in_the_total_and_has_a_row() -> None:
    ours = our_images(
        split(("test", -1, 1263), ("development", 0, 1260), ("development", -1, 6088), ("dropped", -1, 2))
    )
    table = images_against_ours(PAPERS["vardhan2023"], ours, "leukemia")
    assert table[["images", "paper", "ours"]].to_numpy().tolist() == [
        ["training", "6090", "6088"],
        ["validation", "1260", "1260"],
        ["test", "1263", "1263"],
        ["total", "8613", "8613"],
        ["left out", "–", "2"],
    ]


def test_a_set_that_was_not_split_here_has_the_paper_s_counts_alone() -> None:
    table = images_against_ours(PAPERS["rafiq2022"], None, "figshare_mat")  # the same images as figshare
    assert table["paper"].tolist() == ["2452", "420", "192", "3064"]
    assert set(table["ours"]) == {"–"}
    assert images_against_ours(PAPERS["efficientnet2025"], None, "sartaj").empty


@pytest.mark.parametrize("name", PAPERS)
def test_all_that_a_paper_quotes_and_every_name_is_there(name: str) -> None:
    paper = PAPERS[name]
    table = literature(paper)
    assert len(table) == len(paper.literature)
    if len(table):
        assert table["accuracy"].astype(float).tolist() == [work.accuracy for work in paper.literature]
    every = [names_of_models(paper, dataset) for dataset in paper.datasets]
    assert {model for names in every for model in names} == {result.model for result in paper.results}
    if name == "liaqat2024":
        assert every[0]["liaqat_vgg16_imagenet"] == "VGG16; VGG16 Pretrained"
