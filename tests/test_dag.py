"""The DAG as written: whole on a bare clone, and each stage depends on the code that it runs."""

import ast
import re
from pathlib import Path

import pytest
from dvc.repo import Repo
from ruamel.yaml import YAML

from medtransfer.settings.load import load_params
from medtransfer.store.stage_settings import READ, OfStage
from stages import check
from tests.conftest import ROOT
from tests.project_clone import clone, stages_run

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
FLOORS = [
    {"settings", "store", "plotting", "process", "evaluation"},
    {"data", "models", "comparison"},
    {"training", "explain", "report"},
]
ARROWS = 20  # between rooms, at most: a further one is a decision, not a detail of a change


def imported(path: Path) -> set[Path]:
    """The project's files that a file imports, directly."""
    names: set[str] = set()
    tree = ast.parse(path.read_text())
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in set(ast.walk(tree)) - for_types:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    modules = {ROOT / base / name.replace(".", "/") for name in names for base in ("src", "")}
    files = {module.with_name(f"{module.name}.py") for module in modules} | {
        module / "__init__.py" for module in modules
    }
    return {file for file in files if file.exists() and file.stat().st_size}


@pytest.mark.parametrize("stage", STAGES)
def test_stage_depends_on_the_settings_and_code_of_its_script(stage: str) -> None:
    """By the file that `check` writes: one a stage, or one an item where the settings differ; `check` reads all."""
    match = re.search(r"python -m stages\.(\w+)", STAGES[stage]["cmd"])
    assert match
    script = match[1]
    assert re.sub("_(other|ensemble)$", "", stage) == script, "a stage is named for its script"
    read = {name for name in STAGES[stage]["deps"] if name.startswith(("src/", "stages", "catalog", "data/settings"))}
    if script == "check":
        assert read == {"catalog", "src/medtransfer", "stages"}
    elif READ.get(script, OfStage()).items is None:
        assert read == {f"data/settings/stages/{script}.json"}
    else:
        last = list(STAGES[stage]["matrix"])[-1]
        assert read == {f"data/settings/stages/{script}/${{item.{last}}}.json"}


def test_arrows_run_down_the_floors_only() -> None:
    """And they are few: stages, which stand above all rooms, hand on what a room has made."""
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    library, arrows = ROOT / "src/medtransfer", set()
    for file in library.rglob("*.py"):
        if (room := file.relative_to(library).parts[0].removesuffix(".py")) == "__init__":
            continue
        for target in imported(file):
            other = target.relative_to(library).parts[0].removesuffix(".py")
            if other not in (room, "__init__"):
                within_ground = floor[room] == 0 and other in ("settings", "store")
                assert floor[other] < floor[room] or within_ground, f"{file} imports {target}"
                arrows.add((room, other))
    assert len(arrows) <= ARROWS, sorted(arrows)


def test_nothing_but_the_workers_imports_them() -> None:
    """They need packages that `make setup` does not install."""
    workers = ROOT / "src/medtransfer/training/cluster"
    for file in [*(ROOT / "src").rglob("*.py"), *(ROOT / "stages").glob("*.py")]:
        if workers not in file.parents:
            assert not [target for target in imported(file) if workers in target.parents], file


def test_held_out_rows_are_asked_for_after_training_alone() -> None:
    """`robustness` trains heads with other seeds, `fractions` models on fewer images: they test them on these rows.

    Neither selects anything by them; test_fractions.py shows that no row of them is trained or validated on. `external`
    reads what `evaluate` says of them. `split` makes them, and refuses `explain.images` that are not among them.
    """
    asking = {path.stem for path in (ROOT / "stages").glob("*.py") if "held_out_rows" in path.read_text()}
    # An ensemble evaluates what its members said.
    assert asking - {"split"} == {"evaluate", "compare", "explain", "robustness", "fractions"}
    reading = {name for name, stage in STAGES.items() if any("metrics/external" in path for path in stage["deps"])}
    assert reading == {"report"}, "nothing is chosen by external scores"


@pytest.mark.pipeline
def test_dag_is_whole_on_a_clone_without_data(tmp_path: Path) -> None:
    bare = clone(tmp_path)
    graph = bare.dvc("dag", "--mermaid")
    assert graph.startswith("flowchart TD")
    # of other data sets, of ensembles, external sets and sources
    optional = {name for name in STAGES if name.endswith("ensemble")}
    names = set(re.findall(r'\["(.+?)"\]', graph))
    assert {name.partition("@")[0] for name in names} == set(STAGES) - optional
    locked = YAML(typ="safe").load(ROOT / "dvc.lock")["stages"].keys()
    assert locked == names, "dvc.lock has old stages, which slow every run: remove it, run make reproduce and commit it"
    assert not stages_run(bare.dvc("repro", "--dry", "--allow-missing")), (
        "dvc.lock and the metrics in git are not of this code and these params: run make reproduce and commit them"
    )


@pytest.mark.pipeline
@pytest.mark.filterwarnings("ignore::DeprecationWarning:dvc")
def test_studies_parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each passes `check`, and DVC makes of it a graph that trains its models; small studies have the same stages."""
    clone(tmp_path).forget_other_stages()
    monkeypatch.chdir(tmp_path)
    for study in sorted((ROOT / "studies").glob("*.yaml")):
        Path("params.yaml").write_text(study.read_text())
        params = load_params()
        check.main(params)
        assert study.read_text().startswith(f"# make study STUDY={study.stem}\n")
        if study.stem.startswith("small-"):
            continue
        with Repo(str(tmp_path)) as repo:
            repo.index.check_graph()
            stages = {stage.addressing for stage in repo.index.stages}
        assert {f"train@{params.dataset}-{model}" for model in params.study.models} <= stages
