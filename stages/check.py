"""Check params.yaml and the catalogue before anything else runs; note which weights each model starts from."""

import shutil
from pathlib import Path
from typing import Any

from medtransfer import formats
from medtransfer.errors import UserError
from medtransfer.models import registry
from medtransfer.models.fingerprint import fingerprint
from medtransfer.settings.load import Settings
from stages.common import run


def main(settings: Settings) -> None:
    """Loading has checked the files; what remains is what the architectures can do, and the study's weights files."""
    for name, recipe in settings.recipes.items():
        inside = name in settings.params.study.models or name == settings.leakage_model
        smallest = settings.image_size(settings.params.dataset) if inside else 1024
        registry.check(name, recipe, smallest)
    weights = Path("data/weights")
    shutil.rmtree(weights, ignore_errors=True)  # of models that the study no longer has
    for name in settings.params.study.models:
        formats.write_json(weights / f"{name}.json", fingerprint(name, settings.recipe(name).backbone))
    formats.write_json(Path("data/leakage_recipe.json"), leakage_recipe(settings))
    checked = Path("data/checked.txt")
    checked.parent.mkdir(exist_ok=True)
    checked.write_text("params.yaml and catalog/ follow the schema\n")


def leakage_recipe(settings: Settings) -> dict[str, Any]:
    """All that the leakage experiment's recipe says, so that the stage runs again when it changes, and only then."""
    if (name := settings.leakage_model) is None:
        return {"model": None}
    recipe = settings.recipe(name)
    if recipe.pretraining:
        raise UserError(
            f"params.yaml: leakage.model: {name} trains an autoencoder first, which the leakage experiment does not "
            "do; name another recipe"
        )
    return {"model": name, "recipe": recipe.model_dump(mode="json"), "weights": fingerprint(name, recipe.backbone)}


if __name__ == "__main__":
    run(main)
