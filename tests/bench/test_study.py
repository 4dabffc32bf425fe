"""Benchmarks follow studies that the project accepts, whatever its own study is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.frozen_backbone.study import Study, trial_study
from bench.large_sets.study import large_study


@pytest.mark.parametrize("study", [trial_study, large_study])
def test_study_is_of_one_data_set_alone(study: Callable[[Path], Study], tmp_path: Path) -> None:
    """A key of the default study that does not fit, such as an external set that is not prepared, would be refused."""
    made = study(tmp_path).settings.params.study
    assert (made.other_datasets, made.sources, made.external, made.fractions) == ((), (), (), ())
