"""Images a second that each model of the active study predicts on this machine. Not a DVC stage: make reproduce.

A rate is measured once for each training; nothing is measured, nor Keras loaded, where all are known.
"""

import time
from typing import TYPE_CHECKING

import numpy as np

from medtransfer import store
from medtransfer.models.fingerprint import sha256
from medtransfer.settings.command import run
from medtransfer.settings.errors import UserError
from medtransfer.settings.params import Params
from medtransfer.store.records import Rate

if TYPE_CHECKING:
    import keras

BATCH = 16
SECONDS = 1.0  # at least, after a first batch that compiles


def main(params: Params) -> None:
    """Measure the models of which no rate is known; a model that is not there has none."""
    for model in params.study.models:
        trained, into = store.trained(params.dataset, model), store.inference_rate(params.dataset, model)
        if not trained.history.path.exists():
            continue
        digest = sha256(trained.history.path)
        try:
            known = into.read().of == digest
        except UserError:
            known = False
        if not known:
            into.write(Rate(digest, images_a_second(next(trained.networks()))))


def images_a_second(network: "keras.Model", batch: int = BATCH, seconds: float = SECONDS) -> float:
    """How many made-up images (N x H x W x C, 0..255) a network predicts in a second, in batches."""
    images = np.random.default_rng(0).integers(0, 256, (batch, *network.input_shape[1:])).astype(np.float32)
    network.predict_on_batch(images)
    begun, count = time.perf_counter(), 0
    while (took := time.perf_counter() - begun) < seconds or not count:
        network.predict_on_batch(images)
        count += batch
    return count / took


if __name__ == "__main__":
    run(main)
