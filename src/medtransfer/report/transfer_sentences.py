"""What docs/transfer.md says of a study of transfer: sentences by rule from its numbers."""

from collections.abc import Sequence

from medtransfer.comparison.sentences import Evidence, listed, sentence
from medtransfer.report import external as of_external
from medtransfer.report.images_saved import pair_at
from medtransfer.report.numbers import counted, points
from medtransfer.report.transfer_results import QUESTIONS, PairResult, TransferResult, of_question
from medtransfer.report.transfer_tables import drop, value
from medtransfer.store.external_records import External, ScoredOutside


def images(result: TransferResult) -> str:
    """What was trained on what, and tested on what."""
    return (
        f"{result.title} (`{result.dataset}`), images of {result.image_size} pixels, split `{result.strategy}`, "
        f"{'one validation part' if result.folds == 1 else f'{result.folds} folds'}. Development: "
        f"{_part(result.development.images, result.development.groups)}. Test: "
        f"{_part(result.test.images, result.test.groups)}; {result.copies:,} of these images have a copy in "
        "development. Intervals are 95 %, of other groups of test images."
    )


def highest(result: TransferResult) -> str:
    """The model with the highest accuracy on the test set."""
    best = _best(result)
    return f"The highest test accuracy is that of `{best}`: {value(result.models[best].accuracy)}."


def of_pairs(result: TransferResult) -> list[str]:
    """A sentence for each pair: told apart and by how much, or not, and what would have been seen."""
    return [
        _marked(sentence(_evidence(result, pair, len(of_question(result.pairs, question)))), [pair.a, pair.b])
        for question in QUESTIONS
        for pair in of_question(result.pairs, question)
    ]


def told_apart(result: TransferResult) -> str:
    """How many pretrained models are told apart from their counterparts, with the names of those that are."""
    pairs = of_question(result.pairs, "pretrained")
    kinds = []
    for better, word in ((True, "better"), (False, "worse")):
        apart = [pair for pair in pairs if pair.told_apart and (pair.difference.value > 0) == better]
        if apart:
            named = listed([f"`{pair.a}` ({_points(pair)})" for pair in apart])
            kinds.append(f"{word} in {len(apart)}: {named}")
    beginning = (
        f"On {result.dataset}, a pretrained model is compared with one from random weights in {_pairs(len(pairs))}"
    )
    if not kinds:
        return f"{beginning}; the two are told apart in none."
    rest = sum(not pair.told_apart for pair in pairs)
    return f"{beginning}. It is {'; '.join(kinds)}. {_pairs(rest).capitalize()} cannot be told apart."


def with_few_images(result: TransferResult) -> list[str]:
    """A sentence for each pretrained model: what it is worth with the fewest images, and how many images it saves."""
    few = result.curves.fractions[0].images
    return [
        f"With {few:,} images: {_marked(pair_at(result.curves, pair, 0), [pair.models.a, pair.models.b])}."
        for pair in result.curves.pairs
    ]


def few_in_short(result: TransferResult) -> str | None:
    """How often pretraining helps with the fewest images, by the interval alone; None without fractions."""
    known = result.curves
    if not known.pairs:
        return None
    first = [pair.differences[0] for pair in known.pairs]
    values = sorted(each.value for each in first)
    better = sum(each.interval is not None and each.interval[0] > 0 for each in first)
    worse = sum(each.interval is not None and each.interval[1] < 0 for each in first)
    certain = sum(pair.needed[0].certain for pair in known.pairs)
    return (
        f"On {result.dataset} with {known.fractions[0].images:,} training images, the fewest that were tried, the "
        f"pretrained model is more accurate in {better} of {_pairs(len(first))} and less accurate in {worse}, with an "
        f"interval that leaves 0 out; the differences are {points(values[0])} to {points(values[-1])} points. The "
        f"whole interval of the images saved is above 0 in {_pairs(certain)}."
    )


def elsewhere(outside: External) -> list[str]:
    """What was left out, the labels, the drop of the best model, and how the drop is over all models."""
    best = max(outside.models, key=lambda model: model.internal["accuracy"].value)
    sentences = [of_external.left_out(outside)]
    if labels := of_external.labels_in_words(outside):
        sentences.append(labels)
    sentences.append(_marked(of_external.sentence(outside, best.model).removeprefix("Elsewhere: "), [best.model]))
    return [*sentences, drops(outside)]


def drops(outside: External) -> str:
    """How the drop is over all models, and which is the highest accuracy outside."""
    falls = sorted(outside.models, key=lambda model: model.drop["accuracy"].value)
    lower = sum(_lower(model) for model in falls)
    top = max(outside.models, key=lambda model: model.external["accuracy"].value)
    return (
        f"{lower} of {len(falls)} models of {outside.dataset} are less accurate on {outside.external} with an interval "
        f"of the drop that leaves 0 out. The drop is smallest for `{falls[0].model}`, "
        f"{drop(falls[0].drop['accuracy'])} points, and largest for `{falls[-1].model}`, "
        f"{drop(falls[-1].drop['accuracy'])} points. The highest accuracy on {outside.external} is that of "
        f"`{top.model}`: {value(top.external['accuracy'])}."
    )


def in_short(results: Sequence[TransferResult]) -> list[str]:
    """What was found, a few sentences for each study."""
    sentences: list[str] = []
    for result in results:
        sentences.append(told_apart(result))
        sentences += [few] if (few := few_in_short(result)) else []
        sentences += [drops(outside) for outside in result.external]
    return sentences


def _lower(model: ScoredOutside) -> bool:
    low = model.drop["accuracy"].low
    return low is not None and low > 0


def _best(result: TransferResult) -> str:
    return max(result.models, key=lambda name: result.models[name].accuracy.value)


def _evidence(result: TransferResult, pair: PairResult, family: int) -> Evidence:
    return Evidence(
        pair.a,
        pair.b,
        pair.difference,
        pair.holm_p,
        family,
        result.test.images,
        result.test.groups,
        pair.detectable,
        groups_are="groups of alike images",
    )


def _marked(text: str, names: Sequence[str]) -> str:
    """The sentence with names of models as code, each whole: one may be the beginning of another."""
    return " ".join(
        f"`{word.rstrip(',:;.')}`{word[len(word.rstrip(',:;.')) :]}" if word.rstrip(",:;.") in names else word
        for word in text.split(" ")
    )


def _points(pair: PairResult) -> str:
    difference = pair.difference
    return f"{points(difference.value)} points, {points(difference.low)} to {points(difference.high)}"


def _pairs(number: int) -> str:
    return counted(number, "pair")


def _part(images: int, groups: int) -> str:
    return f"{images:,} images of {counted(groups, 'group')}"
