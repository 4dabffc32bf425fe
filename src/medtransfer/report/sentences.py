"""Sentences about several models."""

from collections.abc import Mapping, Sequence


def one_or_each(told: Mapping[str, str], models: int) -> Sequence[str]:
    """What is told of some of so many models, by their names: one sentence where it is the same of all of them."""
    texts = set(told.values())
    if len(texts) == 1 and len(told) == models:
        return [_sentence(texts.pop())]
    return [f"{model}: {_sentence(text)}" for model, text in told.items()]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
