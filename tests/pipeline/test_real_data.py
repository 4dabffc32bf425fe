"""What a newcomer does first in a clone that has run nothing yet, by real DVC and with real data."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.kaggle_stand_in import stand_in
from tests.project_clone import clone

pytestmark = pytest.mark.pipeline


SHARED = ROOT.parent / "shared"


@pytest.mark.skipif(not (SHARED / "keras").is_dir(), reason="needs real archives and ImageNet weights in ../shared")
def test_real_data_runs_from_kaggle_to_the_report(tmp_path: Path) -> None:
    with stand_in() as environment:
        real = clone(tmp_path, KERAS_HOME=str(SHARED / "keras"), **environment)
        only = ("-S", "model=mobilenetv2_imagenet", "-S", "study.models=[mobilenetv2_imagenet]")
        real.dvc("exp", "run", "-S", "dataset=navoneel", *only, "-S", "leakage.repeats=2")
    found = json.loads((tmp_path / "metrics/metrics.json").read_text())
    assert found["dataset"] == "navoneel"
    assert found["validation"]["accuracy"] > 0.7  # without copies across folds; the larger class has 0.61
    origin = json.loads((tmp_path / "data/raw/navoneel.json").read_text())
    assert origin["source"]["slug"] == "navoneel/brain-mri-images-for-brain-tumor-detection"
    assert re.fullmatch("[0-9a-f]{64}", origin["sha256"])
