"""Check params.yaml and the catalogue before anything else runs, and write what each stage depends on of them."""

import shutil

from medtransfer import store
from medtransfer.command import run
from medtransfer.models import registry
from medtransfer.models.fingerprint import fingerprint
from medtransfer.settings import resolved
from medtransfer.settings.load import load
from medtransfer.settings.load_reported import check_reported, load_reported
from medtransfer.settings.params import Params


def main(params: Params) -> None:
    """Loading checks the files; then what the architectures can do; then the parts of the configuration."""
    settings, study = load(), params.study
    check_reported(load_reported(), settings.datasets)
    for name, recipe in settings.recipes.items():
        inside = name in study.models or name == settings.leakage_model
        registry.check(name, recipe, settings.image_size(params.dataset) if inside else None)
    shutil.rmtree(store.SETTINGS, ignore_errors=True)  # of what the study no longer has
    for name in (params.dataset, *study.other_datasets):
        entry, parts = settings.dataset(name), store.settings_of_dataset(name)
        parts.origin.write(resolved.origin(entry))
        parts.decoding.write(resolved.decoding(settings, name))
        parts.classes.write(resolved.classes(entry))
        parts.card.write(resolved.card(entry))
    for name in study.models:
        recipe = settings.recipe(name)
        weights = fingerprint(name, recipe.backbone)
        store.settings_of_model(name).backbone.write(
            resolved.BackboneSettings(backbone=recipe.backbone, weights=weights)
        )
        store.settings_of_model(name).model.write(resolved.ModelSettings(recipe=recipe, weights=weights))
    for name in study.ensembles:
        store.members(name).write(resolved.Members(list(settings.ensemble(name).members)))
    chosen = settings.leakage_model
    weights = fingerprint(chosen, settings.recipe(chosen).backbone) if chosen else {}
    store.settings_of_leakage().write(resolved.leakage(settings, weights))
    store.headline_recipe().write(resolved.headline(settings))


if __name__ == "__main__":
    run(main)
