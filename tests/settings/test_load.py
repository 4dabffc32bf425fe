"""A mistake in params.yaml or the catalogue stops at once, naming the file, the key and what is valid."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from medtransfer.settings.errors import UserError
from medtransfer.settings.load import load
from tests.conftest import ROOT
from tests.plain_study import plain

yaml = YAML(typ="safe")


PARAMS, DATASETS, MODELS = "params.yaml", "catalog/datasets.yaml", "catalog/models.yaml"
ENSEMBLES = "catalog/ensembles.yaml"
# Of the project's own catalogue; the whole takes longer to read.
ENTRIES = {
    DATASETS: ("phantom", "shapes", "br35h", "sartaj"),
    MODELS: (
        *("simple_cnn", "vgg16", "resnet50v2", "mobilenetv2", "mobilenetv2_imagenet"),
        "efficientnet_b0_finetuned",
    ),
    ENSEMBLES: ("three_networks",),
}
FILES = {name: yaml.load(ROOT / name) for name in (PARAMS, *ENTRIES)}
plain(FILES[PARAMS])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's own params, and some entries of its catalogue."""
    (tmp_path / "catalog").mkdir()
    for name, content in FILES.items():
        kept = content if name == PARAMS else {entry: content[entry] for entry in ENTRIES[name]}
        with (tmp_path / name).open("w") as stream:
            yaml.dump(kept, stream)
    return tmp_path


