"""SHA-256 of files and of sets of files, as `sha256sum` gives them, so that anyone can check what a page states."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

CODE = ("src", "stages")
CODE_FILES = (".py", ".j2")


def of_file(path: Path) -> str:
    """Of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_files(paths: Iterable[Path]) -> str:
    """Of the list that `sha256sum` prints of files in the order of their paths: another file or name, another hash."""
    lines = [f"{of_file(path)}  {path.as_posix()}\n" for path in sorted(paths, key=lambda path: path.as_posix())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def code_files(root: Path = Path()) -> list[Path]:
    """The code that the stages run: the modules and templates in src/ and stages/. Relative to `root`."""
    files = (file for folder in CODE for file in (root / folder).rglob("*") if file.suffix in CODE_FILES)
    return sorted((file.relative_to(root) for file in files), key=lambda path: path.as_posix())


def of_text(text: str) -> str:
    """Of a text as UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
