"""Artefacts of a data set of four test images and of a trained model, as the stages before `explain` leave them."""

import numpy as np
import pandas as pd

from medtransfer import store
from medtransfer.settings.load import load_params
from medtransfer.settings.resolved import Classes
from medtransfer.store.records import Training
from tests.conftest import ROOT
from tests.explain.small import CLASSES, SIZE, Small

PARAMS = load_params(ROOT)


def write_project(small: Small, pretrained: bool) -> float:
    """Two of the images have a white lesion on black, which is predicted right; returns its share of the image."""
    images, lesion = np.zeros((6, SIZE, SIZE, 1), np.uint8), np.zeros((SIZE, SIZE), bool)
    lesion[:8, :8] = True
    images[2:4, lesion] = 255
    ids = [f"image {number}" for number in range(len(images))]
    store.settings_of_dataset("d").classes.write(Classes(list(CLASSES), "ill"))
    store.split("d").write(pd.DataFrame({"id": ids, "partition": ["development"] * 2 + ["test"] * 4, "group": ids}))
    store.prepared("d").images.write(images)
    store.prepared("d").masks.write(dict.fromkeys(ids[2:4], lesion))
    actual = ["ill", "ill", "healthy", "healthy"]
    predictions = pd.DataFrame({"id": ids[2:], "actual": actual, "predicted": ["ill", "ill", "healthy", "ill"]})
    predictions["ill"] = [0.9, 0.8, 0.3, 0.6]
    predictions["healthy"] = 1 - predictions["ill"]
    store.evaluated("d", "m").predictions.write(predictions)
    training = Training({}, "unet_encoder", small.layer, False, pretrained, 0, 0, [1])
    store.trained("d", "m").training.write(training)
    networks = {"fold": small.network} | ({"autoencoder": small.autoencoder} if pretrained else {})
    store.trained("d", "m").write_networks(0, networks)
    return float(lesion.mean())
