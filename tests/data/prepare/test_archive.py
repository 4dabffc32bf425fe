"""Every file of an archive is an image of one class, a lesion's file, or rejected with its reason."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.data.prepare.archive import Contents, lesion_files, matches, sort_out
from medtransfer.settings.datasets import Dataset
from medtransfer.settings.errors import UserError
from tests.data.archives import entry, matlab_entry


def sorted_out(names: Iterable[str], dataset: Dataset | None = None) -> Contents:
    return sort_out([zipfile.ZipInfo(name) for name in names], dataset or entry())


@pytest.mark.parametrize(
    ("name", "glob", "fits"),
    [
        ("yes/a.jpg", "yes/*", True),
        ("yes/deeper/a.jpg", "yes/*", False),
        ("other/yes/a.jpg", "yes/*", False),
        ("a.jpg", "*", True),
        ("yes/a.jpg", "*", False),
        ("yes/a.jpg", "*/*.jpg", True),
        ("yes/a.jpg", "YES/*", False),
        ("yes/a.jpg", "**/yes/*", True),
        ("x/y/z/yes/a.jpg", "**/yes/*", True),
        ("x/yes/y/a.jpg", "**/yes/*", False),
        ("x/a.jpg", "x/**/a.jpg", True),
        ("x/y/z/a.jpg", "x/**/a.jpg", True),
        ("xx/a.jpg", "x**/a.jpg", True),
        ("x/y/a.jpg", "x**/a.jpg", False),  # only a part that is ** and nothing else crosses folders
        ("yes/x/a.jpg", "yes/**", True),
        ("yes/a.jpg", "yes/**", True),
        ("no/a.jpg", "yes/**", False),
        ("all/1.bmp", "**/[Aa][Ll][Ll]/*", True),
        ("ball/1.bmp", "**/[Aa][Ll][Ll]/*", False),
        ("a+b (1).jpg", "a+b (?).jpg", True),
    ],
)
def test_a_star_stays_in_its_folder_and_two_stand_for_any_number_of_them(name: str, glob: str, fits: bool) -> None:
    assert matches(name, glob) is fits


WILD = {"*": "[^/]*", "?": "[^/]", "[ab]": "[ab]", "[!a]": "[^a/]"}
PART = st.lists(st.sampled_from([*WILD, "a", "b", "."]), min_size=1, max_size=3).filter(
    lambda parts: parts != ["*"] * 2
)


@given(
    st.lists(st.text("ab./", max_size=6), min_size=1, max_size=3),
    st.lists(st.one_of(st.just(["**"]), PART), max_size=4),
    PART,
)
def test_patterns_mean_what_their_regular_expression_means(
    names: list[str], folders: list[list[str]], file: list[str]
) -> None:
    glob = "/".join("".join(part) for part in [*folders, file])
    expression = ""
    for part in folders:
        piece = "".join(WILD.get(token, re.escape(token)) for token in part)
        expression += "(?:[^/]*/)*" if part == ["**"] else f"{piece}/"
    expression += "".join(WILD.get(token, re.escape(token)) for token in file)
    for name in ["/".join(names), *names]:
        assert matches(name, glob) == bool(re.fullmatch(expression, name))


def test_members_are_sorted_and_labelled_and_folders_are_none() -> None:
    contents = sorted_out(["yes/", "yes/b.jpg", "no/a.jpg", "no/deeper/", "yes/a.jpg"])
    assert [(member.id, member.label) for member in contents.members] == [
        ("no/a.jpg", "healthy"),
        ("yes/a.jpg", "tumour"),
        ("yes/b.jpg", "tumour"),
    ]
    assert not contents.rejected


def test_paths_that_nothing_matches_are_listed() -> None:
    contents = sorted_out(["yes/a.jpg", "no/a.jpg", "no/deeper/c.jpg", "Readme.txt", "yes\\b.jpg"])
    assert contents.rejected == dict.fromkeys(
        ["Readme.txt", "no/deeper/c.jpg", "yes\\b.jpg"], "no class's pattern matches it"
    )


def test_ignored_beginnings_are_no_part_of_the_set() -> None:
    names = ["yes/a.jpg", "no/a.jpg", "pred/x.jpg", "pred/y/x.jpg", "meta.csv", "meta.csv.bak", "other/pred/x.jpg"]
    contents = sorted_out(names, entry(ignore=["pred/", "meta.csv"]))
    assert len(contents.members) == 2
    assert list(contents.rejected) == ["other/pred/x.jpg"]


@pytest.mark.parametrize(
    "clutter",
    ["__MACOSX/yes/a.jpg", "yes/.DS_Store", ".DS_Store", "no/Thumbs.db", "yes/desktop.ini", "yes/._a.jpg"],
)
def test_what_operating_systems_leave_behind_is_no_image(clutter: str) -> None:
    dataset = entry(classes={"healthy": ["no/a.jpg"], "tumour": ["yes/*", clutter]})
    contents = sorted_out(["yes/a.jpg", "no/a.jpg", clutter], dataset)
    assert [member.id for member in contents.members] == ["no/a.jpg", "yes/a.jpg"]
    assert contents.rejected == {clutter: "left behind by an operating system, no part of the set"}


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "../yes/x.jpg",
        "/yes/x.jpg",
        "C:\\yes\\x.jpg",
        "c:/yes/x.jpg",
        "yes/../../x.jpg",
        "yes/..",
        "yes\\..\\..\\x",
    ],
)
def test_paths_that_climb_out_of_the_archive_are_refused(path: str) -> None:
    contents = sorted_out(
        ["yes/a.jpg", "no/a.jpg", path], entry(classes={"healthy": ["no/*"], "tumour": ["yes/*", path]})
    )
    assert [member.id for member in contents.members] == ["no/a.jpg", "yes/a.jpg"]
    assert contents.rejected == {path: "its path climbs out of the archive"}


def test_dots_within_a_name_climb_nowhere() -> None:
    assert not sorted_out(["yes/a..b.jpg", "yes/...", "no/a..jpg"]).rejected


def test_a_path_that_two_classes_claim_is_rejected_with_both_names() -> None:
    dataset = entry(classes={"healthy": ["no/*", "yes/a*"], "tumour": ["yes/*"]})
    contents = sorted_out(["yes/a.jpg", "yes/b.jpg", "no/b.jpg"], dataset)
    assert [member.id for member in contents.members] == ["no/b.jpg", "yes/b.jpg"]
    assert contents.contested == {"yes/a.jpg": "claimed by the classes healthy and tumour"}
    assert not contents.rejected


def test_two_patterns_of_one_class_may_claim_a_path() -> None:
    dataset = entry(classes={"healthy": ["no/*"], "tumour": ["yes/*", "**/a.jpg"]})
    assert len(sorted_out(["yes/a.jpg", "no/b.jpg"], dataset).members) == 2


def test_a_path_that_stands_twice_is_said() -> None:
    contents = sorted_out(["yes/a.jpg", "no/a.jpg", "yes/a.jpg"])
    assert [member.id for member in contents.members] == ["no/a.jpg", "yes/a.jpg"]
    assert contents.rejected == {"yes/a.jpg (again)": "the archive holds this path twice; the last one counts"}


def test_a_class_without_files_is_refused_with_what_is_there() -> None:
    with pytest.raises(UserError, match=r"class healthy \(no/\*, n/\*\); it begins with Yes/a\.jpg, yes/a\.jpg, yes/b"):
        sorted_out(
            ["yes/b.jpg", "yes/a.jpg", "Yes/a.jpg", "z"],
            entry(classes={"healthy": ["no/*", "n/*"], "tumour": ["yes/*"]}),
        )


def test_an_empty_archive_and_one_without_matlab_files_are_refused() -> None:
    with pytest.raises(UserError, match="nothing: it is empty"):
        sorted_out([])
    with pytest.raises(UserError, match=r"holds no \.mat file; it begins with a\.png"):
        sorted_out(["a.png"], matlab_entry())


def test_matlab_files_get_their_label_later() -> None:
    contents = sorted_out(["a/1.mat", "b/2.MAT", "cvind.mat", "notes.txt"], matlab_entry(ignore=["cvind.mat"]))
    assert [(member.id, member.label) for member in contents.members] == [("a/1.mat", ""), ("b/2.MAT", "")]
    assert list(contents.rejected) == ["notes.txt"]


def test_patients_come_from_the_path() -> None:
    dataset = entry(patient=r"/(p\d+)_")
    assert [member.patient for member in sorted_out(["yes/p01_2.png", "no/p7_1.png"], dataset).members] == ["p7", "p01"]
    with pytest.raises(UserError, match=r"finds no patient's id in no/q\.png"):
        sorted_out(["yes/p01_2.png", "no/q.png"], dataset)


def test_a_patients_group_that_takes_no_part_names_nobody() -> None:
    contents = sorted_out(["no/UID_H6_1.bmp", "no/1.bmp", "yes/UID_12_3.bmp"], entry(patient=r"^(?:.*/UID_(H?\d+)_)?"))
    assert [member.patient for member in contents.members] == ["", "H6", "12"]


def test_shipped_parts_come_from_the_beginning_of_the_path() -> None:
    dataset = entry(
        classes={"healthy": ["**/no/*"], "tumour": ["**/yes/*"]},
        shipped={"train": ["Training/", "val/"], "test": ["Testing/"]},
    )
    names = ["Testing/no/1", "Training/yes/1", "more/Training/no/1", "val/no/1"]
    assert [member.shipped for member in sorted_out(names, dataset).members] == ["test", "train", "", "train"]


def test_masks_are_named_by_label_and_stem() -> None:
    dataset = entry(masks="masks/{label}/{stem}.png")
    contents = sorted_out(["yes/a.b.jpg", "no/c.png", "masks/tumour/a.b.png", "masks/tumour/other.png"], dataset)
    assert lesion_files(contents.members, dataset)["yes/a.b.jpg"] == "masks/tumour/a.b.png"
    assert list(contents.rejected) == ["masks/tumour/other.png"]


def test_one_mask_may_serve_two_images() -> None:
    dataset = entry(masks="masks/{stem}.png")
    contents = sorted_out(["yes/a.png", "no/a.png", "masks/a.png"], dataset)
    assert lesion_files(contents.members, dataset) == {"yes/a.png": "masks/a.png", "no/a.png": "masks/a.png"}


def test_a_mask_beside_its_image_is_no_image() -> None:
    contents = sorted_out(["yes/a.png", "yes/a_mask.png", "no/b.png"], entry(masks="yes/{stem}_mask.png"))
    assert [member.id for member in contents.members] == ["no/b.png", "yes/a.png"]
    assert not contents.rejected


@pytest.mark.parametrize("pattern", ["yes/{stem}.png", "{label}/{stem}.png"])
def test_a_pattern_of_masks_that_matches_the_images_is_refused_by_name(pattern: str) -> None:
    dataset = entry(masks=pattern, classes={"no": ["no/*"], "yes": ["yes/*"]}, positive="yes", healthy="no")
    with pytest.raises(
        UserError, match=r"masks: the pattern .* matches the images of class \w+ themselves, such as "
    ) as e:
        sorted_out(["yes/a.png", "yes/b.png", "no/c.png"], dataset)
    assert "write where their lesion masks lie" in str(e.value)


def test_an_image_that_would_be_its_own_mask_is_not_dropped_in_silence() -> None:
    contents = sorted_out(["yes/a.jpg", "yes/b.png", "no/c.jpg"], entry(masks="yes/{stem}.png"))
    assert [member.id for member in contents.members] == ["no/c.jpg", "yes/a.jpg"]
    assert contents.contested == {"yes/b.png": "an image of a class and, by the pattern of masks, its own lesion mask"}


def test_a_mask_that_a_wide_pattern_takes_for_an_image_is_a_mask() -> None:
    dataset = entry(classes={"healthy": ["**/no/*"], "tumour": ["**/tumour/*"]}, masks="masks/{label}/{stem}.png")
    contents = sorted_out(["tumour/a.png", "masks/tumour/a.png", "no/b.png"], dataset)
    assert [member.id for member in contents.members] == ["no/b.png", "tumour/a.png"]
    assert not contents.contested


def test_the_file_of_outlines_is_no_stranger() -> None:
    dataset = entry(outlines={"file": "via.json", "image": "yes/{name}"})
    assert list(sorted_out(["yes/a", "no/b", "via.json", "via2.json"], dataset).rejected) == ["via2.json"]


FOLDER = st.sampled_from(["yes", "no", "pred", "masks", "..", "", "C:", "__MACOSX", "deeper"])
FILE = st.sampled_from(["a.png", "b.png", "0.png", ".DS_Store", "._a.png", "x\\y", "\x00", "", ".."])
NAME = st.builds(lambda folders, file: "/".join([*folders, file]), st.lists(FOLDER, max_size=3), FILE)


@given(st.lists(NAME, max_size=30))
def test_nothing_is_dropped_in_silence(names: list[str]) -> None:
    files = [zipfile.ZipInfo(name) for name in [*names, "yes/0.png", "no/0.png"]]
    dataset = entry(
        classes={"healthy": ["no/*"], "tumour": ["yes/*", "**/deeper/b.png"]},
        ignore=["pred/"],
        masks="masks/{stem}.png",
    )
    contents = sort_out(files, dataset)
    members = {member.id for member in contents.members}
    lesions = set(lesion_files(contents.members, dataset).values())
    count = Counter(file.filename for file in files if not file.filename.endswith("/"))
    for name, times in count.items():
        if not name.startswith("pred/"):
            where = (members, lesions, contents.rejected, contents.contested)
            assert sum(name in place for place in where) == 1
            again = [other for other in contents.rejected if other.startswith(f"{name} (again")]
            assert len(again) == times - 1
    assert members <= count.keys()
    assert {re.sub(r" \(again(, \d+)?\)$", "", name) for name in contents.rejected} <= count.keys()
    assert all(contents.rejected.values())
