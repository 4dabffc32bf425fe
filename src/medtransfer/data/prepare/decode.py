"""From a file's bytes to pixels, hashes and statistics: one decoding for all of them."""

import hashlib
import io
import re
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from medtransfer.data.duplicates.frames import SIDE
from medtransfer.data.duplicates.perceptual_hash import perceptual_hash
from medtransfer.settings.datasets import Interpolation

MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF", "PPM", "JPEG2000")  # as Pillow names them
RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "nearest": Image.Resampling.NEAREST}
DEEP_MODES = ("I", "F")  # and I;16 with its byte orders: more than 8 bits a pixel

# The size is checked here, before anything is unpacked, and against a lower limit than Pillow warns of.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class UndecodableError(Exception):
    """Why a file is no image."""


@dataclass(frozen=True)
class Decoded:
    """An image: its pixels at the prepared size, and what is known of it at its own."""

    pixels: NDArray[np.uint8]  # size x size x C; C = 1 where its channels are equal, else 3
    width: int
    height: int
    mode: str  # as Pillow names it, before any conversion
    format: str
    mean: float  # of the grey levels, 0..255
    deviation: float
    sha256: str  # of the grey pixels
    phash: str  # perceptual hash of the grey pixels, 256 bits in hex
    thumbnail: NDArray[np.uint8]  # the grey pixels at 128 x 128, for the search for copies


@dataclass(frozen=True)
class Picture:
    """An image at its own size."""

    image: Image.Image  # 8 bits, grey or RGB
    mode: str  # as Pillow names it, before any conversion
    format: str


def decode(content: bytes, size: int, interpolation: Interpolation = "bilinear") -> Decoded:
    """An image file as `size` x `size` pixels, upright; raises UndecodableError with the reason."""
    picture = read_picture(content)
    return measure(picture, size, interpolation)


def read_picture(content: bytes) -> Picture:
    """The pixels of an image file at its own size, upright; raises UndecodableError with the reason.

    An image of more than 8 bits a channel, which mostly fills a part of that range, is stretched so that its own
    darkest and brightest pixels become 0 and 255. Transparency is left out.
    """
    if not content:
        raise UndecodableError("empty file")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            refuse_giants(image.width, image.height)
            pages = getattr(image, "n_frames", 1)
            if pages > 1 and image.format != "MPO":  # the second picture of an MPO is the first in another size
                raise UndecodableError(f"holds {pages} pictures; keep one to a file")
            mode, format = image.mode, image.format or ""
            upright = ImageOps.exif_transpose(image)
            if mode.startswith(DEEP_MODES):
                return Picture(stretched(np.asarray(upright)), mode, format)
            return Picture(upright if mode == "L" else upright.convert("RGB"), mode, format)
    except UndecodableError:
        raise
    except UnidentifiedImageError:
        raise UndecodableError("not an image") from None
    except Exception as error:  # Pillow's readers raise nearly anything on a mangled file
        raise UndecodableError(reason(error)) from None


def measure(picture: Picture, size: int, interpolation: Interpolation = "bilinear") -> Decoded:
    """Everything that is kept of an image."""
    image = picture.image
    if image.mode == "RGB":
        red, green, blue = (channel.tobytes() for channel in image.split())
        if red == green == blue:
            image = image.getchannel(0)
    grey = image.convert("L")
    levels = np.asarray(grey)
    resized = np.asarray(image.resize((size, size), RESAMPLING[interpolation]))
    return Decoded(
        pixels=resized.reshape(size, size, -1),
        width=image.width,
        height=image.height,
        mode=picture.mode,
        format=picture.format,
        mean=float(levels.mean()),
        deviation=float(levels.std()),
        sha256=hashlib.sha256(f"{image.width}x{image.height}".encode() + levels.tobytes()).hexdigest(),
        phash=perceptual_hash(grey),
        thumbnail=np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BILINEAR)),
    )


def stretched(values: NDArray) -> Image.Image:
    """Numbers of any range as a grey image: the smallest becomes 0, the largest 255."""
    values = np.asarray(values, np.float64)
    if not np.isfinite(values).all():
        raise UndecodableError("holds values that are no numbers")
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(np.rint((values - low) * (255 / max(high - low, 1e-9))).astype(np.uint8))


def reason(error: Exception) -> str:
    """An error in one line, without addresses in memory: the same file is refused in the same words."""
    return re.sub(r" at 0x[0-9a-f]+", "", " ".join(str(error).split())) or type(error).__name__


def refuse_giants(width: int, height: int) -> None:
    """Raise UndecodableError where an image would unpack to more than any real one has."""
    if width * height > MAX_PIXELS:
        raise UndecodableError(f"claims {width} x {height} pixels, more than {MAX_PIXELS:,}")
