"""The study that is timed, and the steps of it that are no stage: making the archive, and finding copies by hash."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.frozen_backbone.study import Study, study_folder
from bench.large_sets.archive import LABELS, SIZE, write_archive
from medtransfer import store
from medtransfer.settings.files import DATASETS, MODELS, PARAMS

DATASET, FROZEN, TRAINED = "large", "mobilenetv2_random", "small_cnn"
SEED = 7


def large_study(folder: Path) -> Study:
    """The project's params and catalogue in a folder, with an entry for the made images and two short recipes."""

    def add_entry(catalogue: dict[str, Any]) -> None:
        catalogue[DATASET] = {
            "title": "Textures made by code",
            "used_by": "bench.large_sets",
            "source": {"kind": "local", "path": "made.zip"},
            "image_size": SIZE,
            "classes": {label: [f"{label}/*"] for label in LABELS},
            "positive": LABELS[1],
            "healthy": LABELS[0],
            "patient": r"/(p\d+)_",
        }

    def shorten(recipes: dict[str, Any]) -> None:
        for name in (FROZEN, TRAINED):
            recipes[name]["backbone"]["image_size"] = None
            recipes[name]["training"] |= {"epochs": 1, "batch_size": 64}

    def one_fold(params: dict[str, Any]) -> None:
        params["study"]["models"] = [FROZEN, TRAINED]
        params["split"] |= {"strategy": "grouped", "test_fraction": 0.1, "folds": 1, "validation_fraction": 0.1}

    return study_folder(folder, DATASET, FROZEN, {DATASETS: add_entry, MODELS: shorten, PARAMS: one_fold})


def make(images: str) -> None:
    """The archive where `download` leaves it, and the settings that `check` leaves."""
    from medtransfer.data.download.kaggle import sha256_of
    from medtransfer.settings.load import load
    from medtransfer.store.records import Origin
    from stages import check

    settings, archive = load(), store.archive(DATASET)
    check.main(settings.params)
    archive.parent.mkdir(parents=True)
    write_archive(archive, int(images), SEED)
    source = store.settings_of_dataset(DATASET).origin.read().source
    noted = Origin(source.model_dump(), "made by code", sha256_of(archive), archive.stat().st_size)
    store.origin(DATASET).write(noted)


def hashes() -> None:
    """Copies by hash alone, in all orientations, as the table that the split reads."""
    from medtransfer.data.duplicates.hamming import close_pairs
    from medtransfer.data.duplicates.perceptual_hash import parse
    from medtransfer.data.duplicates.search import COLUMNS, NOT_REGISTERED
    from medtransfer.settings.load import load_params
    from medtransfer.store.records import Background

    near = close_pairs(parse(store.prepared(DATASET).index.read()["phash"]), load_params().duplicates.hash_distance)
    store.duplicates(DATASET).pairs.write(pd.DataFrame(vars(near) | NOT_REGISTERED)[COLUMNS])
    store.duplicates(DATASET).background.write(Background(0.0))


def searched(images: int) -> str:
    """The name of a data set of so many images, for the whole search."""
    return f"searched{images}"


def take(*counts: str) -> None:
    """Images at even steps as data sets of their own, for the whole search."""
    prepared = store.prepared(DATASET)
    index, thumbnails = prepared.index.read(), prepared.thumbnails.read()
    for count in map(int, counts):
        rows = np.linspace(0, len(index) - 1, count).astype(int)
        store.prepared(searched(count)).index.write(index.iloc[rows])
        store.prepared(searched(count)).thumbnails.write(thumbnails[rows])
