"""Run a frozen backbone once over every image; folds, epochs and heads share what comes out."""

from pathlib import Path

import numpy as np

from medtransfer import artefacts
from medtransfer.config import Config
from stages.common import Clock, run, write_timing

BATCH = 64


def main(settings: Config, dataset: str, model: str) -> None:
    """Features, a row per image; an empty array for a model that trains its backbone."""
    clock = Clock()
    recipe = settings.recipe(model)
    features = np.zeros(0, dtype=np.float32)
    if recipe.backbone.frozen:
        from medtransfer.models.backend import make_deterministic
        from medtransfer.models.build import backbone_of, build

        make_deterministic(settings.params.seed)
        images = artefacts.read_array(Path(f"data/prepared/{dataset}/images.npy"))
        network = backbone_of(build(recipe, images.shape[1:], 2, settings.params.seed))
        features = network.predict(images, batch_size=BATCH, verbose=1)
        print(f"{len(features)} images, {features[0].size} features each")
    else:
        print(f"{model} trains its backbone: nothing to compute ahead")
    artefacts.write_array(Path(f"data/features/{dataset}/{model}.npy"), features)
    write_timing("features", dataset, model, clock.seconds)


if __name__ == "__main__":
    run(main)
