"""A union is its members: the same images and masks as each has alone, under the union's labels."""

from pathlib import Path

import numpy as np
import pytest

from medtransfer.data.download.local import pack_members
from medtransfer.data.prepare.prepare import INDEX, Prepared, prepare
from medtransfer.settings.datasets import Dataset
from medtransfer.settings.errors import UserError
from medtransfer.settings.unions import members_of
from tests.data.archives import encode, entry, picture, write_zip

SIZE = 16
KINDS = entry(
    classes={"glioma": ["Training/g/*", "Testing/g/*"], "none": ["Training/n/*"]}, positive="glioma", healthy="none",
    shipped={"train": ["Training/"], "test": ["Testing/"]}, patient=r"(p\d)",
    expected={"glioma": 3, "none": 1}, **{"as": {"tumour": ["glioma"], "healthy": ["none"]}},
)  # fmt: skip
PLAIN = entry(patient=r"(p\d)", masks="masks/{stem}.png", ignore=["copies/"])
WHITE = encode(np.full((16, 16), 255, np.uint8))
FILES = {
    "kinds": {
        "Training/g/p1.png": encode(picture(1)),
        "Testing/g/p2.png": encode(picture(2, colour=True)),
        "Training/n/p1.png": encode(picture(3)),
        "readme.txt": b"text",
    },
    "plain": {
        "no/p1.png": encode(picture(4)),
        "yes/p1.png": encode(picture(5)),
        "yes/p3.png": b"no image",
        "masks/p1.png": WHITE,
        "copies/p1.png": encode(picture(5)),
    },
}
SETS = {
    "kinds": KINDS,
    "plain": PLAIN,
    "both": entry(
        source={"kind": "union", "members": ["kinds", "plain"]}, classes=["healthy", "tumour"], expected={"tumour": 4}
    ),
}


def archives(place: Path, files: dict[str, dict[str, bytes]]) -> dict[str, Path]:
    return {name: write_zip(place / f"{name}.zip", content) for name, content in files.items()}


def alone(place: Path, name: str, archive: Path, dataset: Dataset) -> Prepared:
    return prepare(archive, dataset, 0.5, place / f"{name}.npy", place / f"{name}-small.npy")


def united(place: Path, files: dict[str, dict[str, bytes]]) -> Prepared:
    pack_members(archives(place, files), place / "both.zip")
    members = members_of("both", SETS)
    return prepare(place / "both.zip", SETS["both"], 0.2, place / "both.npy", place / "both-small.npy", members)


def test_union_has_what_its_members_have_under_its_own_labels(tmp_path: Path) -> None:
    union, each = united(tmp_path, FILES), archives(tmp_path, FILES)
    own = {name: alone(tmp_path, name, path, SETS[name]) for name, path in each.items()}
    for file in ("{}.npy", "{}-small.npy"):
        parts = [np.load(tmp_path / file.format(name)) for name in own]
        channels = max(part.shape[-1] for part in parts)
        stacked = np.concatenate([np.broadcast_to(part, (*part.shape[:3], channels)) for part in parts])
        np.testing.assert_array_equal(np.load(tmp_path / file.format("both")), stacked)
    row = 0
    for name, prepared in own.items():
        for _, image in prepared.index.iterrows():
            here = union.index.iloc[row]
            assert (here["id"], here["member"], here["member_label"]) == (f"{name}/{image['id']}", name, image["label"])
            assert here[["shipped", *INDEX]].tolist() == image[["shipped", *INDEX]].tolist()
            row += 1
    assert row == len(union.index) == 5
    assert union.index["label"].tolist() == ["tumour", "tumour", "healthy", "healthy", "tumour"]
    expected = {f"plain/{id}": mask for id, mask in own["plain"].masks.items()}
    assert list(union.masks) == list(expected) == ["plain/no/p1.png", "plain/yes/p1.png"]
    assert all(np.array_equal(union.masks[id], mask) for id, mask in expected.items())
    assert union.rejected["id"].tolist() == ["kinds/readme.txt", "plain/yes/p3.png"]


def test_patients_of_two_members_are_not_one_whatever_their_names(tmp_path: Path) -> None:
    patients = united(tmp_path, FILES).index.groupby("member")["patient"].agg(set)
    assert patients.to_dict() == {"kinds": {"kinds/p1", "kinds/p2"}, "plain": {"plain/p1"}}


def test_counts_are_compared_with_those_of_the_members_and_of_the_union(tmp_path: Path) -> None:
    assert united(tmp_path, FILES).warnings == [
        "kinds: class glioma has 2 images where 3 are expected",
        "class tumour has 3 images where 4 are expected",
    ]


def test_set_that_is_no_union_has_no_columns_of_one(tmp_path: Path) -> None:
    prepared = alone(tmp_path, "kinds", archives(tmp_path, FILES)["kinds"], KINDS)
    assert list(prepared.index.columns) == ["id", "label", "patient", "shipped", *INDEX]


@pytest.mark.parametrize(
    ("member", "changed", "sentence"),
    [
        ("kinds", {"Training/n/p1.png": None}, "the member kinds: no file of the archive matches .* of class none"),
        ("kinds", {"Training/n/p1.png": b"x"}, "the member kinds: no image of class none could be read"),
        ("plain", {"masks/p1.png": None}, "the member plain: no image of the archive has a lesion by masks"),
        ("plain", dict.fromkeys(FILES["plain"]), "plain: no file of the archive .* it is empty"),
        ("plain", {"no/p1.png": b"x", "yes/p1.png": b"x"}, "3 of 6 files cannot be used.*such as plain/no/p1.png"),
    ],
)
def test_member_that_cannot_be_used_is_named(
    tmp_path: Path, member: str, changed: dict[str, bytes | None], sentence: str
) -> None:
    files = {name: content for name, content in (FILES[member] | changed).items() if content is not None}
    padding = {f"Training/g/p{n}.png": encode(picture(n)) for n in range(5, 9)} if member == "kinds" else {}
    changed_files = FILES | {member: files | padding}
    with pytest.raises(UserError, match=sentence) as caught:
        united(tmp_path, changed_files)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "both.npy").exists()


def test_archives_of_members_are_packed_the_same_whenever_they_are_and_damage_is_named(tmp_path: Path) -> None:
    each = archives(tmp_path, FILES)
    packed = []
    for _ in range(2):
        pack_members(each, tmp_path / "both.zip")
        packed.append((tmp_path / "both.zip").read_bytes())
    assert packed[0] == packed[1]
    each["plain"].write_bytes(b"no zip")
    with pytest.raises(UserError, match="the archive of plain, is no zip"):
        pack_members(each, tmp_path / "both.zip")
