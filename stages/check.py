"""Check params.yaml and the catalogue before anything else runs."""

from pathlib import Path

from medtransfer.config import Config
from medtransfer.models import registry
from stages.common import run


def main(settings: Config) -> None:
    """Loading has checked the files; what remains is what the architectures can do."""
    for name, recipe in settings.recipes.items():
        inside = name in settings.params.study.models
        smallest = settings.image_size(settings.params.dataset) if inside else 1024
        registry.check(name, recipe, smallest)
    checked = Path("data/checked.txt")
    checked.parent.mkdir(exist_ok=True)
    checked.write_text("params.yaml and catalog/ follow the schema\n")


if __name__ == "__main__":
    run(main)
