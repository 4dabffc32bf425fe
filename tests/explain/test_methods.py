"""Every method of the table, on one small model; and that a row and a class are all that a new one takes."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from medtransfer import store
from medtransfer.explain.base import Explanation, HeatMap, Maps, implementation_of
from medtransfer.explain.figures import Style
from medtransfer.explain.method import Method
from medtransfer.explain.methods import METHODS, applicable, check
from medtransfer.explain.reading import Folds
from medtransfer.explain.run import BATCH, explained, mean_maps, mean_of_members
from medtransfer.report import tables
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Explain
from medtransfer.store.records import MethodScores
from stages import explain as stage
from tests.conftest import ROOT
from tests.explain.project import PARAMS, write_project
from tests.explain.small import SIZE, Small, sample_of, small_model

COUNT = 3
FOR_EVERY_MODEL = {key: method for key, method in METHODS.items() if not method.autoencoder}
EVERY = pytest.mark.parametrize("key", METHODS)


@pytest.fixture(scope="module")
def small() -> Small:
    return small_model()


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (COUNT, SIZE, SIZE, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def maps(small: Small, images: NDArray[np.uint8]) -> list[dict[str, Maps]]:
    """Of either class."""
    return [small.explain(images, np.full(COUNT, label)) for label in (0, 1)]


@EVERY
def test_class_is_there(key: str) -> None:
    assert issubclass(implementation_of(METHODS[key]), Explanation)


@EVERY
def test_maps_are_one_an_image_between_0_and_1(key: str, maps: list[dict[str, Maps]]) -> None:
    for each in maps[0][key].values():
        assert each.ndim == 3
        assert len(each) == COUNT
        assert 0 <= each.min() < each.max() <= 1


@EVERY
def test_another_class_has_another_map(key: str, maps: list[dict[str, Maps]]) -> None:
    assert _reacting(key, maps)


@EVERY
def test_map_is_zero_where_the_class_depends_on_nothing(
    key: str, small: Small, images: NDArray[np.uint8], maps: list[dict[str, Maps]]
) -> None:
    last = small.network.layers[-1]
    kept = last.get_weights()
    last.set_weights([np.zeros_like(weights) for weights in kept])
    result = small.explain(images, np.zeros(COUNT, int), {key: METHODS[key]})[key]
    last.set_weights(kept)
    assert all(result[title].max() == 0 for title in _reacting(key, maps))


@EVERY
def test_figure_is_repeatable_and_what_is_scored_is_among_the_maps(
    key: str, images: NDArray[np.uint8], maps: list[dict[str, Maps]]
) -> None:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:8] = True
    sample, method = sample_of(images, [mask, mask, None]), {key: METHODS[key]}
    first, second = (explained(method, maps[1], sample, Style("m on d", 2, "shaded"))[key] for _ in range(2))
    assert first.figure == second.figure
    assert first.caption[0].isupper()
    assert set(first.scored) <= set(maps[1][key])


def test_maps_are_means_over_folds_and_a_frozen_backbone_changes_none(
    small: Small, images: NDArray[np.uint8], maps: list[dict[str, Maps]]
) -> None:
    """The second fold has another head: what was read of the first fold must not be taken for the second's."""
    last = small.network.layers[-1]
    kept = last.get_weights()
    heads = [kept, [-weights[:, ::-1] if weights.ndim == 2 else weights for weights in kept]]
    classes = np.zeros(COUNT, int)

    def networks(*heads: list[NDArray]) -> Iterator[keras.Model]:
        for head in heads:
            last.set_weights(head)
            yield small.network

    def result(*heads: list[NDArray], frozen: bool = False) -> dict[str, Maps]:
        return mean_maps(Folds(networks(*heads), [], small.layer, frozen), FOR_EVERY_MODEL, images, classes)

    each = [result(head) for head in heads]
    both, frozen = result(*heads), result(*heads, frozen=True)
    last.set_weights(kept)
    for key in FOR_EVERY_MODEL:
        for title in both[key]:
            np.testing.assert_allclose(both[key][title], (each[0][key][title] + each[1][key][title]) / 2, atol=1e-6)
            np.testing.assert_array_equal(both[key][title], frozen[key][title])
    assert not np.allclose(both["grad_cam"]["Grad-CAM"], each[0]["grad_cam"]["Grad-CAM"])


def test_images_are_explained_each_by_itself(small: Small, rng: np.random.Generator) -> None:
    images = rng.integers(0, 255, (BATCH + 2, SIZE, SIZE, 1), dtype=np.uint8)
    classes = rng.integers(0, 2, len(images))
    all_at_once = small.explain(images, classes, FOR_EVERY_MODEL)
    last = small.explain(images[-3:], classes[-3:], FOR_EVERY_MODEL)
    for key, maps in all_at_once.items():
        for title in maps:
            np.testing.assert_allclose(maps[title][-3:], last[key][title], atol=1e-4)


