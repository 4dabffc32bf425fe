"""Check params.yaml and the catalogue before anything else runs; note which weights each model starts from."""

import shutil
from pathlib import Path

from medtransfer import artefacts
from medtransfer.config import Config
from medtransfer.models import registry
from medtransfer.models.fingerprint import fingerprint
from stages.common import run


def main(settings: Config) -> None:
    """Loading has checked the files; what remains is what the architectures can do, and the study's weights files."""
    for name, recipe in settings.recipes.items():
        inside = name in settings.params.study.models
        smallest = settings.image_size(settings.params.dataset) if inside else 1024
        registry.check(name, recipe, smallest)
    weights = Path("data/weights")
    shutil.rmtree(weights, ignore_errors=True)  # of models that the study no longer has
    for name in settings.params.study.models:
        artefacts.write_json(weights / f"{name}.json", fingerprint(name, settings.recipe(name).backbone))
    checked = Path("data/checked.txt")
    checked.parent.mkdir(exist_ok=True)
    checked.write_text("params.yaml and catalog/ follow the schema\n")


if __name__ == "__main__":
    run(main)
