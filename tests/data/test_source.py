"""A source, from the archives to its rows: no copy of an image of the target, in any orientation, is among them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from medtransfer import store
from medtransfer.data.split.source_rows import VALIDATION_SHARE, source_rows
from medtransfer.settings import resolved
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import Settings, load_params
from medtransfer.settings.params import Params
from medtransfer.store.partitions import DEVELOPMENT, DROPPED, VALIDATION
from stages import download, overlap, prepare
from tests.conftest import ROOT, tiny_recipe
from tests.data.archives import encode, entry, write_zip
from tests.data.slices import CHANGES, made_up_slice
from tests.independent_measure import thumbnails, torn_pairs

pytestmark = pytest.mark.long

TARGET = range(12, 22)
ALONE = range(100, 122)  # pictures that the source has and the target has not
TURNED: list[Callable[[np.ndarray], np.ndarray]] = [
    *(lambda image, turn=turn: np.rot90(image, turn) for turn in range(4)),
    *(lambda image, turn=turn: np.rot90(image, turn)[:, ::-1] for turn in range(4)),
    CHANGES["smaller"],
    CHANGES["negative"],
]


def params(dataset: str, *others: str, external: tuple[str, ...] = ()) -> Params:
    loaded = load_params(ROOT)
    study = {"other_datasets": others, "sources": ("large-cnn",), "external": external}
    return loaded.model_copy(update={"dataset": dataset, "study": loaded.study.model_copy(update=study)})


def prepared(place: Path, files: dict[str, dict[int, np.ndarray]]) -> None:
    """Download and prepare local data sets; pictures with even numbers are healthy."""
    sets = {
        name: entry(
            source={
                "kind": "local",
                "path": str(
                    write_zip(
                        place / f"{name}.zip",
                        {
                            f"{'yes' if n % 2 else 'no'}/{n}.png": encode(np.ascontiguousarray(image))
                            for n, image in images.items()
                        },
                    )
                ),
            }
        )
        for name, images in files.items()
    }
    settings = Settings(params(next(iter(files))), sets, {"cnn": tiny_recipe("simple_cnn")}, {})
    for name in files:
        parts = store.settings_of_dataset(name)
        parts.origin.write(resolved.origin(settings, name))
        parts.decoding.write(resolved.decoding(settings, name))
        download.main(settings.params, name)
        prepare.main(settings.params, name)
    store.datasets_of_sources().write({"large-cnn": ["large"]})


def test_copies_of_the_target_in_any_orientation_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    copied = {n: TURNED[n % len(TURNED)](made_up_slice(n)) for n in TARGET}
    alone = {n: made_up_slice(n) for n in ALONE}
    prepared(tmp_path, {"target": {n: made_up_slice(n) for n in TARGET}, "large": copied | alone})
    overlap.main(params("target", "large"))
    rows = store.source_rows("large-cnn").read()
    numbers = rows["id"].str.extract(r"(\d+)", expand=False).astype(int)
    left_out = set(numbers[rows["partition"] == DROPPED])
    assert left_out == set(TARGET)
    assert store.left_out_of_sources().read()["large-cnn"]["left_out"] == {"large": len(TARGET)}
    kept = rows.loc[rows["partition"] != DROPPED, "id"].tolist()
    both = np.concatenate(
        [
            thumbnails(store.archive("target"), store.prepared("target").index.read()["id"].tolist()),
            thumbnails(store.archive("large"), kept),
        ]
    )
    one, other = np.arange(len(TARGET)), np.arange(len(TARGET), len(both))
    assert torn_pairs(both, one, other, above=0.98).empty


def test_another_target_without_copies_leaves_the_rows_of_the_source_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So DVC finds the source up to date: it depends on these two files alone of all that a target decides."""
    monkeypatch.chdir(tmp_path)
    sets = {name: {n: made_up_slice(n) for n in numbers} for name, numbers in
            (("target", range(4)), ("second", range(40, 44)), ("large", ALONE))}  # fmt: skip
    prepared(tmp_path, sets)
    files = [store.source_rows("large-cnn").path, store.source_images("large-cnn").path]
    overlap.main(params("target", "second", "large"))
    before = [file.read_bytes() for file in files]
    overlap.main(params("second", "target", "large"))
    assert [file.read_bytes() for file in files] == before


def test_copies_of_external_sets_are_left_out_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mirrored = {n: made_up_slice(n)[:, ::-1] for n in ALONE[:4]}
    large = {n: made_up_slice(n) for n in [*ALONE, *range(122, 126)]}
    sets = {"target": {n: made_up_slice(n) for n in range(4)}, "large": large}
    prepared(tmp_path, sets | {"hospital": mirrored})
    overlap.main(params("target", "large", "hospital", external=("hospital",)))
    rows = store.source_rows("large-cnn").read()
    assert sorted(rows.loc[rows["partition"] == DROPPED, "id"]) == sorted(
        f"{'yes' if n % 2 else 'no'}/{n}.png" for n in ALONE[:4]
    )


def index(count: int, patients: int = 0) -> pd.DataFrame:
    numbers = np.arange(count)
    patient = (numbers % patients).astype(str) if patients else np.full(count, "")
    columns = {"id": numbers.astype(str), "label": np.where(numbers % 2, "ill", "well"), "patient": patient}
    return pd.DataFrame(columns | {"phash": numbers.astype(str)})


def test_patients_are_whole_and_a_tenth_is_watched() -> None:
    rows = source_rows({"one": index(400, patients=80)}, {"one": np.zeros(400, bool)}, seed=1)
    assert (rows.groupby("group")["partition"].nunique() == 1).all()
    share = (rows["partition"] == VALIDATION).groupby(rows["label"]).mean()
    assert share.tolist() == pytest.approx([VALIDATION_SHARE] * 2, abs=0.02)


def test_classes_of_several_data_sets_stay_apart() -> None:
    indexes = {"one": index(40), "two": index(60)}
    rows = source_rows(indexes, {name: np.zeros(len(table), bool) for name, table in indexes.items()}, seed=1)
    assert sorted(rows["label"].unique()) == ["one/ill", "one/well", "two/ill", "two/well"]
    assert rows["dataset"].value_counts().to_dict() == {"one": 40, "two": 60}
    assert (rows["partition"] == DEVELOPMENT).sum() == 90


def test_source_of_copies_alone_is_refused_with_the_numbers() -> None:
    copied = np.arange(40) % 2 == 0
    copied[1] = True
    with pytest.raises(UserError, match=r"^one cannot be a source: 0 of 20 images of well are no copies"):
        source_rows({"one": index(40)}, {"one": copied}, seed=1)
