"""The embedded data set: MRI-like brain slices with and without a lesion, made by code from a seed.

Modelled after axial, contrast-enhanced T1 slices such as the figshare (Cheng) set's: four classes, several
slices per patient, lesion outlines. It is a stand-in for trying the pipeline, not for studying disease.

Anatomy is a function of continuous coordinates, so one patient looks the same at any size. In the *head
frame* the unit is half the head's length; x grows to the right of the image, y from front (-1) to back (+1),
and the *level* runs from the skull base (0) to the crown (1). *Depth* is `rho`, 0 in the middle and 1 on the
skin. Intensities are floats, 0 for air and about 1 for the brightest contrast agent, until the last step.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from medtransfer.data.download.png_archive import write_pngs
from medtransfer.data.download.scanner import SCANNERS, Scanner

CLASSES = ("glioma", "meningioma", "no_tumor", "pituitary")
SIZES = (24, 512)  # px; below, the smallest lesion can fall between the pixels

Floats = NDArray[np.float64]

AIR, SCALP, SKULL, FLUID, GREY, WHITE = 0.02, 0.58, 0.08, 0.11, 0.33, 0.48
SCALP_INNER, SKULL_INNER, BRAIN_EDGE = 0.94, 0.87, 0.84  # rho
CORTEX, SULCUS_REACH = 0.07, 0.17  # how far the grey ribbon and the folds run in from the brain's edge
EDGE = 0.03  # width of a tissue border, head frame: one pixel of 64
BASE_LEVEL = 0.35  # below it a slice shows the basal cistern, above it the ventricles
SELLA_Y = -0.06  # where the pituitary sits on the midline
LEVEL_STEP = 0.06  # how far a patient's outer slices lie from the middle one
# Pose is turn in rad, shift to the right and down as parts of half the image, and scale.
POSE, POSE_SPREAD, POSE_STEP = (0, 0, 0, 0.885), (0.05, 0.015, 0.015, 0.02), (0.04, 0.02, 0.02, 0)
SHADING_LENGTH = 3.0  # of the coil, head frame
FOLD_LENGTH = 0.30  # head frame
SPOTS = 2  # at most so many vessels; every class has them, so brightness alone tells little
SPOT_LOWEST, SPOT_HIGHEST = (0, 0, 0.025, 0.55), (2 * np.pi, BRAIN_EDGE, 0.06, 0.8)  # see Patient.spots


class Traits(NamedTuple):
    """A lesion: one draw from the ranges of its class."""

    level: float
    angle: float  # rad, 0 at the back, growing towards the right of the image
    rho: float  # depth of the centre
    radius: float  # head frame
    brightness: float  # intensity of the enhancing part
    irregularity: float  # relative spread of the radius over the border
    softness: float  # width of the border, head frame
    necrosis: float  # how dark the core is: 0 as bright as the rim, 1 as dark as fluid
    oedema: float  # how dark the halo is: 0 none, 1 as dark as fluid


# The lowest and the highest of each trait, in the order of `Traits`. The classes' overlap makes the set hard.
KINDS = {
    "glioma": ((0.1, 0, 0.22, 0.18, 0.7, 0.08, 0.04, 0.3, 0.2), (1, 6.28, 0.56, 0.33, 1, 0.2, 0.09, 1, 0.7)),
    "meningioma": ((0, 0, 0.68, 0.17, 0.7, 0, 0.02, 0, 0), (1, 6.28, 0.8, 0.3, 1, 0.07, 0.05, 0.2, 0.2)),
    "pituitary": ((0, 0, 0, 0.09, 0.62, 0, 0.02, 0, 0), (0.55, 6.28, 0.2, 0.15, 0.95, 0.07, 0.05, 0.3, 0.1)),
}


@dataclass(frozen=True)
class Slice:
    """One slice. `image` is uint8, H x W, 0 (air) to 255; `mask` is bool, H x W, true on the lesion."""

    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    label: str
    patient: str
    number: int


@dataclass(frozen=True)
class Waves:
    """A smooth random field: a sum of plane waves, `vectors` K x 3 in rad per unit, `phases` K in rad."""

    vectors: Floats
    phases: Floats

    @classmethod
    def draw(cls, rng: np.random.Generator, count: int, length: float) -> "Waves":
        """Waves of one `length` (head frame) in random directions."""
        directions = rng.normal(size=(count, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        return cls(directions * 2 * np.pi / length, rng.uniform(0, 2 * np.pi, count))

    def at(self, x: Floats, y: Floats, level: float) -> Floats:
        """The field, mean 0 and variance about 1, at points of any shape."""
        total = np.zeros_like(x)
        for (a, b, c), phase in zip(self.vectors, self.phases, strict=True):
            total += np.cos(a * x + b * y + c * level + phase)
        return total / np.sqrt(len(self.phases) / 2)


@dataclass(frozen=True)
class Patient:
    """What a patient's slices share. `spots` is K x 4: angle, rho, radius and intensity of each vessel."""

    level: float
    pose: Floats
    width: float
    ventricles: float
    folds: Waves
    spots: Floats
    lesion: Traits | None