def edit(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    content = yaml.load(path)
    change(content)
    with path.open("w") as stream:
        yaml.dump(content, stream)


def test_the_projects_own_configuration_is_valid() -> None:
    settings = load(ROOT)
    assert settings.params.model in settings.params.study.models
    assert settings.dataset("phantom").image_size == settings.image_size("phantom")


MISTAKES: dict[str, tuple[str, Callable[[dict[str, Any]], Any], str]] = {
    "misspelt key": (PARAMS, lambda c: c.update(sead=1), r"sead is not a known key; did you mean seed\?"),
    "misspelt nested key": (PARAMS, lambda c: c["split"].update(fold=1), r"split\.fold .*did you mean folds\?"),
    "missing key": (PARAMS, lambda c: c.pop("seed"), r"seed is missing"),
    "no number": (PARAMS, lambda c: c["split"].update(folds="many"), r"split\.folds = 'many'"),
    "none of a union of choices": (
        PARAMS,
        lambda c: c["prepare"].update(interpolation="x"),
        r"yaml: prepare\.interpolation = 'x': input should be 'bilinear', 'nearest' or 'default'$",
    ),
    "true for a number": (
        PARAMS,
        lambda c: c["split"].update(folds=True),
        r"split\.folds = true: write a number; true and false are none",
    ),
    "true in a list of numbers": (
        MODELS,
        lambda c: c["vgg16"]["head"].update(dense=[128, True]),
        r"vgg16\.head\.dense\.1 = true: write a number",
    ),
    "phases on a frozen backbone": (
        MODELS,
        lambda c: c["vgg16"]["training"].update(
            phases=[{"epochs": 1, "learning_rate": 0.1, "trainable": "none"} for _ in "ab"]
        ),
        r"training\.phases: the backbone is frozen .* leave phases out",
    ),
    "unknown kind of views": (
        MODELS,
        lambda c: c["vgg16"]["backbone"].update(augmentation={"zoom": 0.1, "views": "new"}),
        r"vgg16\.backbone\.augmentation\.views: 'new' is neither a number of views from 1 to 64 nor fresh",
    ),
    "no key for the healthy class": (
        DATASETS,
        lambda c: c["br35h"].pop("healthy"),
        r"healthy is missing; write it, and nothing after it .*\(healthy:\)",
    ),
    "a share for fewer layers": (
        MODELS,
        lambda c: c["vgg16"]["head"].update(dense=[64, 32], dropout=[0.5]),
        r"vgg16\.head: dropout lists 1 shares and dense 2 layers; write a share for each",
    ),
    "an activation of no layers": (
        MODELS,
        lambda c: c["vgg16"]["head"].update(dense=[], activation="tanh"),
        r"vgg16\.head: activation: tanh is of hidden layers, and dense lists none; .*leave activation out$",
    ),
    "unknown activation": (
        MODELS,
        lambda c: c["vgg16"]["head"].update(activation="rleu"),
        r"activation = 'rleu': .*'relu'",
    ),
    "no share": (MODELS, lambda c: c["vgg16"]["head"].update(dropout=[1.5]), r"vgg16\.head\.dropout\.0 = 1\.5: "),
    "no fold": (PARAMS, lambda c: c["split"].update(folds=0), r"split\.folds = 0: .*greater than or equal to 1"),
    "one fold": (PARAMS, lambda c: c["split"].update(folds=1), r"split: folds = 1 .* set validation_fraction"),
    "folds and a validation part": (
        PARAMS,
        lambda c: c["split"].update(validation_fraction=0.1),
        r"split: validation_fraction = 0\.1 needs folds: 1; .*write validation_fraction: null",
    ),
    "nothing to train on": (
        PARAMS,
        lambda c: c["split"].update(folds=1, validation_fraction=0.8),
        r"split: test_fraction and validation_fraction together leave no image",
    ),
    "unknown strategy": (
        PARAMS,
        lambda c: c["split"].update(strategy="group"),
        r"split\.strategy = 'group'.*'grouped'",
    ),
    "unknown tested model": (
        PARAMS,
        lambda c: c["evaluate"].update(tested="refitted"),
        r"evaluate\.tested = 'refitted'.*'mean', 'folds' or 'refit'",
    ),
    "no test set": (PARAMS, lambda c: c["split"].update(test_fraction=0), r"split\.test_fraction = 0"),
    "unknown data set": (PARAMS, lambda c: c.update(dataset="phanto"), r"dataset: .*'phanto'.*mean phantom\?"),
    "unknown model": (
        PARAMS,
        lambda c: c["study"]["models"].append("vgg61"),
        r"study\.models: .*'vgg61'; did you mean vgg16\?.*resnet50v2",
    ),
    "unknown headline": (PARAMS, lambda c: c.update(model="simplecnn"), r"model: .*did you mean simple_cnn\?"),
    "headline outside the study": (
        PARAMS,
        lambda c: c.update(model="mobilenetv2_imagenet"),
        r"model: .*not among study.models .*dvc exp run -S model=mobilenetv2_imagenet",
    ),
    "model named twice": (PARAMS, lambda c: c["study"]["models"].append("vgg16"), r"vgg16 is listed twice"),
    "unknown other data set": (
        PARAMS,
        lambda c: c["study"].update(other_datasets=["sartai"]),
        r"study\.other_datasets: .*'sartai'; did you mean sartaj\?",
    ),
    "data set beside itself": (
        PARAMS,
        lambda c: c["study"].update(other_datasets=["phantom"]),
        r"study\.other_datasets: phantom is the active data set already",
    ),
    "unknown ensemble": (
        PARAMS,
        lambda c: c["study"].update(ensembles=["three_network"]),
        r"study\.ensembles: .*'three_network'; did you mean three_networks\?",
    ),
    "ensemble without its members": (
        PARAMS,
        lambda c: c["study"].update(ensembles=["three_networks"], models=["simple_cnn"]),
        r"has the members vgg16, resnet50v2, not among study\.models; .*\[simple_cnn,vgg16,resnet50v2\]'",
    ),
    "headline ensemble outside the study": (
        PARAMS,
        lambda c: c.update(model="three_networks"),
        r"model: the ensemble three_networks is not among study\.ensembles; .*'study\.ensembles=\[three_networks\]'",
    ),
    "unknown member": (
        ENSEMBLES,
        lambda c: c["three_networks"].update(members=["vgg61", "vgg16"]),
        r"three_networks\.members: .*'vgg61'; did you mean vgg16\?",
    ),
    "ensemble of one": (ENSEMBLES, lambda c: c["three_networks"].update(members=["vgg16"]), r"three_networks\.members"),
    "ensemble named like a recipe": (
        ENSEMBLES,
        lambda c: c.update(vgg16=c["three_networks"]),
        r"vgg16 is the name of a recipe",
    ),
    "no models": (PARAMS, lambda c: c["study"].update(models=[]), r"study\.models has too few entries: name 1 or more"),
    "source without slug": (DATASETS, lambda c: c["br35h"]["source"].pop("slug"), r"br35h\.source\.slug is missing"),
    "misspelt source key": (
        DATASETS,
        lambda c: c["br35h"]["source"].update(sha265="0" * 64),
        r"br35h\.source\.sha265 .*did you mean sha256\?",
    ),
    "two classes, none positive": (DATASETS, lambda c: c["br35h"].update(positive=None), r"name the positive one"),
    "positive is no class": (DATASETS, lambda c: c["br35h"].update(positive="ill"), r"ill is not among"),
    "no regular expression": (DATASETS, lambda c: c["phantom"].update(patient="/(p"), r"patient: .*not a regular"),
    "pattern without a group": (DATASETS, lambda c: c["phantom"].update(patient="/p"), r"patient: .*one group"),
    "unknown placeholder": (DATASETS, lambda c: c["phantom"].update(masks="{lable}/x"), r"masks: .*may hold \{label\}"),
    "misspelt outlines key": (
        DATASETS,
        lambda c: c["br35h"]["outlines"].update(fil="x"),
        r"br35h\.outlines\.fil .*did you mean file\?.*valid are file, image",
    ),
    "two sources of lesions": (
        DATASETS,
        lambda c: c["br35h"].update(masks="m/{stem}"),
        r"masks and outlines are both there",
    ),
    "expected of no class": (DATASETS, lambda c: c["br35h"]["expected"].update(ill=1), r"expected: ill not among"),
    "unknown source": (
        DATASETS,
        lambda c: c["br35h"]["source"].update(kind="ftp"),
        r"br35h\.source\.kind: valid are phantom, shapes, kaggle, local, union",
    ),
    "shapes too small": (
        DATASETS,
        lambda c: c["shapes"]["source"].update(size=31),
        r"shapes\.source\.size = 31: .*greater than or equal to 32",
    ),
    "shapes too few": (
        DATASETS,
        lambda c: c["shapes"]["source"].update(images=11),
        r"shapes\.source\.images = 11: .*greater than or equal to 24",
    ),
    "unknown scanner": (
        DATASETS,
        lambda c: c["phantom"]["source"].update(scanner="third"),
        r"phantom\.source\.scanner = 'third'.*'first' or 'second'",
    ),
    "no list": (
        DATASETS,
        lambda c: c["br35h"]["classes"].update(tumour="yes/*"),
        r"br35h\.classes\.tumour = 'yes/\*': write a list, such as \[yes/\*\]",
    ),
    "nothing for a list": (
        PARAMS,
        lambda c: c["explain"].update(methods=None),
        r"explain\.methods = None: write a list$",
    ),
    "no keys": (PARAMS, lambda c: c.update(split=3), r"split = 3: write keys and values"),
    "repeats of one part": (
        PARAMS,
        lambda c: c["split"].update(folds=1, repeats=3, validation_fraction=0.1),
        r"repeats = 3 needs more folds than 1",
    ),
    "unknown baseline": (
        PARAMS,
        lambda c: c["compare"].update(baseline="vgg61"),
        r"compare\.baseline: vgg61 is not among .* valid are simple_cnn",
    ),
    "strange name": (DATASETS, lambda c: c.update({"a/b": c["br35h"]}), r"'a/b' cannot name an entry"),
    "class named like a column": (
        DATASETS,
        lambda c: c["br35h"]["classes"].update(fold=["fold/*"]),
        r"classes: fold is the name of a column",
    ),
    "strange placeholder": (
        DATASETS,
        lambda c: c["phantom"].update(masks="{label.x}/a"),
        r"masks: .*may hold \{label\}",
    ),
    "groups smaller than copies": (
        PARAMS,
        lambda c: c["duplicates"].update(group_similarity=0.9),
        r"duplicates: group_similarity = 0.9 is larger than copy_similarity = 0.85",
    ),
    "unknown model of the leakage experiment": (
        PARAMS,
        lambda c: c["leakage"].update(model="vgg61"),
        r"leakage.model: there is no model called 'vgg61'; did you mean vgg16\?",
    ),
    "image size of another kind": (
        PARAMS,
        lambda c: c["prepare"].update(image_size="big"),
        r"prepare\.image_size = 'big'",
    ),
    "misspelt recipe key": (
        MODELS,
        lambda c: c["vgg16"]["training"].update(learning_rte=0.1),
        r"vgg16\.training\.learning_rte .*did you mean learning_rate\?",
    ),
    "misspelt key in a list": (
        MODELS,
        lambda c: c["efficientnet_b0_finetuned"]["training"]["phases"][0].update(epoch=3),
        r"training\.phases\.0\.epoch .*did you mean epochs\?",
    ),
    "negative rate": (
        MODELS,
        lambda c: c["vgg16"]["training"].update(learning_rate=-1),
        r"vgg16\.training\.learning_rate = -1",
    ),
    "initialisation of pretrained weights": (
        MODELS,
        lambda c: c["mobilenetv2_imagenet"]["backbone"].update(initialisation="he"),
        r"mobilenetv2_imagenet\.backbone: initialisation: he is of random weights, and these are imagenet; write",
    ),
    "one sigmoid for four classes": (
        MODELS,
        lambda c: c["vgg16"]["head"].update(output="sigmoid"),
        r"vgg16\.head\.output: one sigmoid tells two classes apart, and phantom has 4; write output: softmax",
    ),
    "trainable share above one": (MODELS, lambda c: c["vgg16"]["backbone"].update(trainable=2), r"fraction between"),
    "snapshots after the end": (
        MODELS,
        lambda c: c["vgg16"]["training"].update(snapshots=31),
        r"training\.snapshots: 31 is more than epochs \(30\)",
    ),
    "autoencoders kept after the end": (
        MODELS,
        lambda c: c["vgg16"].update(pretraining={"epochs": 4, "learning_rate": 1, "batch_size": 1, "snapshots": 5}),
        r"snapshots: 5 is more than epochs \(4\)",
    ),
    "entry is no mapping": (MODELS, lambda c: c.update(vgg16=3), r"vgg16 = 3"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_named_with_file_key_and_remedy(project: Path, mistake: str) -> None:
    file, change, sentence = MISTAKES[mistake]
    edit(project / file, change)
    with pytest.raises(UserError, match=sentence) as caught:
        load(project)
    assert file in str(caught.value)
    assert "\n" not in str(caught.value)


def test_broken_yaml_is_named(project: Path) -> None:
    (project / PARAMS).write_text("dataset: [phantom\n")
    with pytest.raises(UserError, match=r"params\.yaml is not valid YAML"):
        load(project)


def test_missing_file_is_named(project: Path) -> None:
    (project / MODELS).unlink()
    with pytest.raises(UserError, match=r"models\.yaml is missing"):
        load(project)


@pytest.mark.parametrize("written", ["1e-05", "1.0e-05", "0.00001"])
def test_numbers_are_read_as_dvc_writes_them(project: Path, written: str) -> None:
    edit(project / MODELS, lambda models: models["simple_cnn"]["training"].update(learning_rate="HERE"))
    path = project / MODELS
    path.write_text(path.read_text().replace("HERE", written))
    assert load(project).recipe("simple_cnn").training.learning_rate == 1e-5


def test_params_are_in_the_style_that_dvc_writes() -> None:
    """So that the diff of a `-S` is one line."""
    import io

    from dvc.utils.serialize._yaml import _get_yaml

    round_trip = _get_yaml()
    text = (ROOT / PARAMS).read_text()
    stream = io.StringIO()
    round_trip.dump(round_trip.load(text), stream)
    assert stream.getvalue() == text


def test_leakage_experiment_takes_the_headline_or_the_first_frozen_recipe(project: Path) -> None:
    def named(headline: str, models: list[str], model: str = "default") -> str | None:
        params = {"model": headline, "leakage": {"model": model, "repeats": 5}}
        edit(project / PARAMS, lambda content: (content.update(params), content["study"].update(models=models)))
        return load(project).leakage_model

    assert named("resnet50v2", ["vgg16", "resnet50v2"]) == "resnet50v2"
    assert named("simple_cnn", ["simple_cnn", "vgg16", "resnet50v2"]) == "vgg16"
    assert named("simple_cnn", ["simple_cnn"]) is None
    assert named("simple_cnn", ["simple_cnn"], "mobilenetv2") == "mobilenetv2"


def test_seeds_are_tried_of_a_headline_with_stored_features_alone(project: Path) -> None:
    fresh = {"zoom": 0.1, "views": "fresh"}
    edit(project / MODELS, lambda content: content["resnet50v2"]["backbone"].update(augmentation=fresh))

    def named(headline: str) -> str | None:
        edit(project / PARAMS, lambda content: content.update(model=headline))
        return load(project).frozen_headline

    assert [named("vgg16"), named("simple_cnn"), named("resnet50v2")] == ["vgg16", None, None]
