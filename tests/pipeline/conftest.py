"""Fixtures of the pipeline's tests."""

import os
from pathlib import Path

import pytest

from tests.small_study import small_study


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study that has run: parallel test processes share one."""
    folder = tmp_path_factory.getbasetemp()
    return small_study(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