def generate(size: int, patients: int, slices_per_patient: int, seed: int, scanner: str = "first") -> Iterator[Slice]:
    """Yield `size` px wide slices; the classes take turns, and patient k depends on `seed` and k alone.

    `scanner` is a name of SCANNERS: the patients of a seed are the same in each, their images are not.
    """
    if not SIZES[0] <= size <= SIZES[1]:
        raise ValueError(f"size must lie in {SIZES[0]}..{SIZES[1]} px, not {size}")
    for k in range(patients):
        label = CLASSES[k % len(CLASSES)]
        patient = _draw_patient(_stream(seed, k, 0), label)
        for number in range(1, slices_per_patient + 1):
            place = (2 * number - 1) / slices_per_patient - 1  # -1 to 1 through the patient's slab
            image, mask = _render(patient, place, size, SCANNERS[scanner], _stream(seed, k, number))
            yield Slice(image, mask, label, f"p{k + 1:04d}", number)


def write_archive(slices: Iterable[Slice], path: Path) -> None:
    """Write `images/LABEL/PATIENT_NUMBER.png`, and `masks/...` (0 or 255) where there is a lesion, to a zip.

    Equal slices give equal bytes.
    """
    write_pngs(_files(slices), path)


def _files(slices: Iterable[Slice]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    for item in slices:
        name = f"{item.label}/{item.patient}_{item.number}.png"
        yield f"images/{name}", item.image
        if item.mask.any():
            yield f"masks/{name}", item.mask.astype(np.uint8) * 255


def _stream(seed: int, *key: int) -> np.random.Generator:
    """An independent generator for each key, so that no draw shifts another's."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _draw_patient(rng: np.random.Generator, label: str) -> Patient:
    """Draw a head, and the lesion of its class."""
    lesion = Traits(*rng.uniform(*KINDS[label])) if label in KINDS else None
    return Patient(
        level=lesion.level if lesion else rng.uniform(),
        pose=rng.normal(POSE, POSE_SPREAD),
        width=rng.uniform(0.76, 0.88),
        ventricles=rng.uniform(0.75, 1.35),
        folds=Waves.draw(rng, 24, FOLD_LENGTH),
        spots=rng.uniform(SPOT_LOWEST, SPOT_HIGHEST, (rng.integers(SPOTS + 1), 4)),
        lesion=lesion,
    )


def _render(
    patient: Patient, place: float, size: int, scanner: Scanner, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A patient's slice at `place` (-1 to 1): the image and the lesion's mask, both `size` x `size`."""
    x, y = _head_frame(patient, size, rng)
    rho = np.hypot(x / (patient.width * (1 + 0.07 * y)), y)  # narrower at the front, as heads are
    scene = _tissue(patient, x, y, rho, patient.level + LEVEL_STEP * place)
    for angle, depth, radius, brightness in patient.spots:
        scene = _blend(scene, brightness, _inside(_away(patient, x, y, angle, depth) - radius))
    mask = np.zeros(x.shape, dtype=bool)
    if patient.lesion:
        # The brain's own folds fray the border; a ball is cut smaller away from its middle.
        frayed = 1 + patient.lesion.irregularity * np.clip(patient.folds.at(x, y, LEVEL_STEP * place), -2, 2)
        radius = patient.lesion.radius * np.sqrt(1 - 0.3 * place**2)
        distance = _away(patient, x, y, patient.lesion.angle, patient.lesion.rho) - radius * frayed
        scene = _add_lesion(scene, patient.lesion, distance, _inside(rho - BRAIN_EDGE))
        mask = (distance < 0) & (rho < BRAIN_EDGE)
    for wrap, inner in ((FLUID, BRAIN_EDGE), (SKULL, SKULL_INNER), (SCALP, SCALP_INNER), (AIR, 1.0)):
        scene = _blend(scene, wrap, _inside(inner - rho))
    shading = Waves.draw(rng, 4, SHADING_LENGTH).at(x, y, 0.0)
    return scanner.acquire(scene, shading, rng), mask


def _head_frame(patient: Patient, size: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Every pixel's x and y in the head frame; the head moves a little between two slices."""
    axis = (2 * np.arange(size) + 1) / size - 1
    turn, shift_x, shift_y, scale = rng.normal(patient.pose, POSE_STEP)
    right, down = np.meshgrid((axis - shift_x) / scale, (axis - shift_y) / scale)
    return np.cos(turn) * right + np.sin(turn) * down, np.cos(turn) * down - np.sin(turn) * right


def _away(patient: Patient, x: Floats, y: Floats, angle: float, rho: float) -> Floats:
    """How far each pixel lies from a place in the head; rho 0 is the sella, 1 the skin."""
    place_x, place_y = patient.width * rho * np.sin(angle), rho * np.cos(angle) + SELLA_Y * (1 - rho)
    return np.hypot(x - place_x, y - place_y)


def _inside(distance: Floats, width: float = EDGE) -> Floats:
    """1 where a signed distance is well below 0, 0 well above, a ramp of `width` between."""
    return np.clip(0.5 - distance / width, 0, 1)


def _blend(scene: Floats, intensity: Floats | float, weight: Floats) -> Floats:
    """Paint `intensity` over the scene with a weight of 0 to 1."""
    return scene + weight * (intensity - scene)


def _tissue(patient: Patient, x: Floats, y: Floats, rho: Floats, level: float) -> Floats:
    """White matter, a folded cortex, deep nuclei, and the dark spaces of the level."""
    # Both halves of a brain fold alike, not equally: most of the pattern is mirrored.
    folds = 0.85 * patient.folds.at(np.abs(x), y, level) + 0.5 * patient.folds.at(x, y, level)
    # The field's zero lines wind like sulci; cortex lines them as it lines the surface.
    reach = _inside(BRAIN_EDGE - rho - SULCUS_REACH, 0.12)
    ribbon = np.maximum(_inside(BRAIN_EDGE - rho - CORTEX, 0.04), reach * np.exp(-((folds / 0.65) ** 2)))
    nuclei = _inside(np.hypot((np.abs(x) - 0.24) / 0.75, (y - 0.02) / 1.6) - 0.11, 0.05)
    scene = _blend(np.full_like(x, WHITE), GREY, np.maximum(ribbon, nuclei))
    fissure = _inside(np.abs(x) - 0.012) * _inside(0.36 - np.abs(y), 0.1)
    sulci = 0.6 * reach * np.exp(-((folds / 0.20) ** 2))
    return _blend(scene, FLUID, np.maximum.reduce([fissure, sulci, _spaces(patient, x, y, level)]))


def _spaces(patient: Patient, x: Floats, y: Floats, level: float) -> Floats:
    """The weight of fluid: the star-shaped cistern near the base, the butterfly of the ventricles above."""
    high = float(np.clip((level - BASE_LEVEL) / 0.1 + 0.5, 0, 1))
    grown = 0.075 * patient.ventricles * (1.1 - 0.5 * abs(level - 0.6))
    front = np.hypot((np.abs(x) - 0.09 + 0.25 * (y + 0.18)) / 0.6, (y + 0.18) / 2.0) - grown
    back = np.hypot((np.abs(x) - 0.13 - 0.30 * (y - 0.20)) / 0.6, (y - 0.20) / 2.2) - grown
    star = np.hypot(x, y - SELLA_Y) - 0.13 * (1 + 0.3 * np.cos(5 * np.arctan2(x, y - SELLA_Y)))
    return high * np.maximum(_inside(front), _inside(back)) + (1 - high) * _inside(star)


def _add_lesion(scene: Floats, lesion: Traits, distance: Floats, brain: Floats) -> Floats:
    """Paint halo, enhancing body and core, given the distance from the border and the weight of brain."""
    halo = lesion.oedema * _inside(distance - 0.45 * lesion.radius, 0.8 * lesion.radius)
    core = lesion.necrosis * _inside(distance + 0.45 * lesion.radius, 0.25 * lesion.radius)
    scene = _blend(_blend(scene, FLUID, halo * brain), lesion.brightness, _inside(distance, lesion.softness) * brain)
    return _blend(scene, FLUID, core * brain)
