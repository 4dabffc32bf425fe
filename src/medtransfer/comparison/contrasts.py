"""Which models of a study differ in one thing alone: pretrained or not, fine-tuned or frozen, by architecture."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medtransfer.settings.recipes import Recipe


@dataclass(frozen=True)
class Contrast:
    """A question asked of each two recipes of one architecture."""

    title: str
    first: str  # what the first recipe of a pair is, in words
    second: str
    applies: Callable[[Recipe, Recipe], bool]  # to a first and a second recipe
    keys: frozenset[str]  # of the recipe, in which a pair differs by the question itself


@dataclass(frozen=True)
class RecipePair:
    """Two models of one architecture that answer a question."""

    architecture: str
    a: str
    b: str
    also: list[str]  # keys in which they differ beside the question, with the value of each


def _pretrained(recipe: Recipe) -> bool:
    return recipe.backbone.weights is not None


CONTRASTS = {
    "pretrained": Contrast(
        "Pretrained against random weights",
        "pretrained",
        "from random weights",
        lambda a, b: _pretrained(a) and not _pretrained(b),
        frozenset({"backbone.weights", "backbone.initialisation"}),
    ),
    "fine-tuned": Contrast(
        "Fine-tuned against frozen",
        "fine-tuned",
        "frozen",
        lambda a, b: (
            _pretrained(a) and a.backbone.weights == b.backbone.weights and not a.backbone.frozen and b.backbone.frozen
        ),
        frozenset({"backbone.trainable"}),
    ),
}


def pairs_by_architecture(recipes: Mapping[str, Recipe], contrast: Contrast) -> list[RecipePair]:
    """Each model that is the first of a contrast, with the second of its architecture that is most like it.

    That is the one with the fewest other differences, and of equally many the first in `recipes`.
    """
    pairs = []
    for a, first in recipes.items():
        others = {
            b: _differences(first, second, contrast.keys)
            for b, second in recipes.items()
            if second.backbone.architecture == first.backbone.architecture and contrast.applies(first, second)
        }
        if others:
            b = min(others, key=lambda name: len(others[name]))
            pairs.append(RecipePair(first.backbone.architecture, a, b, others[b]))
    return pairs


def _differences(a: Recipe, b: Recipe, but: frozenset[str]) -> list[str]:
    of_a, of_b = dict(_leaves(_as_trained(a))), dict(_leaves(_as_trained(b)))
    return [
        f"{key}: {_short(of_a.get(key))} and {_short(of_b.get(key))}"
        for key in of_a | of_b
        if of_a.get(key) != of_b.get(key) and not any(f"{key}.".startswith(f"{one}.") for one in but)
    ]


def _as_trained(recipe: Recipe) -> dict[str, Any]:
    """The recipe's keys, and of its views what they come to: a backbone that is trained sees new ones in each epoch."""
    content = recipe.model_dump()
    if not recipe.backbone.augmentation.active:
        del content["backbone"]["augmentation"]
    elif not recipe.backbone.frozen:
        content["backbone"]["augmentation"]["views"] = "fresh"
    return content


def _leaves(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _short(value: Any) -> str:  # noqa: ANN401
    """A value in a few letters: of phases or other parts, how many there are."""
    if isinstance(value, tuple) and any(isinstance(part, dict) for part in value):
        return str(len(value))
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]" if value else "none"
    return "none" if value is None or value == () else f"{value:g}" if isinstance(value, float) else str(value)
