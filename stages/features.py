"""Run a frozen backbone once over every image; folds, epochs, heads and recipes that share it share what comes out."""

import shutil
from pathlib import Path

import numpy as np

from medtransfer import formats
from medtransfer.settings.load import Settings
from stages.common import run, write_timing


def main(settings: Settings, dataset: str, model: str) -> None:
    """Features, a row per image (and view); an empty array for a model that trains its backbone."""
    path = Path(f"data/features/{dataset}/{model}.npy")
    path.parent.mkdir(parents=True, exist_ok=True)
    recipe = settings.recipe(model)
    if recipe.backbone.frozen:
        from medtransfer.training.sharing import shared_features, timing_of

        shared = shared_features(recipe, Path(f"data/prepared/{dataset}/images.npy"), settings.params.seed)
        shutil.copyfile(shared, path)
        seconds = formats.read_json(timing_of(shared))["seconds"]
        print(f"features: {' x '.join(map(str, formats.read_array(path).shape))}")
    else:
        print(f"{model} trains its backbone: nothing to compute ahead")
        formats.write_array(path, np.zeros(0, dtype=np.float32))
        seconds = 0.0
    write_timing("features", dataset, model, seconds)


if __name__ == "__main__":
    run(main)
