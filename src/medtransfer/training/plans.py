"""The plans of a study's trainings, from the store: a stage follows them, and so does a process anywhere else."""

from medtransfer import store
from medtransfer.settings.params import Params
from medtransfer.store.partitions import rows
from medtransfer.training.folds import Development, Plan


def plan_of_folds(params: Params, dataset: str, model: str) -> Plan:
    """The training of a model on every fold of every repeat."""
    return plan_of(params, dataset, model, params.split.trained_folds)


def plan_of(params: Params, dataset: str, model: str, folds: int) -> Plan:
    """The training of a model on the first folds."""
    settings, classes = store.settings_of_model(model).model.read(), store.settings_of_dataset(dataset).classes.read()
    split, images = store.split(dataset).read(), store.prepared(dataset).images.read()
    features = store.features(dataset, model).read() if settings.recipe.backbone.stored else None
    development = Development(images, features, classes.codes(split["label"]), [rows(split, f) for f in range(folds)])
    return Plan(model, settings.recipe, classes, development, params.seed, settings.healthy)
