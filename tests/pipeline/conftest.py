"""Fixtures of the pipeline's tests."""

import os
from pathlib import Path

import pytest

from tests.project_clone import Clone
from tests.small_study import copy_of, small_study


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study that has run: parallel test processes share one."""
    folder = tmp_path_factory.getbasetemp()
    return small_study(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="module")
def project(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A copy of it for the tests of a file."""
    return copy_of(finished, tmp_path_factory.mktemp("project") / "copy")
