"""Images made by code as one zip of PNG files: equal images give equal bytes."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def write_pngs(images: Iterable[tuple[str, NDArray[np.uint8]]], path: Path) -> None:
    """Write grey images (uint8, H x W), each under the path given with it, to a zip at `path`.

    Names are sorted, and dates, permissions and the maker's system are fixed.
    """
    files: dict[str, bytes] = {}
    for name, pixels in images:
        Image.fromarray(pixels).save(buffer := io.BytesIO(), format="PNG")
        files[name] = buffer.getvalue()
    draft = path.with_suffix(".draft")  # DVC's cache may share the file of this path
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # Unix, wherever it is written
            archive.writestr(entry, files[name])
    draft.replace(path)
