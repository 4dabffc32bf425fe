"""A tiny study that is finished, to be reported on."""

from pathlib import Path

import pytest

from medtransfer.report.settings import ReportSettings
from tests.report.finished_study import report_settings, write_study


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReportSettings:
    """What to report on; its artefacts are in the working folder."""
    monkeypatch.chdir(tmp_path)
    write_study()
    return report_settings()
