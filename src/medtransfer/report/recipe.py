"""A recipe in words: what it is, and every setting that differs from the default."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from medtransfer.report.numbers import counted
from medtransfer.settings.augmentation import Augmentation
from medtransfer.settings.recipes import Plateau, Recipe, Reconstruction, Trainable

FLOOR = " A frozen random network is a baseline that pretrained weights have to beat."
PARTS = {"none": "frozen: only the head learns", "all": "trained throughout"}
SOURCES = {"None": "random weights", "imagenet": "ImageNet weights"}


def _autoencoder(pretraining: Reconstruction) -> str:
    """What is trained before the model."""
    settings = [counted(pretraining.epochs, "epoch"), f"learning rate {pretraining.learning_rate:g}"]
    settings.append(f"batches of {pretraining.batch_size}")
    if pretraining.dropout:
        settings.append(f"dropout {pretraining.dropout:g} in the decoder")
    if pretraining.snapshots:
        settings.append(f"kept every {counted(pretraining.snapshots, 'epoch')}")
    return f"encoder and decoder learn to give back the image ({', '.join(settings)})"


def _plateau(plateau: Plateau) -> str:
    return (
        f"the learning rate times {plateau.factor:g} after {counted(plateau.patience, 'epoch')} without a lower "
        f"validation loss, down to {plateau.minimum:g}"
    )


# What each sentence names, in this order, where it differs from the default. Words are filled in with the value, {},
# and with the part of the recipe that the value is in, {of}; or there are words for each value, or a function of it.
Words = str | Mapping[Any, str] | Callable[[Any], str]
SENTENCES: dict[str, dict[str, Words]] = {
    "Before": {"pretraining": _autoencoder},
    "Input": {
        "backbone.image_size": "images of {} pixels a side",
        "backbone.alpha": "width {:g}",
        "backbone.preprocessing": {"rescale": "pixels scaled to 0..1, whatever the weights expect"},
    },
    "Random weights": {
        "backbone.initialisation": {
            "keras": "as Keras draws them",
            "he": "normal, variance 2 / fan-in (He et al. 2015)",
            "lsuv": "scaled layer by layer to unit variance on made images (after Mishkin and Matas 2016)",
        },
    },
    "Backbone": {"backbone.batch_norm_momentum": "running averages of batch normalisation with a momentum of {:g}"},
    "Arithmetic": {"backbone.precision": {"mixed_bfloat16": "computed in bfloat16, kept in float32"}},
    "Training images vary by": {
        "backbone.augmentation.zoom": "zoom of up to {:.0%}",
        "backbone.augmentation.zoom_axes": {"each": "width and height zoomed by a draw each"},
        "backbone.augmentation.rotation": "rotation of up to {:g}°",
        "backbone.augmentation.shift": "shift of up to {:.0%}",
        "backbone.augmentation.shear": "shear of up to {:g}°",
        "backbone.augmentation.width": "width of up to {:.0%}",
        "backbone.augmentation.height": "height of up to {:.0%}",
        "backbone.augmentation.crop": "crop of {:.0%} of the sides",
        "backbone.augmentation.horizontal_flip": "horizontal flips",
        "backbone.augmentation.vertical_flip": "vertical flips",
        "backbone.augmentation.brightness": "brightness of up to {:.0%} more or less",
        "backbone.augmentation.fill": {
            "reflect": "borders filled by reflection",
            "constant": "borders filled with black",
        },
        "backbone.augmentation.views": "{}",
    },
    "Head": {
        "backbone.pooling": {
            "max": "maximum of each feature",
            "flatten": "every place of the feature map",
            "max_flatten": "every place of the feature map after a 2 × 2 maximum",
        },
        "head.normalise_features": "features normalised",
        "head.dense": "{} hidden units",
        "head.activation": "activation {}",
        "head.batch_norm": "batch normalisation after each layer",
        "head.dropout": "dropout {}",
        "head.l2": "L2 penalty {:g}",
        "head.output": {"sigmoid": "one sigmoid for both classes"},
    },
    "Training": {
        "training.momentum": "momentum {:g}",
        "training.loss.kind": {
            "focal": "focal loss (gamma {of.gamma:g})",
            "expected_cost": "expected cost as loss (to call an ill image healthy costs {of.missed:g})",
        },
        "training.class_weights": {"balanced": "rare classes weigh more in the loss"},
        "training.schedule": {"cosine": "the learning rate falls along a cosine"},
        "training.plateau": _plateau,
        "training.early_stopping": lambda epochs: (
            f"an end after {counted(epochs, 'epoch')} without a better validation score"
        ),
        "training.selection": {
            "loss": "the epoch of the lowest validation loss kept",
            "accuracy": "the epoch of the highest validation accuracy kept",
            "f1": "the epoch of the highest validation F1 kept",
        },
        "training.snapshots": lambda epochs: (
            f"a confusion matrix of the validation images every {counted(epochs, 'epoch')}"
        ),
    },
}
# Of keys that have no default, the value that is not named.
PLAIN = {"backbone.pooling": "average", "head.normalise_features": False, "head.dense": (), "head.dropout": 0.0}
# Keys that the first sentence names, and keys that the words of another key name.
OPENING = {"backbone.architecture", "backbone.weights", "backbone.trainable"} | {
    f"training.{key}" for key in ("optimizer", "learning_rate", "epochs", "batch_size", "phases")
}
VIEWS = "backbone.augmentation.views"  # said of every recipe that changes its images
WITHIN = {"training.loss.gamma", "training.loss.missed"}


def recipe_in_words(recipe: Recipe) -> str:
    """What a model is and how it is trained, in a few sentences that name all that differs from the defaults.

    A key without words here is named as in the catalogue, so that nothing is left out.
    """
    augmentation, left_out = recipe.backbone.augmentation, OPENING | WITHIN | {VIEWS}
    left_out |= set() if augmentation.zoom else {"backbone.augmentation.zoom_axes"}
    left_out |= set() if augmentation.uncovers else {"backbone.augmentation.fill"}
    values = {path: (value, of) for path, value, of in _differing(recipe) if path not in left_out}
    if augmentation.active:
        values[VIEWS] = drawing_in_words(recipe), augmentation
    sentences = [_opening(recipe)]
    for beginning, words in SENTENCES.items():
        if named := [_filled(text, *values[path]) for path, text in words.items() if path in values]:
            sentences.append(f"{beginning}: {'; '.join(named)}.")
    known = {path for words in SENTENCES.values() for path in words}
    if rest := [f"{path.replace('_', ' ')} {value}" for path, (value, _) in values.items() if path not in known]:
        sentences.append(f"Also: {'; '.join(rest)}.")
    floor = FLOOR if recipe.backbone.frozen and recipe.backbone.weights is None else ""
    return " ".join(sentences) + floor


def augmentation_in_words(augmentation: Augmentation) -> str:
    """How training images vary, without the number of views."""
    values = {path: (value, of) for path, value, of in _differing(augmentation, "backbone.augmentation.")}
    every = {path: words for part in SENTENCES.values() for path, words in part.items() if path != VIEWS}
    return "; ".join(_filled(words, *values[path]) for path, words in every.items() if path in values)


def _opening(recipe: Recipe) -> str:
    backbone, training = recipe.backbone, recipe.training
    if backbone.source:
        source = f"weights of {backbone.source.model} trained on {' and '.join(backbone.source.dataset)}"
    else:
        source = SOURCES.get(str(backbone.weights), f"the weights in {backbone.weights}")
    if training.phases:
        each = (f"{phase.epochs} at {phase.learning_rate:g}, {_part(phase.trainable)}" for phase in training.phases)
        steps = f"epochs in {len(training.phases)} phases ({'; then '.join(each)})"
    else:
        steps = f"learning rate {training.learning_rate:g}, {counted(training.epochs, 'epoch')}"
    how = f"{training.optimizer}, {steps}, batches of {training.batch_size}"
    return f"{backbone.architecture} from {source}, {_part(backbone.trainable)}; {how}."


def drawing_in_words(recipe: Recipe) -> str:
    """What an epoch sees of an image."""
    if recipe.backbone.stored:
        return f"each epoch draws the plain image or one of {recipe.backbone.augmentation.views} stored views of it"
    return "drawn again in every epoch"


def _part(trainable: Trainable) -> str:
    """Which layers are trained."""
    if isinstance(trainable, float):
        return f"the last {trainable:.0%} of its layers trained"
    return PARTS.get(trainable, f"trained from the layer {trainable} on")


def _differing(part: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any, BaseModel]]:
    """Key, value, and the part that it is in, of everything in a recipe that differs from the default."""
    for name, field in type(part).model_fields.items():
        path, value = f"{prefix}{name}", getattr(part, name)
        if isinstance(field.annotation, type) and issubclass(
            field.annotation, BaseModel
        ):  # a part that is always there
            yield from _differing(value, f"{path}.")
        elif value != (PLAIN.get(path) if field.is_required() else field.default):
            yield path, value, part


def _filled(words: Words, value: Any, of: BaseModel) -> str:  # noqa: ANN401
    if callable(words):
        return words(value)
    text = words if isinstance(words, str) else words.get(value, "{}")
    shown = " + ".join(f"{one:g}" for one in value) if isinstance(value, tuple) else value
    return text.format(shown, of=of)
