"""Run a frozen backbone once over every image; folds, epochs, heads and recipes that share it share what comes out."""

import numpy as np

from medtransfer import store
from medtransfer.settings.command import run
from medtransfer.settings.params import Params


def main(params: Params, dataset: str, model: str) -> None:
    """Features, a row per image (and view); an empty array for a model that runs its backbone in every epoch."""
    backbone, into = store.settings_of_model(model).backbone.read().backbone, store.features(dataset, model)
    if not backbone.stored:
        print(f"{model} runs its backbone in every epoch: nothing to compute ahead")
        into.write(np.zeros(0, dtype=np.float32))
        return
    # TensorFlow takes seconds to import
    from medtransfer.training.cache import share, shared_features

    shared = shared_features(backbone, store.prepared(dataset).images, params.seed)
    share(shared, into, store.feature_times(dataset, model))
    print(f"features: {' x '.join(map(str, into.read().shape))}")


if __name__ == "__main__":
    run(main)
