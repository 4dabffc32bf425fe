"""Folders that several modules of the store spell paths in."""

from pathlib import Path

CACHE = Path(".cache")  # what may be removed at any time: it costs time, and no result
DOWNLOADS, FEATURES, CHECKPOINTS = CACHE / "download", CACHE / "features", CACHE / "checkpoints"
TIMES = CACHE / "times"  # wall-clock times differ from run to run, so they are no part of the DAG
SETTINGS, HEADLINE = Path("data/settings"), Path("plots/headline")
STAGE_INPUTS = SETTINGS / "stages"
EXTERNAL = Path("metrics/external")  # `overlap` always writes into it, so that `report` can depend on the folder
