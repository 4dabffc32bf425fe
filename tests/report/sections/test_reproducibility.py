"""What the numbers follow from is named with its hash, and nothing that a clock changes."""

import hashlib
from dataclasses import replace

from medtransfer import store
from medtransfer.report.blocks import Note, TableBlock
from medtransfer.report.sections.reproducibility import section
from medtransfer.report.settings import ReportSettings


def tables(settings: ReportSettings) -> list[dict[str, str]]:
    blocks = [block for block in section(store, settings).blocks if isinstance(block, TableBlock)]
    return [{row[0].partition("<small>")[0]: row[1] for row in block.frame.to_numpy().tolist()} for block in blocks]


def test_hashes_follow_the_files_and_versions_are_those_that_training_has_noted(settings: ReportSettings) -> None:
    (before,) = tables(settings)
    split = store.split(settings.dataset)
    assert before["archive"] == "0" * 64
    assert before["split"] == hashlib.sha256(split.path.read_bytes()).hexdigest()
    assert {"cnn: recipe", "cnn: networks", "unet: recipe", "unet: networks", "code"} <= set(before)
    (store.trained(settings.dataset, "cnn").path / "fold-0.keras").write_bytes(b"other networks")
    (after,) = tables(settings)
    assert {of for of in before if before[of] != after[of]} == {"cnn: networks"}

    assert any(isinstance(block, Note) and "not noted" in block.text for block in section(store, settings).blocks)
    for model, version in (("cnn", "3.15.1"), ("unet", "3.15.2")):
        training = store.trained(settings.dataset, model).training
        weights = {"weights": "imagenet", "file": "top.h5", "sha256": "f" * 64} if model == "cnn" else {}
        training.write(replace(training.read(), software={"keras": version}, weights=weights))
    versions, hashes = tables(settings)
    assert versions == {"keras": "3.15.1, 3.15.2"}
    assert hashes["cnn: weights"] == "f" * 64
    assert "unet: weights" not in hashes
