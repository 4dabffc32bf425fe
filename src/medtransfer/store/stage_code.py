"""The code that each stage runs: the project's files that its script imports, with a hash for each.

Stages depend on it, by `stage_settings`. A stage so runs again when code changes that it runs, and for no other code.
"""

import ast
import re
from functools import cache
from pathlib import Path

from medtransfer.store import digests

SOURCE, STAGES = Path("src"), Path("stages")
LIBRARY = SOURCE / "medtransfer"
# Defaults, derived values and checks of the settings have their part in data/settings, on which stages depend. How a
# process starts (process/ and __init__.py) changes no result.
EXEMPT = (LIBRARY / "settings", LIBRARY / "process", LIBRARY / "__init__.py")
# Stages compute with what these classes say of themselves, such as the number of a class: their methods are code.
METHODS_OF = tuple(
    LIBRARY / f"settings/{name}.py" for name in ("augmentation", "params", "recipes", "resolved", "sources")
)
# Another artefact in the store, or another method, is no reason to fetch an archive again.
ALSO_EXEMPT = {"download": (LIBRARY / "store", *METHODS_OF)}
OF_ALL_CODE = {"report"}  # it names the hash of all code
PACKAGES = {LIBRARY.name: SOURCE, STAGES.name: Path()}  # and where they lie
MODULE = re.compile(r"""["'](medtransfer(?:\.\w+)+)(?::\w+)?["']""")  # an import by name, as in explain.methods
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # where statements stand in others


def stage_names(root: Path = Path()) -> list[str]:
    """Every stage that has a script, but for `check`, which runs before them."""
    return sorted({path.stem for path in (root / STAGES).glob("[!_]*.py")} - {"check"})


def code_of(stage: str, root: Path = Path()) -> dict[str, str]:
    """The files that a stage runs, with the SHA-256 of each."""
    if stage in OF_ALL_CODE:
        return {path.as_posix(): digests.of_file(root / path) for path in digests.code_files(root)}
    exempt = (*EXEMPT, *ALSO_EXEMPT.get(stage, ()))
    files: set[Path] = set()
    waiting = {STAGES / f"{stage}.py"}
    while waiting:
        file = waiting.pop()
        files.add(file)
        if file.suffix == ".py":
            waiting |= {other for other in _needed(file, root) if not _inside(other, exempt)} - files
    hashes = {path.as_posix(): digests.of_file(root / path) for path in sorted(files)}
    logic = (path for path in METHODS_OF if path not in exempt and (root / path).is_file())
    return hashes | {f"{path.as_posix()}: methods": _methods(root / path) for path in logic}


@cache
def _methods(file: Path) -> str:
    """SHA-256 of the methods of a file's classes, without docstrings and without validators: these change no value."""
    text, pieces = file.read_text(encoding="utf-8"), []
    lines = text.splitlines()
    for name, body in ((node.name, node.body) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)):
        for part in body:
            if not isinstance(part, ast.FunctionDef) or "validator" in "".join(map(ast.unparse, part.decorator_list)):
                continue
            first = part.body[0]  # of the lines, as `ast.unparse` writes them differently in other versions of Python
            begin, end = (first.lineno - 1, first.end_lineno) if ast.get_docstring(part) else (part.end_lineno, None)
            pieces += [name, *lines[part.lineno - 1 : begin], *(lines[end : part.end_lineno] if end else [])]
    return digests.of_text("\n".join(pieces))


@cache
def _inside(file: Path, places: tuple[Path, ...]) -> bool:
    return any(file.is_relative_to(place) for place in places)


@cache
def _needed(file: Path, root: Path) -> list[Path]:
    """The project's files that one file imports, and the files beside it that it names, such as tables."""
    text, modules = (root / file).read_text(encoding="utf-8"), _modules(root)
    names = _imported(ast.parse(text)) | set(MODULE.findall(text))
    tables = [other for other in _tables((root / file).parent, root) if other.name in text]
    return [modules[name] for name in names if name in modules] + tables


@cache
def _modules(root: Path) -> dict[str, Path]:
    """The file of every module of the project that holds code; of a module and a package of one name, the package."""
    files = [
        (file.relative_to(root / folder).with_suffix(""), file.relative_to(root))
        for package, folder in PACKAGES.items()
        for file in sorted((root / folder / package).rglob("*.py"), reverse=True)
        if file.is_file() and file.stat().st_size
    ]
    return {".".join(name.parts).removesuffix(".__init__"): file for name, file in files}


@cache
def _tables(folder: Path, root: Path) -> list[Path]:
    """The files of a folder that are not code."""
    return [file.relative_to(root) for file in folder.iterdir() if file.is_file() and file.suffix != ".py"]


def _imported(tree: ast.Module) -> set[str]:
    """The modules, and whatever is imported from them, which may be modules too; not for types alone."""
    names: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        waiting += [inner for block in BLOCKS for inner in getattr(node, block, ())]
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names
