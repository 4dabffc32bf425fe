"""The plans of a study's trainings, from the store: a stage follows them, and so does a process anywhere else."""

from medtransfer import store
from medtransfer.data.split.fractions import smaller_subsets
from medtransfer.settings.params import Params
from medtransfer.store.partitions import rows
from medtransfer.training.folds import Development, Plan
from medtransfer.training.fractions import on_subsets


def plan_of_folds(params: Params, dataset: str, model: str) -> Plan:
    """The training of a model on every fold of every repeat."""
    return _plan(params, dataset, model, params.split.trained_folds)


def plan_of_fractions(params: Params, dataset: str, model: str) -> Plan:
    """The training of a model on `smaller_subsets`, in their order."""
    plan = _plan(params, dataset, model, params.split.folds)
    return on_subsets(plan, smaller_subsets(params, store.split(dataset).read()))


def _plan(params: Params, dataset: str, model: str, folds: int) -> Plan:
    settings, classes = store.settings_of_model(model).model.read(), store.settings_of_dataset(dataset).classes.read()
    split, images = store.split(dataset).read(), store.prepared(dataset).images.read()
    features = store.features(dataset, model).read() if settings.recipe.backbone.stored else None
    development = Development(images, features, classes.codes(split["label"]), [rows(split, f) for f in range(folds)])
    return Plan(model, settings.recipe, classes, development, params.seed, settings.healthy)
