"""Score a model's folds on what each left out, and all of them together on the held-out test set."""

from pathlib import Path

import pandas as pd

from medtransfer import formats
from medtransfer.data.partitions import held_out_rows
from medtransfer.evaluation.metrics import softmax
from medtransfer.models.backend import make_deterministic
from medtransfer.models.build import head_of
from medtransfer.settings.load import Settings
from medtransfer.training.checkpoints import forget_finished
from stages.common import fold_models, run
from stages.evaluation import write_evaluation


def main(settings: Settings, dataset: str, model: str) -> None:
    """Every fold's probabilities of its validation rows and of the test rows, and all that follows from them."""
    recipe, params = settings.recipe(model), settings.params
    make_deterministic(params.seed)
    classes = list(settings.dataset(dataset).classes)
    split = formats.read_table(Path(f"data/splits/{dataset}.csv"))
    held_out = held_out_rows(split)
    source = f"data/features/{dataset}/{model}.npy" if recipe.backbone.frozen else f"data/prepared/{dataset}/images.npy"
    inputs = formats.read_array(Path(source))[held_out]
    if recipe.backbone.frozen and recipe.backbone.augmentation.active:
        inputs = inputs[:, 0]  # the plain view
    validation = formats.read_table(Path(f"models/{dataset}/{model}/validation.csv"))
    validation[classes] = softmax(validation[classes].to_numpy())
    test = split.iloc[held_out].rename(columns={"label": "actual"})[["id", "actual"]]
    tested = []
    network = None
    for fold, complete in enumerate(formats.read_models(fold_models(settings, dataset, model))):
        network = network or (head_of(complete) if recipe.backbone.frozen else complete)
        answers = softmax(network.predict(inputs, batch_size=64, verbose=0))
        frame = pd.DataFrame(answers, columns=classes, index=test.index)
        tested.append(pd.concat([test.assign(fold=fold), frame], axis=1))
    parts = {"validation": validation, "test": pd.concat(tested)}
    probabilities = pd.concat([part.assign(partition=name) for name, part in parts.items()])
    write_evaluation(settings, dataset, model, split.iloc[held_out], probabilities)
    votes = Path(f"data/predictions/{dataset}/{model}")  # what an ensemble needs of a member
    formats.write_table(votes / "probabilities.csv", probabilities)
    history = formats.read_table(Path(f"models/{dataset}/{model}/history.csv"))
    formats.write_table(votes / "history.csv", history.assign(member=model))
    forget_finished()  # what training left is in DVC's cache by now


if __name__ == "__main__":
    run(main)
