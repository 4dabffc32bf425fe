"""PYTHONPATH=src .venv/bin/python -m bench.one_graph [trial]

The outputs of networks for images whose last batch is a smaller one: by medtransfer.models.predict, which traces one
graph for batches of any size, and by Keras's own predict_on_batch, which traces another for the last batch. Every time
is of a network just built, the two in turns. Writes its table into docs/benchmarks.md. `trial` is a run on a few small
images, which writes nothing.
"""

import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.command import run
from bench.page import publish, require_blocks
from medtransfer.models.build import build_backbone
from medtransfer.models.predict import predict
from medtransfer.settings.recipes import Backbone

PAGE, BLOCK = Path("docs/benchmarks.md"), "one graph"
ARCHITECTURES, SIZE, IMAGES = ("mobilenetv2", "resnet50v2", "densenet121"), 96, 250
BATCH, TIMES, SEED = 64, 3, 0
Outputs = NDArray[np.float32]


def main(trial: bool) -> None:
    """The shortest of some times each."""
    require_blocks(PAGE, [BLOCK])
    names, size, count = (("simple_cnn",), 32, BATCH + 1) if trial else (ARCHITECTURES, SIZE, IMAGES)
    images = np.random.default_rng(SEED).integers(0, 256, (count, size, size, 1), np.uint8)
    rows = [_row(name, images) for name in names]
    print(f"{count} images of {size} pixels, {BATCH} at a time; the shortest of {TIMES} times")
    publish(PAGE, {BLOCK: pd.DataFrame(rows)}, trial)


def _row(architecture: str, images: NDArray[np.uint8]) -> dict[str, str]:
    backbone = Backbone(architecture=architecture, weights=None, trainable="none", pooling="average")
    ways: dict[str, Callable[[keras.Model, NDArray[np.uint8]], Outputs]] = {"two graphs": _by_keras, "one": _by_one}
    seconds, outputs = dict.fromkeys(ways, float("inf")), {}
    for _ in range(TIMES):
        for way, function in ways.items():
            network = build_backbone(backbone, images.shape[1:], SEED)
            begun = time.perf_counter()
            outputs[way] = function(network, images)
            seconds[way] = min(seconds[way], time.perf_counter() - begun)
            keras.utils.clear_session()
    return {
        "Network": architecture,
        "Two graphs, seconds": f"{seconds['two graphs']:.2f}",
        "One graph, seconds": f"{seconds['one']:.2f}",
        "Ratio": f"{seconds['two graphs'] / seconds['one']:.1f} ×",
        "Largest difference": f"{np.abs(outputs['two graphs'] - outputs['one']).max():g}",
    }


def _by_keras(network: keras.Model, images: NDArray[np.uint8]) -> Outputs:
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    return np.concatenate([network.predict_on_batch(batch) for batch in batches])


def _by_one(network: keras.Model, images: NDArray[np.uint8]) -> Outputs:
    return predict(network, images, np.arange(len(images)), BATCH)


if __name__ == "__main__":
    run(main, __doc__)
