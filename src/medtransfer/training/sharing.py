"""Which recipes share a frozen backbone's features: all that differ in nothing that the features follow from."""

import hashlib
import json
from pathlib import Path

import keras

from medtransfer.models.backend import describe_device
from medtransfer.models.fingerprint import sha256
from medtransfer.models.weights import provenance
from medtransfer.schema.models import Recipe

CODE = Path(__file__).resolve().parents[1]


def features_key(recipe: Recipe, images: Path, seed: int) -> str:
    """A hash of what a recipe's features follow from: its backbone with its weights, the images file, seed and code."""
    used = (CODE / f"training/{name}.py" for name in ("augmentation", "batches", "features"))
    rooms = [*(CODE / "models").glob("*.py"), *(CODE / "schema").glob("*.py"), *used]
    facts = {
        "backbone": recipe.backbone.model_dump(mode="json"),
        "weights": provenance(recipe.backbone),
        "seed": seed,
        "images": sha256(images),
        "code": [sha256(file) for file in sorted(rooms)],
        "keras": [keras.__version__, keras.backend.backend(), describe_device()],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
