"""What stages keep in `.cache`: the features of frozen backbones, and the checkpoints of unfinished training.

    .cache/features/KEY.npy, KEY.json        an array, and the seconds and joules that it took
    .cache/checkpoints/KEY/NAME-FOLD.npz     see `checkpoints`

KEY is a hash of everything that the content follows from: another recipe, split, seed, input, Keras or line of code is
another key, so an entry is never out of date. The stage that fills a part of the cache removes its old entries. All of
it may be removed at any time: that costs time, and no result.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from medtransfer import store
from medtransfer.models.build import build_backbone
from medtransfer.models.determinism import describe_device, make_deterministic
from medtransfer.models.energy import EnergyMeter
from medtransfer.models.fingerprint import sha256
from medtransfer.models.weights import provenance
from medtransfer.settings.recipes import Backbone
from medtransfer.store.artefacts import Artefact
from medtransfer.store.formats import JSON, Array
from medtransfer.store.records import Times
from medtransfer.training.augmentation import build_augmentation
from medtransfer.training.features import compute_features, feature_shape

CODE = Path(__file__).resolve().parents[1]
WORKERS = "training/cluster"  # which computes as the rest of training does
KEPT_DAYS = 30  # of entries that no run has used since
KEPT_BYTES = 20 * 2**30  # of features
FINISHED = "finished"
BLOCK = 2**26  # bytes hashed at a time


def cache_key(facts: Mapping[str, object], code: Iterable[str]) -> str:
    """A hash of facts (plain values, arrays, settings), of files and folders of the library's code, and of Keras.

    Arrays are read once, at about 1 GB/s.
    """
    files = sorted(
        file for name in code for file in ((CODE / name).rglob("*.py") if (CODE / name).is_dir() else [CODE / name])
    )
    known = {
        **facts,
        "code": [sha256(file) for file in files if CODE / WORKERS not in file.parents],
        "keras": [keras.__version__, keras.backend.backend(), describe_device()],
    }
    return hashlib.sha256(json.dumps(known, sort_keys=True, default=_plain).encode()).hexdigest()


def shared_features(backbone: Backbone, images: Artefact[Array], seed: int) -> Artefact[Array]:
    """The features of a frozen backbone in the cache, from which others that are long unused are removed."""
    shared = filled_features(backbone, images, seed)
    prune_features(shared.path.parent)
    return shared


def filled_features(backbone: Backbone, images: Artefact[Array], seed: int) -> Artefact[Array]:
    """The features of a frozen backbone (see `compute_features`) in the cache; computed unless they are there."""
    make_deterministic(seed)
    shared = place_of_features(backbone, images, seed)
    if shared.path.exists() and _seconds_of(shared).path.exists():
        print("a recipe with the same backbone has left its features")
        _seconds_of(shared).path.touch()  # the time of its last use
    else:
        _fill(shared, backbone, images.read(), seed)
    return shared


def place_of_features(backbone: Backbone, images: Artefact[Array], seed: int) -> Artefact[Array]:
    """Where the cache has these features, or will have them."""
    facts = {"backbone": backbone, "weights": provenance(backbone), "seed": seed, "images": sha256(images.path)}
    code = ("models", *(f"training/{name}.py" for name in ("augmentation", "batches", "features")))
    return Artefact(store.FEATURES / f"{cache_key(facts, code)}.npy", images.format)


def share(shared: Artefact[Array], into: Artefact[Array], times: Artefact[Times]) -> None:
    """Let shared features be those of a model: one file by two names, or a copy where the disk has no hard links."""
    into.path.parent.mkdir(parents=True, exist_ok=True)
    into.path.unlink(missing_ok=True)  # DVC makes it read-only, so it is replaced and never written to
    try:
        os.link(shared.path, into.path)
    except OSError:
        shutil.copyfile(shared.path, into.path)
    took = _seconds_of(shared).read()
    times.write(Times(sha256(into.path), [took["seconds"]], joules=[took.get("joules")]))


def prune_features(root: Path, days: float = KEPT_DAYS, size: int = KEPT_BYTES) -> None:
    """Remove features that no run has used for some days, and the longest unused ones beyond a size in bytes."""
    newest_first = sorted(root.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for place, mark in enumerate(newest_first):
        array = mark.with_suffix(".npy")
        total += array.stat().st_size if array.exists() else 0
        if _is_old(mark, days) or (total > size and place > 0):
            array.unlink(missing_ok=True)
            mark.unlink(missing_ok=True)
    for draft in root.glob("*.draft.npy"):  # of runs that were killed
        if _is_old(draft, days=1):
            draft.unlink()


def begin_checkpoints(key: str, root: Path = store.CHECKPOINTS) -> None:
    """Before a run with this key: remove the checkpoints of other runs that are finished, or unused for long.

    Where this very run was finished before, what it trained is taken; this is printed. It is then a running one again.
    """
    for folder in root.glob("*"):
        finished = (folder / FINISHED).exists()
        if finished and folder.name == key:
            print(f"this was trained before; the results are taken from {folder}. To train again, remove that folder.")
            (folder / FINISHED).unlink()
        elif finished or _is_old(folder, KEPT_DAYS):
            shutil.rmtree(folder, ignore_errors=True)


def finish_checkpoints(key: str, root: Path = store.CHECKPOINTS) -> None:
    """Mark a run all of whose files are written; the next run removes it, as DVC has recorded its results by then."""
    (root / key).mkdir(parents=True, exist_ok=True)
    (root / key / FINISHED).touch()


def _fill(shared: Artefact[Array], backbone: Backbone, images: NDArray, seed: int) -> None:
    network = build_backbone(backbone, images.shape[1:], seed)
    augment = build_augmentation(backbone.augmentation, images.shape[1:])
    views = backbone.augmentation.stored_views
    begun = time.perf_counter()
    shared.path.parent.mkdir(parents=True, exist_ok=True)
    draft = shared.path.with_suffix(f".{os.getpid()}.draft.npy")
    out = np.lib.format.open_memmap(draft, "w+", np.float32, feature_shape(network, len(images), views))
    with EnergyMeter() as meter:
        compute_features(network, images, augment, views, seed, out)
        out.flush()
        _seconds_of(shared).write({"seconds": time.perf_counter() - begun, "joules": meter.joules})
    draft.replace(shared.path)


def _seconds_of(shared: Artefact[Array]) -> Artefact[dict[str, Any]]:
    """The time that the features took, whichever recipe they were computed for."""
    return Artefact(shared.path.with_suffix(".json"), JSON)


def _is_old(path: Path, days: float) -> bool:
    return time.time() - path.stat().st_mtime > days * 86400


def _plain(value: object) -> object:
    """What JSON has no form for: settings as their values, an array as a hash of its type, shape and values."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{type(value).__name__} cannot be part of a key")
    hashed = hashlib.sha256(f"{value.dtype.str} {value.shape}".encode())
    rows = max(1, BLOCK // max(1, value.dtype.itemsize * int(np.prod(value.shape[1:]))))
    for start in range(0, value.shape[0] if value.ndim else 1, rows):  # a memory map is read block by block
        hashed.update(np.ascontiguousarray(value[start : start + rows] if value.ndim else value).data.cast("B"))
    return hashed.hexdigest()
