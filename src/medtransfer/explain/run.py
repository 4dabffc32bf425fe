"""Every chosen method on every fold of a model, and what comes of it: maps, figures and what is scored."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtransfer.explain.base import Maps, implementation_of
from medtransfer.explain.figures import Style
from medtransfer.explain.grids import enlarged, together
from medtransfer.explain.method import Method
from medtransfer.explain.reading import Fold, Folds, Reader, View
from medtransfer.explain.sample import Sample
from medtransfer.plotting import png

BATCH = 32  # images explained at a time


@dataclass(frozen=True)
class Explained:
    """What one method shows of a model."""

    figure: bytes  # PNG
    caption: str
    scored: list[str]  # titles of its maps that are held against lesion masks


def mean_maps(
    folds: Folds, methods: Mapping[str, Method], images: NDArray, classes: NDArray[np.integer]
) -> dict[str, Maps]:
    """By a method's key, the means over folds of its maps of images (N x H x W x C, 0..255) and their classes (N).

    What is read of a fold is shared by the methods; what is compiled, by the folds too.
    """
    wants_autoencoders = any(method.autoencoder for method in methods.values())
    autoencoders = folds.autoencoders if wants_autoencoders else ()
    views: list[View] = []
    of_folds: list[dict[str, Maps]] = []
    for network, autoencoder in itertools.zip_longest(folds.networks, autoencoders):
        views = views or list(_views(Reader(network, folds.layer), images, classes))
        fold = Fold(network, autoencoder, folds.seed)
        explanations = {key: implementation_of(method)(method, fold) for key, method in methods.items()}
        batches = []
        for view in views:
            batches.append({key: explanation.explain(view) for key, explanation in explanations.items()})
            view.forget(keep_feature_map=folds.frozen)
        of_folds.append(_by_method(batches, np.concatenate))
    return _by_method(of_folds, lambda maps: np.mean(maps, axis=0))


def mean_of_members(members: Sequence[dict[str, Maps]]) -> dict[str, Maps]:
    """The same of an ensemble: means over its members, on the grid of the finest."""
    return _by_method(members, together)


def explained(
    methods: Mapping[str, Method], maps: Mapping[str, Maps], sample: Sample, style: Style
) -> dict[str, Explained]:
    """What each method shows, by its key; `maps` are of the sample's images."""
    results = {}
    for key, method in methods.items():
        implementation = implementation_of(method)
        caption = implementation.caption.format(title=method.title)
        results[key] = Explained(
            png(implementation.draw(maps[key], sample, style)),
            caption[0].upper() + caption[1:],
            implementation.scored(maps[key]),
        )
    return results


def compared_maps(methods: Mapping[str, Method], maps: Mapping[str, Maps], sample: Sample) -> NDArray[np.uint8]:
    """The first method's first map of the images that every model is shown on, as large as these: N x H x W, 0..255."""
    of_first = next(iter(maps[next(iter(methods))].values()))
    size = sample.images.shape[1:3]
    enlarged_maps = [enlarged(of_first[number], (size[0], size[1]), smooth=True) for number in sample.compared]
    return np.round(255 * np.array(enlarged_maps)).astype(np.uint8)


def _views(reader: Reader, images: NDArray, classes: NDArray[np.integer]) -> Iterator[View]:
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        yield View(reader, images[part], classes[part])


def _by_method(
    parts: Sequence[dict[str, Maps]], join: Callable[[Sequence[NDArray[np.floating]]], NDArray[np.floating]]
) -> dict[str, Maps]:
    """Parts of the same methods and titles, joined to one."""
    return {
        key: {title: join([part[key][title] for part in parts]) for title in maps} for key, maps in parts[0].items()
    }
