"""Labels of one set as another's, and unions: every image gets one class, or the catalogue is refused in a sentence."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtransfer.settings.datasets import Dataset, UnionMember
from medtransfer.settings.errors import UserError
from medtransfer.settings.load import Settings, catalogue, load
from medtransfer.settings.resolved import Decoding, MemberSources, decoding, origin
from medtransfer.settings.unions import check_unions, labels_as, members_of
from tests.conftest import ROOT
from tests.data.archives import entry

KINDS = {"glioma": ["g/*"], "meningioma": ["m/*"], "none": ["n/*"]}
AS = {"tumour": ["glioma", "meningioma"], "healthy": ["none"], "no_tumour": ["none"]}


def kinds(**changes: object) -> Dataset:
    """A set of three classes, with labels of coarser sets."""
    return entry(**{"classes": KINDS, "positive": None, "healthy": "none", "as": AS} | changes)


def union(*members: str, **changes: object) -> Dataset:
    return entry(**{"source": {"kind": "union", "members": members}, "classes": ["healthy", "tumour"]} | changes)


def sets(**changed: Dataset) -> dict[str, Dataset]:
    written = {label: AS[label] for label in ("tumour", "healthy")}
    return {"fine": kinds(**{"as": written}), "coarse": entry(), "both": union("fine", "coarse")} | changed


def test_labels_are_those_of_as_else_the_sets_own() -> None:
    assert labels_as("fine", kinds(), ["healthy", "tumour"]) == {
        "glioma": "tumour", "meningioma": "tumour", "none": "healthy"
    }  # fmt: skip
    # A finer set, in which one label alone is another.
    renamed = labels_as("fine", kinds(), ["glioma", "meningioma", "pituitary", "no_tumour"])
    assert renamed == {"glioma": "glioma", "meningioma": "meningioma", "none": "no_tumour"}
    assert labels_as("coarse", entry(), ["tumour", "healthy"]) == {"healthy": "healthy", "tumour": "tumour"}


@given(st.lists(st.sampled_from(["a", "b", "none"]), min_size=3, max_size=3))
def test_every_class_has_the_one_label_that_was_written_for_it(drawn: list[str]) -> None:
    written = {label: [own for own, of in zip(KINDS, drawn, strict=True) if of == label] for label in set(drawn)}
    wanted = sorted(written)
    if "none" in written and written["none"] != ["none"]:
        with pytest.raises(ValueError, match="none is a class of this set, so it can stand for no other"):
            kinds(**{"as": written})
    else:
        assert labels_as("x", kinds(**{"as": written}), wanted) == dict(zip(KINDS, drawn, strict=True))


@pytest.mark.parametrize(
    ("written", "wanted", "message"),
    [
        (AS, ["healthy", "glioma"], r"x: meningioma is none of the labels healthy, glioma: write under `as` of x"),
        ({"ill": ["glioma"], "sick": ["glioma"]}, ["ill", "sick", "meningioma", "none"], "glioma is ill and sick"),
    ],
)
def test_class_without_a_label_or_with_two_is_refused(written: Any, wanted: list[str], message: str) -> None:  # noqa: ANN401
    with pytest.raises(UserError, match=message):
        labels_as("x", kinds(**{"as": written}), wanted)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"both": union("fine", "coarsse")}, r"both\.source\.members: .*'coarsse'; did you mean coarse\?"),
        ({"both": union("fine", "fine")}, r"both\.source\.members: fine is listed twice"),
        ({"both": union("fine", "more"), "more": union("fine", "coarse")}, "more is a union itself"),
        (
            {"fine": kinds(**{"as": {"tumour": ["glioma"]}})},
            r"fine: meningioma, none are none of .*as: \{healthy: \[\.\.\.\], tumour: \[\.\.\.\]\}.*member of both",
        ),
        ({"fine": kinds(**{"as": {"tumor": ["glioma"]}})}, r"fine\.as: no .* the label tumor; did you mean tumour\?"),
        ({"both": union("fine", "bothh")}, r"no data set called 'bothh'; valid are fine, coarse$"),
        (
            {"both": union("fine", "coarse", classes=["healthy", "tumour", "other"])},
            r"both\.classes: no member of this union has images of other",
        ),
    ],
)
def test_union_that_cannot_be_put_together_is_refused(changed: dict[str, Dataset], message: str) -> None:
    check_unions(sets())
    with pytest.raises(UserError, match=message):
        check_unions(sets(**changed))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("classes: {healthy: [no/*], tumour: [yes/*]}", "write a list of names, such as"),
        ("classes: [healthy, tumour, tumour]", "classes: tumour is listed twice"),
        ("patient: (p)", "patient: a union has no files of its own"),
        ("source: {kind: union, members: [fine]}", r"members has too few entries: name 2 or more"),
        ("as: {ill: [tumor]}", r"as\.ill: tumor not among the classes healthy, tumour"),
        ("has: {}", r"has is not a known key; did you mean as\?"),
    ],
)
def test_mistake_in_the_entry_of_a_union_is_one_sentence(tmp_path: Path, change: str, message: str) -> None:
    lines = {
        "title": "title: t", "source": "source: {kind: union, members: [fine, coarse]}", "image_size": "image_size: 32",
        "classes": "classes: [healthy, tumour]", "positive": "positive: tumour", "healthy": "healthy: healthy",
    }  # fmt: skip
    lines |= {change.split(":")[0]: change}
    path = tmp_path / "datasets.yaml"
    path.write_text("both:\n" + "".join(f"  {line}\n" for line in lines.values()))
    with pytest.raises(UserError, match=message) as caught:
        catalogue(Dataset, path)
    assert "\n" not in str(caught.value)


def test_stages_get_each_members_files_and_source_at_the_size_of_the_union() -> None:
    settings = Settings(load(ROOT).params, sets(both=union("fine", "coarse", image_size=48)), {}, {})
    both = decoding(settings, "both")
    assert {name: (part.image_size, list(part.classes)) for name, part in both.members.items()} == {
        "fine": (48, list(KINDS)),
        "coarse": (48, ["healthy", "tumour"]),
    }
    assert Decoding.model_validate_json(both.model_dump_json()) == both
    source = origin(settings, "both").source
    assert isinstance(source, MemberSources)
    assert source.members == {"fine": kinds().source, "coarse": entry().source}
    assert decoding(settings, "fine").members == {}


def test_the_catalogues_union_is_of_tumours_and_healthy_brains() -> None:
    members: dict[str, UnionMember] = members_of("tumour_union", load(ROOT).datasets)
    tumours = {name: [own for own, label in each.labels.items() if label == "tumour"] for name, each in members.items()}
    assert tumours == {"sartaj": ["glioma", "meningioma", "pituitary"], "br35h": ["tumour"], "navoneel": ["tumour"]}
