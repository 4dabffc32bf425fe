"""What docs/transfer.md says of recorded studies of transfer, and what is recorded of a finished one."""

import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from medtransfer import store
from medtransfer.comparison.learning_curves import LearningCurves, compare_learning_curves
from medtransfer.report import markdown, transfer_record, transfer_sentences, transfer_tables
from medtransfer.report.settings import ReportSettings
from medtransfer.report.transfer_page import PAGE, PREFIX, figure, page
from medtransfer.report.transfer_results import PairResult, TransferResult, trained_in_words, weights_in_words
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Params
from medtransfer.settings.recipes import Recipe
from medtransfer.settings.study import STUDIES
from medtransfer.store.external_records import Bounded
from medtransfer.store.interval import Interval
from tests.comparison.test_learning_curves import on_fractions
from tests.conftest import ROOT, tiny_recipe
from tests.report.external_scores import around, external
from tests.report.sections.test_sources import with_source

TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
SOURCE = {"dataset": ["large"], "model": "m"}
RECIPES = {
    "cnn": tiny_recipe("simple_cnn", "none", weights=SOURCE),
    "unet": tiny_recipe("simple_cnn", "none"),
}
CURVES = compare_learning_curves(
    on_fractions({"cnn": (0.7, 0.8, 0.9, 0.95, 0.97), "unet": (0.5, 0.6, 0.7, 0.8, 0.9)}, 1000), RECIPES
)
NO_STUDY = f"params.yaml is none of {PREFIX}d: run make study STUDY={PREFIX}d first"


@pytest.fixture
def finished(settings: ReportSettings) -> Params:
    """A study of the data set d: a frozen network with weights of `large`, one with random weights, and their mean."""
    params = with_source(settings).params
    for name, recipe in RECIPES.items():
        artefact = store.settings_of_model(name).model
        artefact.write(artefact.read().model_copy(update={"recipe": recipe}))
    store.learning_curves("d", LearningCurves).write(CURVES)
    store.external("d", "e").write(external(around(0.2)))
    shares = tuple(each.fraction for each in CURVES.fractions)
    study = params.study.model_copy(update={"external": ("e",), "other_datasets": ("e", "large"), "fractions": shares})
    params = params.model_copy(update={"study": study})
    for folder in ("studies", "docs"):
        Path(folder).mkdir()
    Path(f"studies/{PREFIX}d.yaml").write_text(json.dumps(params.model_dump(mode="json")))
    PAGE.write_text(TEXT + f"\n<!-- results: {PREFIX}d -->\n{markdown.END}")
    return params


@pytest.fixture
def result(finished: Params) -> TransferResult:
    """What is recorded of it."""
    return transfer_record.recorded(f"{PREFIX}d", finished)


def pair(a: str, difference: float, holm_p: float) -> PairResult:
    ends = Interval(difference, difference - 0.05, difference + 0.05)
    return PairResult("pretrained", a, "raw", ends, holm_p, abs(difference) > 0.05 and holm_p < 0.05, 0.08, [])


def test_study_is_recorded_and_the_page_has_its_numbers(finished: Params, capsys: pytest.CaptureFixture[str]) -> None:
    transfer_record.main(finished)
    written, read = PAGE.read_text(), store.transfer_results(PREFIX, TransferResult)
    assert list(read) == [f"{PREFIX}d"]
    assert written == page(written, read), "writing the page again changes nothing"
    assert Path(f"docs/{PREFIX}d.png").read_bytes() == figure(read[f"{PREFIX}d"])
    assert "2 models on 4 test images of d" in capsys.readouterr().out
    assert "| `cnn` | simple_cnn | large | head | 0.500 (" in written
    assert "| `unet` | simple_cnn | random | head | 0.500 (" in written
    assert "| `large-m` | large | 5 | 0, 0, 1 | 1 | 2 | 2 | 2 | 0.500 |" in written
    assert "make study STUDY=transfer-sartaj && make transfer`." in written, "another study, which is not recorded"
    assert written.startswith(TEXT[: TEXT.index("<!-- results")])


def test_record_is_that_of_the_artefacts(result: TransferResult) -> None:
    assert (result.development.images, result.test.images, result.test.groups) == (8, 4, 4)
    assert (result.image_size, result.copies) == (8, 0)
    assert result.curves == store.learning_curves("d", LearningCurves).read()
    (source,) = result.sources
    assert source.copies == {"d": {"exact": 0, "near": 0, "turned": 1}}
    assert (source.left_out, source.trained, source.validated, source.accuracy) == (1, 2, 2, 0.5)
    (only,) = result.pairs
    assert (only.question, only.a, only.b, only.told_apart) == ("pretrained", "cnn", "unet", False)
    assert only.difference.value == 0
    (outside,) = result.external
    assert [model.model for model in outside.models] == ["cnn", "unet"]
    assert set(outside.models[0].internal) == {"accuracy", "roc_auc"}


def test_another_study_is_refused_in_a_sentence(finished: Params) -> None:
    with pytest.raises(UserError, match=NO_STUDY):
        transfer_record.main(finished.model_copy(update={"seed": 7}))
    random = finished.model_copy(update={"split": finished.split.model_copy(update={"strategy": "random"})})
    with pytest.raises(UserError, match=NO_STUDY):
        transfer_record.main(random)
    other = finished.model_copy(update={"study": finished.study.model_copy(update={"ensembles": ()})})
    with pytest.raises(UserError, match="results of d that lie here are of another study"):
        transfer_record.recorded(f"{PREFIX}d", other)


