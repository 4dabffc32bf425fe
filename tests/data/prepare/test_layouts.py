"""Every entry of the catalogue reads an archive in its set's own layout: labels, parts, patients, masks, colours."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from medtransfer.data.download.local import pack
from medtransfer.data.duplicates.search import find_copies
from medtransfer.data.prepare.prepare import prepare
from medtransfer.data.split.audit import audit
from medtransfer.data.split.pictures import copies, group_names
from medtransfer.data.split.split import split
from medtransfer.settings.load import load
from medtransfer.store.partitions import DEVELOPMENT, NO_FOLD
from tests.conftest import ROOT
from tests.data.archives import encode, picture, write_mat, write_zip
from tests.data.split.test_pictures import CHOICE
from tests.data.split.test_split import choice

SETS = {
    name: entry
    for name, entry in load(ROOT).datasets.items()
    if entry.source.kind not in ("phantom", "shapes", "union")
}
FORMATS = {".jpg": "JPEG", ".JPG": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".tif": "TIFF"}
COUNT, SIZE = 8, 32  # images of each class, and pixels a side; the last image of a class is its first one over again
Shape = dict[str, object]
WHOLE: Shape = {"name": "polygon", "all_points_x": [4, 28, 28, 4], "all_points_y": [4, 4, 28, 28]}
ROUND: Shape = {"name": "ellipse", "cx": 16, "cy": 16, "rx": 9, "ry": 5, "theta": 0}


@dataclass(frozen=True)
class Layout:
    """What an archive holds, a path for each image."""

    images: dict[str, list[str]]  # by label
    ignored: dict[str, bytes] = field(default_factory=dict)  # what else is there, and is no part of the set
    mode: str = "L"
    channels: int = 1
    patient: Callable[[str], str] = lambda _: ""  # by path
    lesions: frozenset[str] = frozenset()  # paths of the images that have an outline
    zipped: bool = False  # whether each folder comes as a zip


def numbered(pattern: str, first: int = 1) -> list[str]:
    return [pattern.format(number) for number in range(first, first + COUNT)]


def halves(pattern: str, train: str, test: str) -> list[str]:
    """Three of four images in Training/, the others in Testing/, as the sets that come in two parts have them."""
    names = [(train if number % 4 else test).format(number) for number in range(COUNT)]
    return [pattern.format("Training" if number % 4 else "Testing", name) for number, name in enumerate(names)]


def via(**drawn: list[Shape]) -> bytes:
    """Outlines of .jpg files, as the annotator writes them."""
    content: dict[str, object] = {}
    for stem, shapes in drawn.items():
        regions = [{"shape_attributes": shape, "region_attributes": {}} for shape in shapes]
        content[f"{stem}.jpg99"] = {"filename": f"{stem}.jpg", "size": 99, "regions": regions, "file_attributes": {}}
    return json.dumps(content).encode()


def mat_patient(path: str) -> str:
    return f"10{int(Path(path).stem) // 2}" if int(Path(path).stem) % 3 else f"MR0{int(Path(path).stem) // 2}F"


EXTRA = encode(picture(999, SIZE), "JPEG")
LAYOUTS = {
    "br35h": Layout(
        images={"healthy": numbered("no/no{}.jpg", 0), "tumour": numbered("yes/y{}.jpg", 0)},
        ignored={
            "pred/pred0.jpg": EXTRA,
            "Br35H-Mask-RCNN/TRAIN/y0.jpg": EXTRA,
            "Br35H-Mask-RCNN/VAL/y500.jpg": EXTRA,
            "Br35H-Mask-RCNN/TEST/annotations_test.json": via(),
            "Br35H-Mask-RCNN/annotations_all.json": via(y0=[WHOLE], y2=[ROUND, WHOLE], y3=[]),
        },
        mode="RGB",
        lesions=frozenset({"yes/y0.jpg", "yes/y2.jpg"}),
    ),
    "figshare": Layout(
        images={
            "meningioma": numbered("1/{}.png"),
            "glioma": numbered("2/{}.png", 709),
            "pituitary": numbered("3/{}.png", 9),
        }
    ),
    "figshare_mat": Layout(
        images={
            "meningioma": numbered("brainTumorDataPublic_1-766/{}.mat"),
            "glioma": numbered("brainTumorDataPublic_767-1532/{}.mat", 767),
            "pituitary": numbered("brainTumorDataPublic_1533-2298/{}.mat", 1533),
        },
        ignored={"cvind.mat": write_mat(np.ones((4, 4), np.int16)), "README.txt": b"This brain tumor dataset ..."},
        patient=mat_patient,
        lesions=frozenset(
            f"brainTumorDataPublic_{part}/{number}.mat"
            for part, first in (("1-766", 1), ("767-1532", 767), ("1533-2298", 1533))
            for number in range(first, first + COUNT)
        ),
        zipped=True,
    ),
    "preetviradiya": Layout(
        images={
            "healthy": numbered("Brain Tumor Data Set/Brain Tumor Data Set/Healthy/Not Cancer  ({}).jpg"),
            "tumour": [
                f"Brain Tumor Data Set/Brain Tumor Data Set/Brain Tumor/Cancer ({number}).{suffix}"
                for number, suffix in enumerate(["jpg", "tif", "png", "jpg"] * 2)
            ],
        },
        ignored={"metadata.csv": b",image,class\n", "metadata_rgb_only.csv": b",image,class\n"},
        mode="RGB",
    ),
    "nickparvar": Layout(
        images={
            label: halves("{}/" + label + "/{}", f"Tr-{short}_00{{}}.jpg", f"Te-{short}_00{{}}.jpg")
            for label, short in (("glioma", "gl"), ("meningioma", "me"), ("notumor", "no"), ("pituitary", "pi"))
        }
    ),
    "leukemia": Layout(
        images={
            "ALL": [f"leukemia/train/all/UID_{number // 2 + 1}_{number}_1_all.bmp" for number in range(COUNT)],
            "HEM": [
                *(f"leukemia/train/hem/UID_H{number // 2 + 1}_{number}_1_hem.bmp" for number in range(COUNT - 2)),
                "leukemia/validation/HEM/17.bmp",
                "leukemia/validation/HEM/18.bmp",
            ],
        },
        mode="RGB",
        channels=3,
        patient=lambda path: Path(path).name.split("_")[1] if "UID" in path else "",
    ),
    "chest-xray": Layout(
        images={
            "COVID-19": numbered("Curated X-Ray Dataset/COVID-19/COVID-19 ({}).jpg"),
            "Normal": numbered("Curated X-Ray Dataset/Normal/Normal ({}).jpg"),
            "Pneumonia-Bacterial": numbered("Curated X-Ray Dataset/Pneumonia-Bacterial/Pneumonia-Bacterial ({}).jpg"),
            "Pneumonia-Viral": numbered("Curated X-Ray Dataset/Pneumonia-Viral/Pneumonia-Viral ({}).jpg"),
        }
    ),
    "sartaj": Layout(
        images={
            label: halves("{}/" + folder + "/{}", short + " ({}).jpg", "image({}).jpg")
            for label, folder, short in (
                ("glioma", "glioma_tumor", "gg"),
                ("meningioma", "meningioma_tumor", "m"),
                ("no_tumour", "no_tumor", "image"),
                ("pituitary", "pituitary_tumor", "p"),
            )
        },
        mode="RGB",
    ),
    "navoneel": Layout(
        images={
            "healthy": [f"no/{name}" for name in ("No11.jpg", "1 no.jpeg", "no 2.jpg", "N3.JPG", "N4.png", "5 no.jpg")]
            + ["no/no 7.jpeg", "no/no.jpg"],
            "tumour": [f"yes/Y{number}.{'JPG' if number % 3 else 'jpg'}" for number in range(COUNT)],
        },
        ignored={"brain_tumor_dataset/no/No11.jpg": EXTRA, "brain_tumor_dataset/yes/Y0.jpg": EXTRA},
    ),
}


def content(path: str, number: int, label: int, layout: Layout) -> bytes:
    """An image file of its suffix's kind; of every class, the first and the last have the same pixels."""
    shown = picture(100 * label + number % (COUNT - 1), SIZE, colour=layout.channels == 3)
    if path.endswith(".mat"):
        mask = np.zeros((SIZE, SIZE), dtype=bool)
        mask[4:12, 8:20] = path in layout.lesions
        return write_mat(shown.astype(np.int16) * 5, label + 1, layout.patient(path), mask)
    return encode(shown, FORMATS[Path(path).suffix], None if layout.channels == 3 else layout.mode)


