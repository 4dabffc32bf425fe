"""Energy: what counters say, added up, or nothing where no counter says it."""

from pathlib import Path

import pytest

from medtransfer.models import energy
from medtransfer.models.energy import EnergyMeter, Package, counters


def processor(root: Path, name: str, microjoules: int, kind: str = "package-0", most: int = 1_000_000) -> Path:
    """A folder as Linux has it for a processor."""
    folder = root / name
    folder.mkdir(parents=True)
    for file, content in {"name": kind, "energy_uj": microjoules, "max_energy_range_uj": most}.items():
        (folder / file).write_text(f"{content}\n")
    return folder


@pytest.fixture
def powercap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without GPUs."""
    monkeypatch.setattr(energy, "POWERCAP", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_counter_that_begins_again_is_followed(tmp_path: Path) -> None:
    folder = processor(tmp_path, "intel-rapl:0", 400_000)
    package, taken = Package(folder), []
    for microjoules in (900_000, 100_000, 100_000):
        (folder / "energy_uj").write_text(str(microjoules))
        taken.append(package.more())
    assert taken == [0.5, 0.2, 0.0]


def test_processors_are_added_up_and_their_parts_left_out(powercap: Path) -> None:
    folders = [processor(powercap, f"intel-rapl:{number}", 0, f"package-{number}") for number in (0, 1)]
    part = processor(powercap, "intel-rapl:0:0", 0, "core")
    whole_machine = processor(powercap, "intel-rapl:2", 0, "psys")
    with EnergyMeter() as meter:
        for folder in (*folders, part, whole_machine):
            (folder / "energy_uj").write_text("250000")
        assert meter.joules == 0.5


def test_machine_that_does_not_tell_has_no_energy(powercap: Path) -> None:
    (powercap / "intel-rapl:0").mkdir()
    assert not counters()
    with EnergyMeter() as meter:
        assert meter.joules is None


def test_counter_that_fails_meanwhile_leaves_nothing(powercap: Path) -> None:
    folder = processor(powercap, "intel-rapl:0", 0)
    with EnergyMeter() as meter:
        assert meter.joules == 0.0
        (folder / "energy_uj").unlink()
        assert meter.joules is None


def test_power_of_gpus_is_summed_over_time(powercap: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for nvidia-smi tells 100 and 50 W, then 200 and 50 W."""
    readings, clock = powercap / "said", [10.0]
    program = powercap / "bin/nvidia-smi"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n/bin/echo "$@" >> {powercap}/asked\n/bin/cat {readings}\n')
    program.chmod(0o755)
    readings.write_text("100.00\n50.00\n")
    monkeypatch.setattr("medtransfer.models.energy.time.monotonic", lambda: clock[0])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    (gpus,) = counters()
    readings.write_text("200.00\n50.00\n")
    clock[0] += 4
    assert gpus.more() == 4 * (150 + 250) / 2
    assert (powercap / "asked").read_text().splitlines()[0].endswith("nounits -i 0,1")
    readings.write_text("[N/A]\n")
    assert not counters(), "a GPU that does not tell"
