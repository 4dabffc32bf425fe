"""A tiny study that is finished, to be reported on: written once, and copied for each test that may change it."""

import shutil
from pathlib import Path

import pytest

from medtransfer.report.settings import ReportSettings
from tests.report.finished_study import report_settings, write_study


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its artefacts, which no test changes."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_study()
    return folder


@pytest.fixture
def settings(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReportSettings:
    """What to report on; its artefacts are in the working folder."""
    shutil.copytree(study, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return report_settings()
