"""A worker that would give other results is refused in words."""

import re
from dataclasses import replace

import pytest

from medtransfer.training.cluster.facts import PACKAGE, Facts, refusal
from tests.conftest import ROOT

HERE = Facts(
    "here", "0123456789", {"keras": "3.15.1", "tensorflow": "2.21.0"}, "tensorflow 2.21.0 on cpu", "some processor", 2
)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "abcdefghij"}, r"another version \(abcdefgh, and 01234567 here\): check out the same commit"),
        ({"device": "tensorflow 2.21.0 on gpu"}, "computes with tensorflow 2.21.0 on gpu, and this machine with"),
        ({"device": "jax 0.8.0 on cpu"}, "computes with jax"),
        ({"software": {"keras": "3.12.0", "tensorflow": "2.21.0"}}, r"keras 3.12.0 \(3.15.1 here\)"),
        ({"software": {"keras": "3.15.1"}}, r"tensorflow is missing \(2.21.0 here\)"),
    ],
)
def test_difference_is_named(change: dict[str, object], sentence: str) -> None:
    why = refusal(HERE, replace(HERE, **change))  # type: ignore[arg-type]
    assert why
    assert re.search(sentence, why)


def test_other_host_and_number_of_threads_are_accepted() -> None:
    assert refusal(HERE, replace(HERE, host="there", threads=64)) is None


def test_code_is_that_of_the_whole_library() -> None:
    assert PACKAGE == ROOT / "src/medtransfer"
