"""What each image of a set shares with others: its pixels, its picture in some orientation, its group, its patient."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order

from medtransfer.data.duplicates.components import components, first_alike
from medtransfer.settings.params import Duplicates
from medtransfer.store.orientations import COMPOSED, INVERSE, UPRIGHT

COPY_MARGIN, GROUP_MARGIN = 0.9, 0.75  # of Fisher's z, above the background


@dataclass(frozen=True)
class Copies:
    """What the images of an index share. All arrays have a row per image."""

    pixels: NDArray[np.intp]  # number of its grey pixels: equal numbers, identical pixels
    picture: NDArray[np.intp]  # number of its picture: equal numbers, copies of one another
    turn: NDArray[np.intp]  # orientation in which it looks like the first image of its picture
    group: NDArray[np.intp]  # number of its group, which a split keeps whole: copies, similar images, one patient
    patient: NDArray[np.intp]  # number of its patient; -1 where none is named


def raised(choice: Duplicates, background: float) -> Duplicates:
    """The thresholds for a set whose unlike images are as similar as `background` once they are registered.

    Where images of one kind have little texture of their own, unlike images are similar once registered. Then a pair
    has to stand out from the background, by a difference of Fisher's z (inverse hyperbolic tangent of a correlation).
    """
    copy, group = (float(np.tanh(np.arctanh(max(background, 0.0)) + margin)) for margin in (COPY_MARGIN, GROUP_MARGIN))
    return choice.model_copy(
        update={
            "copy_similarity": max(choice.copy_similarity, copy),
            "group_similarity": max(choice.group_similarity, group),
        }
    )


def copies(index: pd.DataFrame, pairs: pd.DataFrame, choice: Duplicates) -> Copies:
    """Pictures and groups of an index (columns patient, sha256) from the pairs of `find_copies`.

    Pairs by hash, and those as similar as `copy_similarity`, are copies. Two images that are each a copy of a third
    are one picture. A group is one or more pictures, joined by pairs as similar as `group_similarity`, by thumbnails
    as similar as `group_thumbnail`, or by a patient.
    """
    count = len(index)
    certain = pairs[(pairs["bits"] >= 0) | (pairs["similarity"] >= choice.copy_similarity)]
    looks_alike = (pairs["similarity"] >= choice.group_similarity) | (pairs["thumbnail"] >= choice.group_thumbnail)
    alike = pairs[(pairs["bits"] >= 0) | looks_alike]
    patient = pd.factorize(index["patient"].replace("", None))[0]
    slices = np.arange(count), first_alike(patient)  # of one patient
    picture = components(count, *_ends(certain))
    return Copies(
        pixels=pd.factorize(index["sha256"])[0],
        picture=picture,
        turn=_turns(picture, certain),
        group=components(count, *(np.concatenate(ends) for ends in zip(_ends(alike), slices, strict=True))),
        patient=patient,
    )


def group_names(ids: pd.Series, shared: Copies) -> pd.Series:
    """A group's name for every image: the id of the group's first image."""
    return pd.Series(ids.to_numpy()[first_alike(shared.group)], index=ids.index, name="group")


def conflicting(labels: pd.Series, shared: Copies) -> NDArray[np.bool_]:
    """Whether an image's picture occurs under another label too, in any orientation."""
    return (labels.reset_index(drop=True).groupby(shared.picture).transform("nunique") > 1).to_numpy()


def repetitions(labels: pd.Series, shared: Copies) -> dict[str, Any]:
    """How often pictures repeat, for any split."""
    of_pixels, of_picture, of_group = (np.bincount(number) for number in (shared.pixels, shared.picture, shared.group))
    turned = pd.Series(shared.turn).groupby(shared.picture).nunique()
    classes = {
        str(label): {"images": len(numbers), "pictures": int(numbers.nunique())}
        for label, numbers in pd.Series(shared.picture).groupby(labels.to_numpy())
    }
    return {
        "pictures": len(of_picture),
        "classes": classes,
        "exact_groups": int((of_pixels > 1).sum()),
        "images_in_exact_groups": int(of_pixels[of_pixels > 1].sum()),
        "pictures_with_copies": int((of_picture > 1).sum()),
        "images_with_copies": int(of_picture[of_picture > 1].sum()),
        "pictures_in_several_orientations": int((turned > 1).sum()),
        "largest_picture": int(of_picture.max(initial=0)),
        "groups": len(of_group),
        "largest_group": int(of_group.max(initial=0)),
        "conflicting_images": int(conflicting(labels, shared).sum()),
        "groups_of_several_labels": int((labels.groupby(shared.group).nunique() > 1).sum()),
    }


def _ends(pairs: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return pairs["first"].to_numpy(np.intp), pairs["second"].to_numpy(np.intp)


def _turns(picture: NDArray[np.intp], pairs: pd.DataFrame) -> NDArray[np.intp]:
    """The orientation in which each image looks like the first of its picture, along a tree of pairs."""
    count = len(picture)
    first, second = _ends(pairs)
    turns = pairs["orientation"].to_numpy(np.intp)  # of the second, in which it looks like the first
    roots = np.flatnonzero(first_alike(picture) == np.arange(count))
    steps = pd.DataFrame(  # from one more node to all roots, and along every pair, both ways
        {
            "from": np.concatenate([np.full(len(roots), count), first, second]),
            "to": np.concatenate([roots, second, first]),
            "turn": np.concatenate([np.full(len(roots), UPRIGHT), turns, INVERSE[turns]]),
        }
    ).drop_duplicates(["from", "to"])
    shape = (count + 1, count + 1)
    graph = coo_matrix((steps["turn"] + 1, (steps["from"], steps["to"])), shape=shape).tocsr()  # 0 would be no link
    order, before = breadth_first_order(graph, count)
    rows = order[1:]
    step_to = np.asarray(graph[before[rows], rows]).ravel() - 1
    turn = np.full(count + 1, UPRIGHT, np.intp)
    for row, last, step in zip(rows, before[rows], step_to, strict=True):
        turn[row] = COMPOSED[turn[last], step]
    return turn[:count]
