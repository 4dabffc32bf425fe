"""A union, from its members' sources to its split: copies across members are in one group."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from medtransfer import store
from medtransfer.report import card
from medtransfer.settings import resolved
from medtransfer.settings.datasets import Dataset
from medtransfer.settings.load import Settings, load_params
from medtransfer.settings.params import Params
from stages import download, duplicates, prepare, split
from tests.conftest import ROOT
from tests.data.archives import encode, entry, write_zip
from tests.data.slices import CHANGES, made_up_slice
from tests.independent_measure import thumbnails, torn_pairs
from tests.kaggle_stand_in import SCRIPT, stand_in
from tests.project_clone import clone

COUNT = 6  # images of each class of each member


def run(settings: Settings, dataset: str) -> pd.DataFrame:
    """Every stage from download to split in the working folder; index and split side by side."""
    parts = store.settings_of_dataset(dataset)
    parts.origin.write(resolved.origin(settings, dataset))
    parts.decoding.write(resolved.decoding(settings, dataset))
    for stage in (download, prepare, duplicates, split):
        stage.main(settings.params, dataset)
    return store.prepared(dataset).index.read().assign(**store.split(dataset).read().drop(columns=["id", "label"]))


def params(**changes: object) -> Params:
    loaded = load_params(ROOT)
    split = loaded.split.model_copy(update={"test_fraction": 0.2})
    return loaded.model_copy(update={"dataset": "both", "split": split, **changes})


def local(path: Path, **changes: object) -> Dataset:
    return entry(**{"source": {"kind": "local", "path": str(path)}} | changes)


def two_sets(place: Path) -> Settings:
    """The second has half of the first's pictures over again, each changed in another way."""
    numbers = {"no": range(COUNT), "yes": range(COUNT, 2 * COUNT)}
    first = {f"{kind}/{n}.png": encode(made_up_slice(n)) for kind, rows in numbers.items() for n in rows}
    changes = [CHANGES["smaller"], CHANGES["saved again"], lambda image: image[:, ::-1], lambda image: image.T]
    second = {
        f"{kind}/{n}.png": encode(np.ascontiguousarray(changes[n // 2 % 4](made_up_slice(n))))
        if n % 2
        else encode(made_up_slice(100 + n))
        for kind, rows in numbers.items()
        for n in rows
    }
    second["yes/0.png"] = encode(made_up_slice(0))  # healthy in the first
    sets = {
        "first": local(write_zip(place / "first.zip", first)),
        "second": local(
            write_zip(place / "second.zip", second),
            classes={"ill": ["yes/*"], "well": ["no/*"]},
            positive="ill",
            healthy="well",
            **{"as": {"tumour": ["ill"], "healthy": ["well"]}},
        ),
        "both": entry(source={"kind": "union", "members": ["first", "second"]}, classes=["healthy", "tumour"]),
    }
    return Settings(params(), sets, {}, {})


def test_copies_of_two_members_are_in_one_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = run(two_sets(tmp_path), "both").set_index("id")
    assert table["member"].value_counts().to_dict() == {"first": 2 * COUNT, "second": 2 * COUNT + 1}
    for kind, own in (("no", "well"), ("yes", "ill")):
        for number in range(COUNT) if kind == "no" else range(COUNT, 2 * COUNT):
            one, other = table.loc[f"first/{kind}/{number}.png"], table.loc[f"second/{kind}/{number}.png"]
            assert (one["label"], other["member_label"]) == (other["label"], own)
            same = number % 2 == 1
            assert (one["picture"] == other["picture"]) == same
            assert (one["group"] == other["group"]) == same
            if same:
                assert (one["partition"], one["fold"]) == (other["partition"], other["fold"])
    conflicting = table[table["picture"] == table.loc["first/no/0.png", "picture"]]
    assert set(conflicting["partition"]) == {"dropped"}, "one picture is healthy in one member and ill in the other"
    assert len(conflicting) == 2
    shown = card.members(table.reset_index(), table).set_index(["member", "its label"])
    assert shown["label here"].to_dict() == {
        ("first", "healthy"): "healthy", ("first", "tumour"): "tumour",
        ("second", "well"): "healthy", ("second", "ill"): "tumour",
    }  # fmt: skip
    assert shown["of them in others"].tolist() == [COUNT // 2 + 1, COUNT // 2, COUNT // 2, COUNT // 2 + 1]


def test_member_that_was_fetched_already_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    source = {"kind": "phantom", "size": 24, "patients": 8, "slices_per_patient": 1, "seed": 1}
    sets = {
        "one": entry(source=source),
        "two": entry(source=source | {"seed": 2}),
        "both": entry(source={"kind": "union", "members": ["one", "two"]}, classes=["healthy", "tumour"]),
    }
    settings = Settings(params(), sets, {}, {})
    for name in ("one", "both"):
        store.settings_of_dataset(name).origin.write(resolved.origin(settings, name))
        download.main(settings.params, name)
    assert "one: data/raw/one.zip, as fetched before" in capsys.readouterr().out
    noted = store.origin("both").read()
    assert noted.licence == "one: made by code; two: made by code"
    assert noted.source["members"]["two"]["seed"] == 2
    assert not list(store.DOWNLOADS.rglob("*.zip")), "what the union alone needed is in it"
    members = {name: names(store.archive("both"), f"{name}/") for name in ("one", "two")}
    assert members["one"] == names(store.archive("one"), "")
    store.archive("one").write_bytes(b"damaged")
    download.main(settings.params, "both")
    assert names(store.archive("both"), "one/") == members["one"]
    assert "as fetched before" not in capsys.readouterr().out


def names(archive: Path, folder: str) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        inside = [name for name in opened.namelist() if name.startswith(folder)]
        return {name.removeprefix(folder): opened.read(name) for name in inside}


@pytest.mark.skipif(not SCRIPT.is_file(), reason="needs the real archives in ../shared")
@pytest.mark.slow
@pytest.mark.pipeline
def test_real_union_is_split_by_dvc_without_tearing_a_copy_apart(tmp_path: Path) -> None:
    with stand_in() as environment:
        made = clone(tmp_path, **environment)
        printed = made.dvc("exp", "run", "-S", "dataset=tumour_union", "split")
    assert "warning" not in printed, "another number of images than the catalogue expects"
    index = pd.read_csv(tmp_path / "data/prepared/tumour_union/index.csv")
    table = pd.read_csv(tmp_path / "data/splits/tumour_union.csv").assign(member=index["member"])
    assert table["member"].value_counts().to_dict() == {"sartaj": 3264, "br35h": 3000, "navoneel": 253}
    assert (table.groupby("picture")["member"].nunique() > 1).sum() > 50
    small = thumbnails(tmp_path / "data/raw/tumour_union.zip", table["id"].tolist())
    test, development = (np.flatnonzero(table["partition"] == part) for part in ("test", "development"))
    assert torn_pairs(small, test, development, 0.99).empty
