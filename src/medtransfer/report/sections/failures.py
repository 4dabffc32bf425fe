"""Where the headline model fails: its most confident errors, accuracy in parts of the test set and by patient."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from medtransfer.evaluation.accuracy import accuracy
from medtransfer.evaluation.failures import FEW, Part, by_patient, confident_errors, part, quarters
from medtransfer.evaluation.image_properties import distances, lesion_shares, sharpness
from medtransfer.plotting import png
from medtransfer.report import failures
from medtransfer.report.blocks import Block, Note, Paragraph, Picture, Row, Section, Subsection, TableBlock
from medtransfer.report.settings import ReportSettings, Store
from medtransfer.settings.resolved import Classes
from medtransfer.store.artefacts import Prepared
from medtransfer.store.formats import Masks
from medtransfer.store.partitions import DEVELOPMENT

ORDER = 320
MOST, IN_ONE = 8, 4  # errors that are listed and shown; and in one picture, which a narrow screen can show
PARTS = (
    "Lesion size: share of the image inside its outline; images without an outline are left out. Sharpness: variance "
    "of the Laplacian of the prepared image, in squared grey levels; noise raises it too. Brightness: mean grey level. "
    "Distance: 1 minus the correlation with the most alike development image, of thumbnails of 32 × 32, in the "
    "best of eight orientations; 0 is a copy. These four are cut into quarters of the images. Interval: Wilson's where "
    "each group of a part holds one image, else by resampling groups; where resampling does not vary, Wilson's over "
    f"groups. Parts overlap, and differ in their mix of classes. With fewer than {FEW} groups nothing is concluded."
)


@dataclass(frozen=True)
class _Test:
    """N test images with their predictions."""

    predictions: pd.DataFrame
    rows: NDArray[np.intp]  # of the index
    split: pd.DataFrame  # of all images
    classes: Classes
    prepared: Prepared
    masks: Masks  # by id

    @property
    def right(self) -> NDArray[np.bool_]:
        return (self.predictions["actual"] == self.predictions["predicted"]).to_numpy()

    @property
    def groups(self) -> NDArray:
        return self.split["group"].to_numpy()[self.rows]


def section(store: Store, settings: ReportSettings) -> Section:
    """All of the headline model; numbers follow from its predictions, the index, lesion masks and images."""
    predictions, split = store.evaluated(settings.dataset, settings.headline).predictions.read(), store.split
    table, prepared = split(settings.dataset).read(), store.prepared(settings.dataset)
    rows = pd.Index(table["id"]).get_indexer(pd.Index(predictions["id"]))
    classes = store.settings_of_dataset(settings.dataset).classes.read()
    test = _Test(predictions, rows, table, classes, prepared, prepared.masks.read())
    whole, wrong = accuracy(test.right, test.groups), int((~test.right).sum())
    opening = Paragraph(
        f"The headline model {settings.headline} is wrong on {wrong} of {len(rows)} held-out images, which are of "
        f"{len(np.unique(test.groups))} groups. Accuracy: {whole.value:.3f} (95 % interval {failures.interval(whole)})."
    )
    blocks: list[Block] = [opening, *_errors(test, wrong), _parts(test), _patients(test)]
    return Section("Failures", "failures", blocks)


def _errors(test: _Test, wrong: int) -> list[Block]:
    """None where there is no error."""
    if not wrong:
        return []
    errors, images = confident_errors(test.predictions, test.classes.names, MOST), test.prepared.images.read()
    shown = [
        failures.Shown(
            images[test.rows[place]],
            test.masks.get(error["id"]),
            error["actual"],
            error["predicted"],
            error["confidence"],
        )
        for place, error in zip(errors.index, errors.to_dict("records"), strict=True)
    ]
    number = f"All {wrong} errors" if wrong <= MOST else f"The {MOST} most confident of {wrong} errors"
    outlined = " Lesions are outlined in white." if any(error.mask is not None for error in shown) else ""
    caption = f"{number}. Confidence: the probability of the predicted class."
    pictures = Row([_picture(shown, start, outlined) for start in range(0, len(shown), IN_ONE)])
    return [Subsection("Most confident errors", [pictures, TableBlock(failures.errors_table(errors), caption)])]


def _picture(errors: Sequence[failures.Shown], start: int, outlined: str) -> Picture:
    some = errors[start : start + IN_ONE]
    described = "; ".join(f"{error.actual} as {error.predicted}, {error.confidence:.0%}" for error in some)
    number = f"Error {start + 1}" if len(some) == 1 else f"Errors {start + 1} to {start + len(some)}"
    caption = f"{number} of the table, row by row.{outlined}"
    return Picture(png(failures.errors_figure(some)), f"{number}: {described}.", caption)


def _parts(test: _Test) -> Subsection:
    right, groups = test.right, test.groups
    whole, parts = accuracy(right, groups), _all_parts(test)
    table = failures.parts_table(parts, whole, len(right), len(np.unique(groups)))
    blocks: list[Block] = [Paragraph(failures.parts_in_words(parts, whole.value)), TableBlock(table, PARTS)]
    return Subsection("Accuracy in parts of the test set", blocks)


def _all_parts(test: _Test) -> list[tuple[str, Part]]:
    right, groups, actual = test.right, test.groups, test.predictions["actual"].to_numpy()
    parts = [("class", part(name, right, groups, actual == name)) for name in test.classes.names]
    thumbnails, images = test.prepared.thumbnails.read(), test.prepared.images.read()
    development = np.flatnonzero((test.split["partition"] == DEVELOPMENT).to_numpy())
    properties = {
        "lesion size": (100 * lesion_shares(list(test.predictions["id"]), test.masks), "{:.1f} to {:.1f} %"),
        "sharpness": (sharpness(images[test.rows]), "{:.0f} to {:.0f}"),
        "brightness": (test.prepared.index.read()["mean"].to_numpy(float)[test.rows], "{:.0f} to {:.0f}"),
        "distance": (distances(thumbnails[test.rows], thumbnails[development]), "{:.3f} to {:.3f}"),
    }
    for by, (values, form) in properties.items():
        for low, high, mask in quarters(values):
            parts.append((by, part(form.format(low, high), right, groups, mask)))
    return parts


def _patients(test: _Test) -> Subsection:
    patients = test.prepared.index.read()["patient"].to_numpy()[test.rows]
    known = patients != ""
    if not known.any():
        nothing = "The set does not say which images are of one patient, so the spread over patients is not known."
        return Subsection("Spread over patients", [Paragraph(nothing)])
    table = by_patient(test.right[known], patients[known])
    text = failures.patients_in_words(table)
    fewest, most = table["images"].min(), table["images"].max()
    counts = f"{fewest} test images each" if fewest == most else f"{fewest} to {most} test images; larger: more images"
    picture = Picture(
        png(failures.patients_figure(table)),
        f"Accuracy of each of {len(table)} patients, sorted. {text}",
        f"Accuracy by patient: a dot for each of {len(table)} patients, with {counts}. Of a patient with few images, "
        "the accuracy says little.",
    )
    blocks: list[Block] = [Paragraph(text), picture]
    if (table["errors"] > 0).any():
        blocks.append(TableBlock(failures.patients_table(table), "The patients with the lowest accuracy."))
    if not known.all():
        blocks.append(Note(f"Without the {(~known).sum()} test images that name no patient."))
    return Subsection("Spread over patients", blocks)