def test_curves_and_images_saved_stand_in_their_tables(result: TransferResult) -> None:
    rows = transfer_tables.curves(result)
    assert list(rows.columns[1:]) == [f"{images} images" for images in (50, 100, 200, 400, 800)]
    assert str(rows["50 images"].iloc[0]).startswith("0.700 (0.6")
    differences = transfer_tables.differences(result)["50 images"].tolist()
    assert differences[0].startswith("+20.0 (+1")
    fewer = transfer_tables.images_saved(result)
    assert fewer["50 images"].tolist()[0].startswith("150 (")
    assert fewer["800 images"].tolist() == ["not known"]
    (sentence,) = transfer_sentences.with_few_images(result)
    assert sentence.startswith("With 50 images: `cnn` is more accurate than `unet` (+20.0 points, +1")
    assert "which needs 200 images to reach it (" in sentence
    short = transfer_sentences.few_in_short(result)
    assert short
    assert "more accurate in 1 of 1 pair and less accurate in 0" in short


def test_pairs_are_counted_by_weights_and_those_told_apart_are_named(result: TransferResult) -> None:
    first = result.models["cnn"]
    names = {"good": "large", "bad": "large", "alike": "ImageNet", "raw": "random"}
    models = {name: replace(first, weights=weights) for name, weights in names.items()}
    pairs = [pair("good", 0.1, 0.01), pair("bad", -0.2, 0.001), pair("alike", 0.1, 0.2)]
    known = replace(result, models=models, pairs=pairs)
    assert transfer_tables.counts([known]).iloc[:, 2:].to_numpy().tolist() == [
        ["large", "2", "1", "1", "0", "-20.0 to +10.0"],
        ["ImageNet", "1", "0", "0", "1", "+10.0"],
    ]
    sentence = transfer_sentences.told_apart(known)
    assert "in 3 pairs. It is better in 1: `good` (+10.0 points, +5.0 to +15.0); worse in 1: `bad` (-20.0" in sentence
    assert sentence.endswith("1 pair cannot be told apart.")
    assert "are told apart in none" in transfer_sentences.told_apart(result)
    sentences = transfer_sentences.of_pairs(known)
    assert sentences[0].startswith("`good` is better than `raw` on these 4 images")
    assert sentences[1].startswith("`raw` is better than `bad`")
    assert "`alike` and `raw` cannot be told apart" in sentences[2]


def test_drop_of_all_models_is_said_with_its_ends(result: TransferResult) -> None:
    sentence = transfer_sentences.drops(result.external[0])
    assert sentence.startswith(
        "2 of 2 models of d are less accurate on e with an interval of the drop that leaves 0 out."
    )
    unknown = [
        replace(model, drop={"accuracy": Bounded(0.1 * n, None, None)})
        for n, model in enumerate(result.external[0].models)
    ]
    sentence = transfer_sentences.drops(replace(result.external[0], models=unknown))
    assert sentence.startswith("0 of 2 models")
    assert "smallest for `cnn`, 0.0 (–) points, and largest for `unet`, +10.0 (–) points" in sentence


def test_weights_and_what_is_trained_are_named() -> None:
    recipe = tiny_recipe("mobilenetv2", "all", weights="imagenet")
    assert (weights_in_words(recipe), trained_in_words(recipe)) == ("ImageNet", "whole network")
    phases = [{"epochs": 1, "learning_rate": 0.1, "trainable": part} for part in ("none", 0.3)]
    content = tiny_recipe("mobilenetv2", "all", weights={"dataset": ["a", "b"], "model": "m"}).model_dump()
    content["training"]["phases"], content["backbone"]["trainable"] = phases, 0.3
    known = Recipe.model_validate(content)
    assert (weights_in_words(known), trained_in_words(known)) == ("a and b", "head, then last 30% of the backbone")
    assert weights_in_words(RECIPES["unet"]) == "random"


def test_page_has_no_number_that_is_typed_by_hand() -> None:
    """But in names: of data sets, networks, files."""
    text = re.sub(rf"<!-- results: .*?{markdown.END}|```.*?```|`[^`]+`|\]\([^)]*\)", "", TEXT, flags=re.DOTALL)
    assert not re.findall(r"(?<![A-Za-z\d])\d.*", text)


def test_page_and_figures_are_those_of_the_committed_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    results = store.transfer_results(PREFIX, TransferResult)
    assert page(TEXT, results) == TEXT, f"the blocks of {PAGE} are not of studies/results: run make readme"
    assert all(markdown.has(TEXT, path.stem) for path in STUDIES.glob(f"{PREFIX}*.yaml"))
    if not results:
        pytest.skip("no study of transfer is recorded in studies/results yet")
    for name, result in results.items():
        committed = (PAGE.parent / f"{name}.png").read_bytes()
        assert len(committed) < 200_000
        drawn, shown = (
            np.asarray(Image.open(BytesIO(each)).convert("L"), float) for each in (figure(result), committed)
        )
        assert drawn.shape == shown.shape
        assert np.abs(drawn - shown).mean() < 1, f"docs/{name}.png is not of studies/results: run make readme"
