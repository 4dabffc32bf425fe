"""Run a frozen backbone once over every image; folds, epochs, heads and recipes that share it share what comes out."""

import shutil
from pathlib import Path

import numpy as np

from medtransfer import artefacts
from medtransfer.config import Config
from stages.common import Clock, run, write_timing

SHARED = Path(".cache/features")


def main(settings: Config, dataset: str, model: str) -> None:
    """Features, a row per image (and view); an empty array for a model that trains its backbone."""
    path = Path(f"data/features/{dataset}/{model}.npy")
    path.parent.mkdir(parents=True, exist_ok=True)
    if settings.recipe(model).backbone.frozen:
        shared = _shared(settings, dataset, model)
        shutil.copyfile(shared, path)
        seconds = artefacts.read_json(_timed(shared))["seconds"]
        print(f"features: {' x '.join(map(str, artefacts.read_array(path).shape))}")
    else:
        print(f"{model} trains its backbone: nothing to compute ahead")
        artefacts.write_array(path, np.zeros(0, dtype=np.float32))
        seconds = 0.0
    write_timing("features", dataset, model, seconds)


def _shared(settings: Config, dataset: str, model: str) -> Path:
    """Where the features lie that all recipes with this backbone share; they are computed for the first of them."""
    from medtransfer.models.backend import make_deterministic
    from medtransfer.models.build import backbone_of, build
    from medtransfer.training.augmentation import build_augmentation
    from medtransfer.training.features import compute_features, feature_shape
    from medtransfer.training.sharing import features_key

    recipe, seed = settings.recipe(model), settings.params.seed
    images = Path(f"data/prepared/{dataset}/images.npy")
    make_deterministic(seed)
    shared = SHARED / f"{features_key(recipe, images, seed)}.npy"
    if shared.exists():
        print("a recipe with the same backbone has left its features")
        return shared
    pixels = artefacts.read_array(images)
    network = backbone_of(build(recipe, pixels.shape[1:], 2, seed))
    augment = build_augmentation(recipe.backbone.augmentation, pixels.shape[1:])
    views = recipe.backbone.augmentation.views if augment else 0
    clock = Clock()
    shared.parent.mkdir(parents=True, exist_ok=True)
    draft = shared.with_suffix(".draft.npy")
    out = np.lib.format.open_memmap(draft, "w+", np.float32, feature_shape(network, len(pixels), views))
    compute_features(network, pixels, augment, views, seed, out)
    out.flush()
    artefacts.write_json(_timed(shared), {"seconds": clock.seconds})
    draft.replace(shared)
    return shared


def _timed(shared: Path) -> Path:
    """Where the time stands that it took to compute them, whichever recipe they were computed for."""
    return shared.with_suffix(".json")


if __name__ == "__main__":
    run(main)
