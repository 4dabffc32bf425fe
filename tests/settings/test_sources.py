"""Recipes that start from other data sets: what cannot be is refused before anything runs, with what to write."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medtransfer.settings.errors import UserError
from medtransfer.settings.load import load
from medtransfer.settings.sources import SourceWeights
from tests.settings.test_load import DATASETS, MODELS, PARAMS, edit
from tests.settings.test_load import project as project

SOURCE = {"dataset": "br35h", "model": "simple_cnn"}


@pytest.fixture
def transfer(project: Path) -> Path:
    """A study with a model that starts from br35h."""

    def models(recipes: dict[str, Any]) -> None:
        recipe = {name: dict(part) for name, part in recipes["simple_cnn"].items()}
        recipes["started"] = recipe | {"backbone": recipe["backbone"] | {"weights": SOURCE}}

    def params(content: dict[str, Any]) -> None:
        content["study"] |= {
            "models": ["simple_cnn", "started"],
            "sources": ["br35h-simple_cnn"],
            "other_datasets": ["br35h"],
            "external": [],
        }

    edit(project / MODELS, models)
    edit(project / PARAMS, params)
    return project


def started(**changes: object) -> Callable[[dict[str, Any]], Any]:
    return lambda recipes: recipes["started"]["backbone"].update(weights=SOURCE | changes)


def study(**changes: object) -> Callable[[dict[str, Any]], Any]:
    return lambda content: content["study"].update(changes)


def test_source_has_one_name_for_all_recipes_that_start_from_it(transfer: Path) -> None:
    settings = load(transfer)
    source = settings.recipe("started").backbone.source
    assert source == SourceWeights(dataset=("br35h",), model="simple_cnn")
    assert source.name == settings.params.study.sources[0] == "br35h-simple_cnn"
    assert SourceWeights.model_validate({"dataset": ["a", "b"], "model": "m"}).name == "a-b-m"


MISTAKES: dict[str, tuple[str, Callable[[dict[str, Any]], Any], str]] = {
    "misspelt key": (
        MODELS,
        lambda c: c["started"]["backbone"].update(weights={"datset": "br35h", "model": "simple_cnn"}),
        r"started\.backbone\.weights\.datset is not a known key; did you mean dataset\?",
    ),
    "unknown data set": (
        MODELS,
        started(dataset="br35"),
        r"models\.yaml: started\.backbone\.weights\.dataset: there is no data set called 'br35'; did you mean br35h\?",
    ),
    "unknown model": (MODELS, started(model="simple"), r"weights\.model: there is no model called 'simple'"),
    "frozen source": (
        MODELS,
        lambda c: c["started"]["backbone"].update(architecture="vgg16", weights=SOURCE | {"model": "vgg16"}),
        r"weights\.model: vgg16 has a frozen backbone, which learns nothing from a source",
    ),
    "another architecture": (
        MODELS,
        started(model="efficientnet_b0_finetuned"),
        r"efficientnet_b0_finetuned has the architecture efficientnetb0 and started has simple_cnn, so .* do not fit",
    ),
    "source of a source": (
        MODELS,
        started(model="started"),
        r"started starts from another source itself; name a recipe whose weights are null or imagenet",
    ),
    "source that the study lacks": (
        PARAMS,
        study(sources=[]),
        r"study\.sources: started starts from br35h-simple_cnn, .*"
        r"-S 'study\.sources=\[br35h-simple_cnn\]' -S 'study\.other_datasets=\[br35h\]'$",
    ),
    "source that no recipe has": (
        PARAMS,
        study(sources=["br35h-vgg16", "br35h-simple_cnn"]),
        r"study\.sources: there is no source called 'br35h-vgg16'; valid are br35h-simple_cnn",
    ),
    "source whose data set is not prepared": (
        PARAMS,
        study(other_datasets=[]),
        r"br35h-simple_cnn is trained on br35h, which is not among study\.other_datasets; add it: -S '.*=\[br35h\]'",
    ),
    "source that is the target": (
        PARAMS,
        lambda c: (c.update(dataset="br35h"), c["study"].update(other_datasets=[])),
        r"br35h-simple_cnn is trained on br35h, the active data set, all of which it would leave out; remove it",
    ),
    "source that is external": (
        PARAMS,
        study(external=["br35h"]),
        r"br35h-simple_cnn is trained on br35h, which study\.external names as never seen; remove it from one",
    ),
    "external set that is not prepared": (
        PARAMS,
        study(external=["sartaj"]),
        r"external: sartaj is not among study\.other_datasets, .* -S 'study\.other_datasets=\[br35h,sartaj\]'",
    ),
    "fractions that shrink": (PARAMS, study(fractions=[0.5, 0.1, 1]), r"fractions: write them from the smallest"),
    "fractions without all": (PARAMS, study(fractions=[0.1, 0.5]), r"each once, and 1 as the last"),
}


@pytest.mark.parametrize(("file", "mistake", "complaint"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_is_refused(
    transfer: Path, file: str, mistake: Callable[[dict[str, Any]], Any], complaint: str
) -> None:
    edit(transfer / file, mistake)
    with pytest.raises(UserError, match=complaint):
        load(transfer)


def test_data_sets_of_one_source_have_one_size(transfer: Path) -> None:
    edit(transfer / MODELS, started(dataset=["br35h", "sartaj"]))
    edit(transfer / PARAMS, study(sources=["br35h-sartaj-simple_cnn"], other_datasets=["br35h", "sartaj"]))
    load(transfer)
    edit(transfer / DATASETS, lambda c: c["sartaj"].update(image_size=64))
    with pytest.raises(UserError, match=r"sizes \(br35h at 224, sartaj at 64 pixels a side, .*set prepare\.image_size"):
        load(transfer)
