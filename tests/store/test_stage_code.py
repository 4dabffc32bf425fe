"""Which code a stage runs: what Python's own module finder finds, and what is imported by name."""

import shutil
from modulefinder import ModuleFinder
from pathlib import Path

import pytest

from medtransfer.explain.methods import METHODS
from medtransfer.store.digests import of_file
from medtransfer.store.stage_code import ALSO_EXEMPT, EXEMPT, OF_ALL_CODE, code_of, stage_names
from tests.conftest import ROOT


def exempt(stage: str, file: Path) -> bool:
    return any(file.is_relative_to(place) for place in (*EXEMPT, *ALSO_EXEMPT.get(stage, ())))


# `explain` imports by name: below. `report` has all code.
@pytest.mark.parametrize("stage", [name for name in stage_names(ROOT) if name not in ("explain", *OF_ALL_CODE)])
def test_files_are_those_that_pythons_module_finder_finds(stage: str) -> None:
    finder = ModuleFinder(path=[str(ROOT / "src"), str(ROOT)])
    finder.run_script(str(ROOT / f"stages/{stage}.py"))
    named = (getattr(module, "__file__", None) for module in finder.modules.values())
    files = {Path(name) for name in named if name}
    expected = {file.relative_to(ROOT) for file in files if file.stat().st_size}
    paths = {Path(name) for name in code_of(stage, ROOT) if name.endswith(".py")}
    assert paths == {file for file in expected if not exempt(stage, file)}


def test_every_explanation_method_is_code_of_explain_and_of_no_stage_before() -> None:
    files = {f"src/{method.implementation.partition(':')[0].replace('.', '/')}.py" for method in METHODS.values()}
    assert files <= code_of("explain", ROOT).keys()
    assert not files & (code_of("train", ROOT).keys() | code_of("evaluate", ROOT).keys())


def test_table_that_a_module_names_is_code_of_the_stages_that_import_it() -> None:
    table = "src/medtransfer/models/imagenet_files.json"
    code = code_of("train", ROOT)
    assert code[table] == of_file(ROOT / table)
    assert table not in code_of("compare", ROOT)


def test_change_of_a_file_concerns_the_stages_that_import_it_alone(tmp_path: Path) -> None:
    """`roc_band` is read by scores, not by training; settings have their own files."""
    for folder in ("src", "stages"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = {stage: code_of(stage, tmp_path) for stage in stage_names(tmp_path)}
    for name in ("evaluation/roc_band.py", "settings/params.py"):
        with (tmp_path / "src/medtransfer" / name).open("a") as file:
            file.write("\nCHANGED = True\n")
    changed = {stage for stage, code in before.items() if code_of(stage, tmp_path) != code}
    assert changed == {"evaluate", "ensemble"} | OF_ALL_CODE


@pytest.mark.parametrize(
    ("file", "line", "other", "changed"),
    [
        ("resolved", "return np.array([number[label]", "return -np.array([number[label]", True),
        ("recipes", 'return self.trainable == "none"', 'return self.trainable == "all"', True),
        ("recipes", '"""Whether training leaves all of it as it is."""', '"""Whether it is trained."""', False),
        ("recipes", "gamma: Annotated[float, Field(ge=0, le=10)] = 2.0", "gamma: float = 3.0", False),
        ("recipes", "if self.initialisation and self.weights:", "if self.weights and self.initialisation:", False),
    ],
)
def test_method_of_the_settings_is_code_that_stages_run(
    tmp_path: Path, file: str, line: str, other: str, changed: bool
) -> None:
    """Defaults and checks are none: their part is in the resolved settings. No archive is fetched again."""
    for folder in ("src", "stages"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / f"src/medtransfer/settings/{file}.py"
    text = path.read_text()
    assert text.count(line) == 1
    path.write_text(text.replace(line, other))
    stages = set(stage_names(ROOT)) - OF_ALL_CODE
    stale = {stage for stage in stages if code_of(stage, tmp_path) != code_of(stage, ROOT)}
    assert stale == (stages - {"download"} if changed else set())


def test_import_for_type_checking_alone_is_no_code(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    library = tmp_path / "src/medtransfer"
    library.mkdir(parents=True)
    for name in ("used", "typed", "late"):
        (library / f"{name}.py").write_text("VALUE = 1\n")
    (tmp_path / "stages/mine.py").write_text(
        "from typing import TYPE_CHECKING\nfrom medtransfer import used\n"
        "if TYPE_CHECKING:\n    from medtransfer.typed import VALUE\n"
        "def main():\n    import medtransfer.late\n"
    )
    names = ("src/medtransfer/late.py", "src/medtransfer/used.py", "stages/mine.py")
    assert tuple(code_of("mine", tmp_path)) == names