def write(layout: Layout, place: Path) -> Path:
    """The set as it is fetched: a zip with its folders, or a folder of zips that is packed."""
    files = dict(layout.ignored)
    for label, paths in enumerate(layout.images.values()):
        files |= {path: content(path, number, label, layout) for number, path in enumerate(paths)}
    if not layout.zipped:
        folders = sorted({f"{parent.as_posix()}/" for name in files for parent in Path(name).parents[:-1]})
        return write_zip(place / "set.zip", dict.fromkeys(folders, b"") | files, zipfile.ZIP_DEFLATED)
    for folder in {str(Path(name).parent) for name in files} - {"."}:
        inside = {Path(name).name: each for name, each in files.items() if name.startswith(f"{folder}/")}
        write_zip(place / f"source/{folder}.zip", inside, zipfile.ZIP_DEFLATED)
    for name in (name for name in files if "/" not in name):
        (place / "source" / name).write_bytes(files[name])
    pack(place / "source", place / "set.zip")
    return place / "set.zip"


def test_the_table_has_the_catalogues_sets_and_no_others() -> None:
    assert LAYOUTS.keys() == SETS.keys(), "LAYOUTS in tests/data/test_layouts.py has a layout for each, and no others"


@pytest.mark.parametrize("name", SETS)
def test_an_archive_in_the_sets_layout_is_read_whole_and_split(name: str, tmp_path: Path) -> None:
    assert name in LAYOUTS, f"{name} is in catalog/datasets.yaml: add its archive's layout to LAYOUTS in {__file__}"
    layout, dataset = LAYOUTS[name], SETS[name]
    assert layout.images.keys() == dataset.classes.keys()
    sized = dataset.model_copy(update={"image_size": SIZE})
    prepared = prepare(write(layout, tmp_path), sized, 0, tmp_path / "images.npy", tmp_path / "thumbnails.npy")
    index, images = prepared.index, np.load(tmp_path / "images.npy")

    assert prepared.rejected.empty
    labels = {path: label for label, paths in layout.images.items() for path in paths}
    assert dict(zip(index["id"], index["label"], strict=True)) == labels
    assert index["label"].value_counts().to_dict() == dict.fromkeys(dataset.classes, COUNT)
    assert images.shape == (len(labels), SIZE, SIZE, layout.channels)
    assert index["patient"].tolist() == [layout.patient(path) for path in index["id"]]
    assert prepared.masks.keys() == layout.lesions
    for mask in prepared.masks.values():
        assert 0.05 < mask.mean() < 0.7
    parts = {"Training": "train", "Testing": "test"} if dataset.shipped else {}
    assert index["shipped"].tolist() == [parts.get(path.split("/")[0], "") for path in index["id"]]
    numbers = [dataset.expected] if isinstance(dataset.expected, int) else [*(dataset.expected or {}).values()]
    assert len(prepared.warnings) == len(numbers)
    assert all(
        f"where {number} are expected" in warning for number, warning in zip(numbers, prepared.warnings, strict=True)
    )

    thumbnails = np.load(tmp_path / "thumbnails.npy")[..., 0]
    pairs = find_copies(index["phash"].tolist(), thumbnails, CHOICE.hash_distance).pairs
    shared = copies(index, pairs, CHOICE)
    group = group_names(index["id"], shared)
    group_of = dict(zip(index["id"], group, strict=True))
    for paths in layout.images.values():
        if Path(paths[0]).suffix == Path(paths[-1]).suffix:
            assert group_of[paths[0]] == group_of[paths[-1]]
        assert len({group_of[path] for path in paths}) >= 3
    strategies = ["grouped", "random", "shipped"] if dataset.shipped else ["grouped", "random"]
    for strategy in strategies:
        for folds, validation in ((2, None), (1, 0.25)):
            chosen = choice(strategy=strategy, test_fraction=0.25, folds=folds, validation_fraction=validation)
            table = split(index, group, chosen, seed=0)
            of_class = table.groupby(["label", "partition"]).size().unstack()
            assert (of_class > 0).all(axis=None)
            assert len(of_class) == len(dataset.classes)
            audited = audit(table["partition"].to_numpy(), shared)
            if strategy == "grouped":
                assert (audited.exact, audited.near, audited.patient or 0) == (0, 0, 0)
                assert (table.groupby("group")[["partition", "fold"]].nunique() == 1).all(axis=None)
            elif strategy == "shipped":
                assert (table["partition"] == "test").equals(index["shipped"] == "test")
                assert audited.exact == len(dataset.classes)  # each class's first image is in Testing/, its last is not
            trained = table[(table["partition"] == DEVELOPMENT) & ((folds > 1) | (table["fold"] == NO_FOLD))]
            assert set(trained["label"]) == dataset.classes.keys()
