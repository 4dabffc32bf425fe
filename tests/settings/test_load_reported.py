"""The papers' numbers, as they print them, and what can be computed from them."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from medtransfer.settings.datasets import Dataset
from medtransfer.settings.errors import UserError
from medtransfer.settings.files import DATASETS, MODELS
from medtransfer.settings.load import catalogue
from medtransfer.settings.load_reported import REPORTED, check_reported, load_reported
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.reported import Result
from tests.conftest import ROOT

PAPERS = load_reported(ROOT)
SETS = catalogue(Dataset, ROOT / DATASETS)
PRINTED = YAML(typ="safe").load(ROOT / REPORTED)


def results(study: str, **wanted: Any) -> list[Result]:  # noqa: ANN401
    return [
        result
        for result in PAPERS[study].results
        if all(getattr(result, key) == value for key, value in wanted.items())
    ]


def on_test(study: str, **wanted: Any) -> Result:  # noqa: ANN401
    """The first test result that is so."""
    return next(result for result in results(study, part="test", fold=None, statistic=None, **wanted))


def test_every_model_has_a_recipe() -> None:
    recipes = catalogue(Recipe, ROOT / MODELS)
    named = {result.model for paper in PAPERS.values() for result in paper.results}
    named |= {timing.model for paper in PAPERS.values() for timing in paper.timings}
    named |= {model for paper in PAPERS.values() for gain in paper.differences for model in (gain.a, gain.b)}
    assert not named - recipes.keys()


def test_scores_are_shares_and_sources_are_named() -> None:
    for paper in PAPERS.values():
        for result in paper.results:
            assert result.source.startswith(("Table", "Section", "Abstract", "Key Findings", "VGG", "Inc", "Res"))
            assert all(0 <= value <= 1 for name, value in result.metrics.items() if name != "loss")


def test_jardims_table_adds_up_but_for_its_sensitivities() -> None:
    for model in ("jardim_cnn", "jardim_resnet50v2"):
        folds = [results("jardim2024", model=model, fold=fold)[0].metrics for fold in (1, 2, 3)]
        (mean,), (variance,) = (results("jardim2024", model=model, statistic=name) for name in ("mean", "variance"))
        for metric in ("accuracy", "sensitivity", "specificity"):
            values = np.array([fold[metric] for fold in folds])
            assert values.mean() == pytest.approx(mean.metrics[metric], abs=6e-5)
            squares = np.var(100 * values, ddof=1)
            assert squares == pytest.approx(100 * variance.metrics[metric], abs=0.01)
        assert all(fold["accuracy"] == fold["sensitivity"] != fold["specificity"] for fold in folds)


@pytest.mark.parametrize(("model", "missed", "false_alarms"), [("jardim_cnn", 0, 2), ("jardim_resnet50v2", 5, 7)])
def test_jardims_test_scores_agree_for_297_tumours(model: str, missed: int, false_alarms: int) -> None:
    printed = on_test("jardim2024", model=model).metrics
    assert 1 - missed / 297 == pytest.approx(printed["sensitivity"], abs=6e-5)
    assert 1 - false_alarms / 303 == pytest.approx(printed["specificity"], abs=6e-5)
    assert 1 - (missed + false_alarms) / 600 == pytest.approx(printed["accuracy"], abs=6e-5)


def test_liaqats_rows_are_of_690_images_each_another_test_set() -> None:
    """From two shares of eight digits, the counts; then every other number of the row must follow."""
    sizes = {}
    for result in results("liaqat2024", confusion=None):
        printed = result.metrics
        (counts,) = [
            (zeros, right_zeros, right_ones)
            for zeros in range(1, 690)
            for right_zeros in [round(printed["specificity"] * zeros)]
            for right_ones in [round(printed["sensitivity"] * (690 - zeros))]
            if math.isclose(right_zeros / zeros, printed["specificity"], abs_tol=1e-8)
            and math.isclose(right_ones / (690 - zeros), printed["sensitivity"], abs_tol=1e-8)
        ]
        zeros, right_zeros, right_ones = counts
        called_one = right_ones + zeros - right_zeros
        assert (right_zeros + right_ones) / 690 == pytest.approx(printed["accuracy"], abs=6e-5)
        assert right_ones / called_one == pytest.approx(printed["precision"], abs=6e-5)
        assert 2 * right_ones / (called_one + 690 - zeros) == pytest.approx(printed["f1"], abs=6e-5)
        sizes[result.model] = zeros
    assert len(sizes) == 11
    assert (min(sizes.values()), max(sizes.values())) == (354, 389)
    # 2513 of 4600 images have a tumour, 2087 have none: class 0 is as frequent as the first.
    assert np.mean([*sizes.values()]) / 690 == pytest.approx(2513 / 4600, abs=0.01)
    assert sizes["liaqat_vgg16_imagenet"] == round(690 * 2513 / 4600)


def test_liaqats_rows_say_which_class_their_scores_may_be_of() -> None:
    rows = results("liaqat2024")
    assert len(rows) == 12
    assert all("healthy" in row.note and "most probably" in row.note for row in rows)


def test_contradictions_are_real() -> None:
    (drawn,) = [result.confusion for result in results("liaqat2024") if result.confusion]
    assert np.trace(drawn) / np.sum(drawn) == pytest.approx(0.9725, abs=5e-5)
    (perfect,) = [result.confusion for result in results("efficientnet2025") if result.confusion]
    assert np.trace(perfect) == np.sum(perfect) == 394
    assert round(0.85 * 394) / 394 == pytest.approx(0.85, abs=3e-4)


GAIN = {"a": "x", "b": "y", "dataset": "figshare", "metric": "f1", "source": "Text", "low": 0.03, "high": 0.05}
MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "misspelt key": (lambda c: c["rafiq2022"].update(titel="x"), r"rafiq2022\.titel .*did you mean title\?"),
    "no title": (lambda c: c["rafiq2022"].pop("title"), r"rafiq2022\.title is missing"),
    "no source": (lambda c: c["rafiq2022"]["results"][0].pop("source"), r"results\.0\.source is missing"),
    "unknown data set": (
        lambda c: c["rafiq2022"].update(datasets=["figshare", "figshare_mat", "figshar"]),
        r"rafiq2022\.datasets: .*'figshar'; did you mean figshare\?",
    ),
    "data set of no study": (
        lambda c: c["rafiq2022"].update(datasets=["br35h"]),
        r"datasets: figshare, figshare_mat stands in a",
    ),
    "the same images as no study's": (
        lambda c: c["rafiq2022"].update(same_images={"figshare_mat": "br35h"}),
        r"datasets: br35h stands in a",
    ),
    "unknown class": (
        lambda c: c["rafiq2022"]["results"][0].update(label="gloima"),
        r"rafiq2022\.results\.0\.label: .*did you mean glioma\?",
    ),
    "difference with its ends swapped": (
        lambda c: c["rafiq2022"].update(differences=[GAIN | {"low": 0.06}]),
        r"differences\.0: low = 0\.06 is above high = 0\.05; swap them",
    ),
    "difference on a data set of no study": (
        lambda c: c["rafiq2022"].update(differences=[GAIN | {"dataset": "br35h"}]),
        r"datasets: br35h stands in a",
    ),
    "neither metrics nor confusion": (
        lambda c: c["rafiq2022"]["results"][0].pop("metrics"),
        r"needs metrics or a confusion matrix",
    ),
    "ragged confusion": (
        lambda c: c["rafiq2022"]["results"][0].update(confusion=[[1, 0], [1]]),
        r"as many columns as rows",
    ),
    "images that do not add up": (
        lambda c: c["rafiq2022"]["images"][0].update(test=193),
        r"add up to 3065, not to total",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, mistake: str) -> None:
    change, sentence = MISTAKES[mistake]
    content = copy.deepcopy(PRINTED)
    change(content)
    (tmp_path / REPORTED).parent.mkdir()
    with (tmp_path / REPORTED).open("w") as stream:
        YAML(typ="safe").dump({"rafiq2022": content["rafiq2022"]}, stream)
    with pytest.raises(UserError, match=sentence) as caught:
        check_reported(load_reported(tmp_path), SETS)
    assert str(REPORTED) in str(caught.value)
    assert "\n" not in str(caught.value)