def test_members_of_an_ensemble_meet_on_the_finest_grid() -> None:
    coarse, fine = np.ones((1, 2, 2)), np.zeros((1, 4, 4))
    result = mean_of_members([{"k": {"t": coarse}}, {"k": {"t": fine}}])
    np.testing.assert_array_equal(result["k"]["t"], np.full((1, 4, 4), 0.5))


def test_unknown_method_is_refused_with_those_that_are_valid() -> None:
    with pytest.raises(UserError, match=r"explain.methods: .*did you mean grad_cam\? valid are .*grad_cam, "):
        check(["gradient", "gradcam"])


def test_first_method_is_one_that_every_model_has() -> None:
    with pytest.raises(UserError, match=r"begin with one of .*grad_cam, gradient"):
        check(["unet_reconstruction", "gradient"])


def test_method_named_twice_and_no_method_are_refused() -> None:
    for methods, sentence in ((["gradient", "gradient"], "listed twice"), ([], "at least 1 item")):
        with pytest.raises(ValueError, match=sentence):
            Explain.model_validate({"methods": methods, "images_per_class": 1, "images": [], "overlay": "shaded"})


def test_methods_that_need_an_autoencoder_are_for_models_that_have_one() -> None:
    keys = ["grad_cam", "unet_reconstruction"]
    assert list(applicable(keys, pretrained=True)) == keys
    assert list(applicable(keys, pretrained=False)) == ["grad_cam"]


def test_table_is_read_without_keras() -> None:
    code = "import sys, medtransfer.explain.methods; sys.exit('keras' in sys.modules or 'matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(ROOT / "src")})


class Brightness(HeatMap):
    """A method of a stranger's: bright pixels, whatever the class."""

    @staticmethod
    def heat_map(maps: NDArray[np.float32], gradient: NDArray[np.float32]) -> NDArray[np.float32]:
        """The mean over colour channels."""
        return maps.mean(axis=-1)


def test_a_class_and_a_row_are_all_a_new_method_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    row = Method("brightness of pixels", f"{__name__}:Brightness", "pixels", "nobody 2030")
    monkeypatch.setitem(METHODS, "brightness", row)
    monkeypatch.chdir(tmp_path)
    lesion = write_project(small, pretrained=False)
    methods, named = ("brightness", "unet_reconstruction", "grad_cam"), ("image 5", "image 2")
    options = PARAMS.explain.model_copy(update={"methods": methods, "images": named})
    stage.main(PARAMS.model_copy(update={"explain": options}), "d", "m")
    assert "m: unet_reconstruction left out: it needs an autoencoder, and the model has none" in capsys.readouterr().out
    outputs = store.explained("d", "m")
    assert outputs.figure("brightness").read().startswith(b"\x89PNG")
    assert outputs.captions.read()["brightness"].startswith("Brightness of pixels of the predicted class")
    scores = outputs.scores.read()
    assert [score.method for score in scores] == ["brightness", "grad_cam"]
    of_images = replace(scores[0], groups=0, pointing_above_chance=None, energy_above_chance=None)
    assert of_images == MethodScores("brightness", row.title, (SIZE, SIZE), 2, 1.0, 1.0, float(f"{lesion:.9g}"))
    assert scores[0].groups == 2
    compared = [tuple(row) for row in outputs.compared.read().itertuples(index=False)]
    assert compared == [("image 5", "healthy", "ill", 0.6), ("image 2", "ill", "ill", 0.9)]
    lesions = np.stack([np.zeros((SIZE, SIZE), bool), store.prepared("d").masks.read()["image 2"]])
    np.testing.assert_array_equal(outputs.compared_maps.read(), 255 * lesions.astype(np.uint8))
    assert tables.localisation({"m": scores})["method"].tolist() == ["brightness of pixels", "Grad-CAM"]


@pytest.mark.long
def test_model_with_autoencoders_has_the_panel_and_its_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Small
) -> None:
    monkeypatch.chdir(tmp_path)
    write_project(small, pretrained=True)
    options = PARAMS.explain.model_copy(update={"methods": ("grad_cam", "unet_reconstruction", "gradient")})
    stage.main(PARAMS.model_copy(update={"explain": options}), "d", "m")
    titles = ["Grad-CAM", "UNet", "classifier's encoder, UNet's decoder", "gradient saliency"]
    assert [score.title for score in store.explained("d", "m").scores.read()] == titles
    assert "What the classifier sees" in store.explained("d", "m").captions.read()["unet_reconstruction"]
    assert all(store.explained("d", "m").figure(key).read() for key in options.methods)


def _reacting(key: str, maps: list[dict[str, Maps]]) -> list[str]:
    """Titles of a method's maps that differ between two classes."""
    return [title for title in maps[0][key] if not np.allclose(maps[0][key][title], maps[1][key][title])]
