"""One of each kind of thing, added to a clone as CONTRIBUTING.md says."""

import re
from pathlib import Path

from tests.conftest import ROOT
from tests.project_clone import Clone, yaml

DATASET, MODEL, METHOD = "yours", "mine", "hires_cam"
LIBRARY = "src/medtransfer"


def examples(heading: str, language: str = "python") -> list[str]:
    """The code that CONTRIBUTING.md shows under a heading."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    match = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert match, f"CONTRIBUTING.md has no section {heading}"
    return re.findall(rf"^```{language}\n(.*?)^```", match[1], re.DOTALL | re.MULTILINE)


def add_row(file: Path, table: str, function: str, row: str) -> None:
    """A function before a table of the file, and a row at the end of the table."""
    text = file.read_text()
    match = re.search(rf"^{table}\b[^\n]*= \{{\n(.*?)^\}}\n", text, re.DOTALL | re.MULTILINE)
    assert match, f"{file} has no table {table}"
    text = text[: match.end(1)] + row + text[match.end(1) :]
    file.write_text(text[: match.start()] + function + "\n\n" + text[match.start() :])


def add_one_of_each(made: Clone, images: Path) -> None:
    """A reader of CONTRIBUTING.md adds them; the images lie in a folder, and the recipe trains two epochs."""
    library = made.path / LIBRARY
    (network,) = examples("Add a network of your own")
    with (library / "models/cnns.py").open("a") as file:
        file.write(f"\n\n{network}")
    add_row(library / "evaluation/metrics.py", "METRICS", *examples("Add a metric"))
    add_row(library / "comparison/tests.py", "TESTS", *examples("Add a statistical test"))
    method, row = examples("Add an explanation method")
    (library / f"explain/{METHOD}.py").write_text(method)
    add_row(library / "explain/methods.py", "METHODS", "", row)
    (section,) = examples("Add a section of the report")
    (library / "report/sections/test_classes.py").write_text(section)
    (entry,) = examples("Add a data set", "yaml")
    dataset = yaml.load(entry)
    dataset[DATASET] |= {"image_size": 32, "patient": r"/(p\d+)", "masks": "masks/{label}/{stem}.png"}
    dataset[DATASET]["source"]["path"] = str(images)
    made.edit("catalog/datasets.yaml", lambda content: content.update(dataset))
    (recipe,) = examples("Add a model", "yaml")
    own = yaml.load(recipe)["vgg16_wide"]
    own["backbone"] |= {"architecture": "my_network", "trainable": "all", "pooling": "average"}
    own["training"]["epochs"] = 2
    made.edit("catalog/models.yaml", lambda content: content.update({MODEL: own}))
