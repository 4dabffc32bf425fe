"""Check params.yaml and the catalogue before anything else runs, and write what each stage depends on."""

import shutil

from medtransfer import store
from medtransfer.evaluation.metrics import METRICS, by_printed_name
from medtransfer.explain import methods
from medtransfer.models import registry
from medtransfer.models.fingerprint import fingerprint
from medtransfer.settings import resolved, resolved_external
from medtransfer.settings.command import run
from medtransfer.settings.load import load
from medtransfer.settings.load_reported import check_reported, check_reported_metrics, load_reported
from medtransfer.settings.params import Params
from medtransfer.settings.source_checks import sources_of
from medtransfer.store import stage_settings


def main(params: Params) -> None:
    """Loading checks the files; then what architectures can do; then the parts of the configuration, and code."""
    settings, study = load(), params.study
    papers = load_reported()
    check_reported(papers, settings.datasets)
    names = by_printed_name()
    check_reported_metrics(papers, names, {name for name, key in names.items() if not METRICS[key].unit})
    methods.check(params.explain.methods)
    for name, recipe in settings.recipes.items():
        inside = name in study.models or name == settings.leakage_model
        registry.check(name, recipe, settings.image_size(params.dataset) if inside else None)
    shutil.rmtree(store.SETTINGS, ignore_errors=True)  # of what the study no longer has
    for name in (params.dataset, *study.other_datasets):
        entry, written = settings.dataset(name), store.settings_of_dataset(name)
        written.origin.write(resolved.origin(settings, name))
        written.decoding.write(resolved.decoding(settings, name))
        written.classes.write(resolved.classes(entry))
        written.card.write(resolved.card(entry))
    for name in study.models:
        weights, parts = fingerprint(name, settings.recipe(name).backbone), store.settings_of_model(name)
        parts.backbone.write(resolved.backbone(settings, name, weights))
        parts.model.write(resolved.model(settings, name, weights))
    for name in study.ensembles:
        store.members(name).write(resolved.Members(list(settings.ensemble(name).members)))
    every = sources_of(settings.recipes)
    for name in study.sources:
        weights = fingerprint(every[name].model, settings.recipe(every[name].model).backbone)
        store.settings_of_source(name).write(resolved.source(settings, every[name], weights))
    store.source_names().write(list(study.sources))
    store.datasets_of_sources().write({name: list(every[name].dataset) for name in study.sources})
    for name in study.external:
        store.settings_of_external(name).write(resolved_external.external(settings, name))
    chosen = settings.leakage_model
    weights = fingerprint(chosen, settings.recipe(chosen).backbone) if chosen else {}
    store.settings_of_leakage().write(resolved.leakage(settings, weights))
    frozen = settings.frozen_headline
    weights = fingerprint(frozen, settings.recipe(frozen).backbone) if frozen else {}
    store.settings_of_robustness().write(resolved.robustness(settings, weights))
    starting = {name: settings.recipe(name).backbone.source for name in (*study.models, chosen) if name}
    store.sources_of_models().write({name: start.name if start else None for name, start in starting.items()})
    store.headline_recipe().write(resolved.headline(settings))
    for inputs, hashes in stage_settings.inputs(params):
        inputs.write(hashes)


if __name__ == "__main__":
    run(main)
