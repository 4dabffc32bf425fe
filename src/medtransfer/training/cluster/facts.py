"""What a worker must have in common with the machine that it works for: then its results are the same files."""

from dataclasses import dataclass
from pathlib import Path

from medtransfer.store import digests

PACKAGE = Path(__file__).resolve().parents[2]  # the whole library


def _code() -> str:
    files = [file for file in PACKAGE.rglob("*") if file.suffix in (".py", ".json")]
    named = "\n".join(f"{file.relative_to(PACKAGE).as_posix()} {digests.of_file(file)}" for file in sorted(files))
    return digests.of_text(named)


CODE = _code()  # as this process has loaded it: files that are edited later are not what it runs


@dataclass(frozen=True)
class Facts:
    """Of one process."""

    host: str
    code: str  # hash of the library's files
    software: dict[str, str]  # versions by name
    device: str  # backend, its version, and the kind of device
    processor: str  # the name of its model
    threads: int  # that one operation may use; 0: as many as the backend chooses


def refusal(here: Facts, there: Facts) -> str | None:
    """Why a worker cannot work for this process, and what to do; None where it can."""
    if there.code != here.code:
        return (
            f"its code is another version ({there.code[:8]}, and {here.code[:8]} here): check out the same commit "
            "there, without other changes, and start the worker again"
        )
    if there.device != here.device:
        return f"it computes with {there.device}, and this machine with {here.device}: use machines of one kind"
    other = [name for name, version in here.software.items() if there.software.get(name) != version]
    if other:
        versions = ", ".join(
            f"{name} {there.software.get(name, 'is missing')} ({here.software[name]} here)" for name in other
        )
        return f"its libraries are others: {versions}; run make setup-cluster there, from the same commit"
    return None
