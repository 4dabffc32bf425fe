"""Networks that are compiled once for all tests: compiling takes longer than training them on a few images."""

import functools
from dataclasses import replace

from medtransfer.models.build import build
from medtransfer.settings.recipes import Phase, Recipe, Training
from medtransfer.training.compiled import Compiled, Task, compile_classifier, set_values

SHAPE = (24, 24, 1)


def compiled_for(recipe: Recipe, task: Task | None = None) -> Compiled:
    """The compiled network of a recipe, of two classes; it begins with the weights of seed 0, whoever trained it."""
    training = recipe.training
    # What a compiled network is the same for, whatever these are.
    plain = {"epochs": 1, "learning_rate": 1e-3, "plateau": None, "early_stopping": None, "selection": "last"}
    plain |= {"class_weights": "none", "schedule": "constant", "snapshots": None}
    phases = tuple(phase.model_copy(update={"epochs": 1, "learning_rate": 1e-3}) for phase in training.phases)
    same = recipe.model_copy(update={"training": training.model_copy(update=plain | {"phases": phases})})
    compiled = _compiled(same.model_dump_json(), task)
    set_values(compiled.network.variables, compiled.values)
    trainings: tuple[Phase | Training, ...] = training.phases or (training,)
    own = [
        replace(phase, epochs=one.epochs, learning_rate=one.learning_rate)
        for phase, one in zip(compiled.phases, trainings, strict=True)
    ]
    return replace(compiled, training=training, phases=own)


@functools.cache
def _compiled(recipe: str, task: Task | None) -> Compiled:
    parsed = Recipe.model_validate_json(recipe)
    return compile_classifier(build(parsed, SHAPE, 2, seed=0), parsed.training, parsed.backbone, task)
