"""The features of frozen backbones, computed once for all recipes that differ in nothing that they follow from."""

import hashlib
import json
import time
from pathlib import Path

import keras
import numpy as np

from medtransfer import formats
from medtransfer.models.backend import describe_device, make_deterministic
from medtransfer.models.build import backbone_of, build
from medtransfer.models.fingerprint import sha256
from medtransfer.models.weights import provenance
from medtransfer.settings.recipes import Recipe
from medtransfer.training.augmentation import build_augmentation
from medtransfer.training.features import compute_features, feature_shape

SHARED = Path(".cache/features")
CODE = Path(__file__).resolve().parents[1]


def features_key(recipe: Recipe, images: Path, seed: int) -> str:
    """A hash of what a recipe's features follow from: its backbone with its weights, the images file, seed and code."""
    used = (CODE / f"training/{name}.py" for name in ("augmentation", "batches", "features"))
    rooms = [*(CODE / "models").glob("*.py"), *used]
    facts = {
        "backbone": recipe.backbone.model_dump(mode="json"),
        "weights": provenance(recipe.backbone),
        "seed": seed,
        "images": sha256(images),
        "code": [sha256(file) for file in sorted(rooms)],
        "keras": [keras.__version__, keras.backend.backend(), describe_device()],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def shared_features(recipe: Recipe, images: Path, seed: int) -> Path:
    """Where the features of a recipe's frozen backbone lie (see `compute_features`); computed unless they are there."""
    make_deterministic(seed)
    shared = SHARED / f"{features_key(recipe, images, seed)}.npy"
    if shared.exists():
        print("a recipe with the same backbone has left its features")
        return shared
    pixels = formats.read_array(images)
    network = backbone_of(build(recipe, pixels.shape[1:], 2, seed))
    augment = build_augmentation(recipe.backbone.augmentation, pixels.shape[1:])
    views = recipe.backbone.augmentation.views if augment else 0
    begun = time.perf_counter()
    shared.parent.mkdir(parents=True, exist_ok=True)
    draft = shared.with_suffix(".draft.npy")
    out = np.lib.format.open_memmap(draft, "w+", np.float32, feature_shape(network, len(pixels), views))
    compute_features(network, pixels, augment, views, seed, out)
    out.flush()
    formats.write_json(timing_of(shared), {"seconds": time.perf_counter() - begun})
    draft.replace(shared)
    return shared


def timing_of(shared: Path) -> Path:
    """Where the time stands that the features took, whichever recipe they were computed for."""
    return shared.with_suffix(".json")
