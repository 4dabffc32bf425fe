"""The one exception for a user's mistake or a failing outside world: a sentence, not a stack trace."""

import lzma
import struct
import zipfile
import zlib

# What zipfile raises on a damaged archive; OSError too, but only without a number, or of a place outside of the file.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, RuntimeError,
    ValueError, OverflowError,
)  # fmt: skip


class UserError(Exception):
    """Carries one clear sentence: what went wrong, where, and what to do. Stages print it and exit 1."""
