"""The features of frozen backbones, computed once for all recipes that differ in nothing that they follow from."""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from medtransfer import store
from medtransfer.models.backend import describe_device, make_deterministic
from medtransfer.models.build import build_backbone
from medtransfer.models.fingerprint import sha256
from medtransfer.models.weights import provenance
from medtransfer.settings.recipes import Backbone
from medtransfer.store.artefacts import Artefact
from medtransfer.store.formats import JSON, Array
from medtransfer.store.records import Times
from medtransfer.training.augmentation import build_augmentation
from medtransfer.training.features import compute_features, feature_shape

CODE = Path(__file__).resolve().parents[1]


def features_key(backbone: Backbone, images: Path, seed: int) -> str:
    """A hash of what features follow from: the backbone with its weights, the images file, seed and code."""
    used = (CODE / f"training/{name}.py" for name in ("augmentation", "batches", "features"))
    rooms = [*(CODE / "models").glob("*.py"), *used]
    facts = {
        "backbone": backbone.model_dump(mode="json"),
        "weights": provenance(backbone),
        "seed": seed,
        "images": sha256(images),
        "code": [sha256(file) for file in sorted(rooms)],
        "keras": [keras.__version__, keras.backend.backend(), describe_device()],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def shared_features(backbone: Backbone, images: Artefact[Array], seed: int) -> Artefact[Array]:
    """Where the features of a frozen backbone lie (see `compute_features`); computed unless they are there."""
    make_deterministic(seed)
    shared = Artefact(store.FEATURES / f"{features_key(backbone, images.path, seed)}.npy", images.format)
    if shared.path.exists():
        print("a recipe with the same backbone has left its features")
        return shared
    pixels = images.read()
    network = build_backbone(backbone, pixels.shape[1:], seed)
    augment = build_augmentation(backbone.augmentation, pixels.shape[1:])
    views = backbone.augmentation.views if augment else 0
    begun = time.perf_counter()
    shared.path.parent.mkdir(parents=True, exist_ok=True)
    draft = shared.path.with_suffix(".draft.npy")
    out = np.lib.format.open_memmap(draft, "w+", np.float32, feature_shape(network, len(pixels), views))
    compute_features(network, pixels, augment, views, seed, out)
    out.flush()
    _seconds_of(shared).write({"seconds": time.perf_counter() - begun})
    draft.replace(shared.path)
    return shared


def share(shared: Artefact[Array], into: Artefact[Array], times: Artefact[Times]) -> None:
    """Let shared features be those of one model too, without a second copy where the disk can do that."""
    into.path.parent.mkdir(parents=True, exist_ok=True)
    into.path.unlink(missing_ok=True)
    try:
        os.link(shared.path, into.path)
    except OSError:  # two disks, or one that has no hard links
        shutil.copyfile(shared.path, into.path)
    times.write(Times(sha256(into.path), [_seconds_of(shared).read()["seconds"]]))


def _seconds_of(shared: Artefact[Array]) -> Artefact[dict[str, Any]]:
    """The time that the features took, whichever recipe they were computed for."""
    return Artefact(shared.path.with_suffix(".json"), JSON)
