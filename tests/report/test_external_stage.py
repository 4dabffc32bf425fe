"""The stage leaves out copies of training images alone, and its internal scores are those of `evaluate`."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

from medtransfer import store
from medtransfer.data.split import external as remaining
from medtransfer.report.settings import ReportSettings
from medtransfer.settings.resolved import Classes
from medtransfer.settings.resolved_external import External
from medtransfer.store.external_records import Bounded
from medtransfer.store.orientations import oriented
from stages import external, overlap
from tests.data.duplicates.test_search import prepared
from tests.data.slices import made_up_slice

OTHERS = 8


def write_set(name: str, images: list[np.ndarray], labels: list[str]) -> None:
    hashes, thumbnails = prepared(images)
    pixels = [hashlib.sha256(image.tobytes()).hexdigest() for image in images]
    table = {"id": [f"{name}{row}" for row in range(len(images))], "label": labels, "phash": hashes, "sha256": pixels}
    store.prepared(name).index.write(pd.DataFrame(table).assign(patient=""))
    store.prepared(name).thumbnails.write(thumbnails[..., None])


@pytest.fixture
def outside(settings: ReportSettings) -> ReportSettings:
    """The set e has a turned copy of a development image and one of a test image, then others; every model is
    perfect on what remains, but for the last four images."""
    split = store.split("d").read()
    own = [made_up_slice(700 + row) for row in range(len(split))]
    write_set("d", own, split["label"].tolist())
    parts = split["partition"].to_numpy()
    copied = [own[np.flatnonzero(parts == part)[0]] for part in ("development", "test")]
    strangers = [made_up_slice(800 + row) for row in range(OTHERS)]
    write_set("e", [oriented(image, 5) for image in copied] + strangers, ["sick", "fit"] * (1 + OTHERS // 2))
    mapping = External(Classes(["ill", "well"], "ill"), {"ill": "ill", "well": "well"}, {"sick": "ill", "fit": "well"})
    store.settings_of_external("e").write(mapping)
    overlap.main(settings.params)
    return settings


def test_copies_of_development_images_alone_are_left_out(
    outside: ReportSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[np.ndarray] = []

    def perfect_but_for_four(*arguments: Any) -> dict[str, np.ndarray]:  # noqa: ANN401
        rows.append(arguments[-1])
        ill = np.arange(1, 2 + OTHERS) % 2 == 0
        ill[-4:] = ~ill[-4:]
        return {name: np.stack([0.1 + 0.8 * ill, 0.9 - 0.8 * ill], axis=1) for name in ("cnn", "unet", "both")}

    monkeypatch.setattr(remaining, "FEWEST", 1 + OTHERS)
    monkeypatch.setattr(remaining, "FEWEST_OF_A_LABEL", OTHERS // 2)
    monkeypatch.setattr(external, "_probabilities", perfect_but_for_four)
    external.main(outside.params, "d", "e")
    scores = store.external("d", "e").read()
    assert rows[0].tolist() == list(range(1, 2 + OTHERS)), "the copy of the test image stays"
    assert (scores.prepared, scores.exact, scores.near, scores.turned, scores.joined) == (2 + OTHERS, 0, 0, 1, 0)
    assert (scores.scored, scores.images, scores.left_out) == (9, {"ill": 4, "well": 5}, 1)
    assert [model.model for model in scores.models] == ["cnn", "unet", "both"]
    for model in scores.models:
        test = store.metrics("d", model.model).read().test
        assert model.internal["accuracy"].value == pytest.approx(test.values["accuracy"])
        assert model.internal["roc_auc"].value == pytest.approx(test.macro["roc_auc"])
        assert model.internal["f1"].value == pytest.approx(test.macro["f1"])
        assert model.external["accuracy"].value == pytest.approx(5 / 9)
        assert isinstance(model.drop["accuracy"], Bounded)
        assert model.drop["accuracy"].value == pytest.approx(test.values["accuracy"] - 5 / 9)
