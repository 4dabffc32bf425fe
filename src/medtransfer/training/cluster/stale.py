"""What `dvc repro` would run of some stages: those that are not up to date and that its run cache does not have."""

from collections.abc import Iterable

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.stage import Stage
from dvc.stage.cache import RunCacheNotFoundError
from dvc_data.hashfile.hash_info import HashInfo


def to_run(names: Iterable[str]) -> set[str]:
    """Of stages whose inputs are there, those that DVC would run."""
    with Repo() as repo, repo.lock:
        return {name for name in names if _would_run(repo, repo.stage.load_one(name=name))}


def _would_run(repo: Repo, stage: Stage) -> bool:
    if not stage.changed():
        return False
    if stage.changed_deps():
        try:
            stage.save_deps()
        except DvcException:  # an input is missing: what makes it has to run first
            return True
        for out in stage.outs:  # DVC looks for those of these inputs, and not for those in dvc.lock
            out.hash_info = HashInfo()
    try:
        repo.stage_cache.restore(stage, dry=True)
    except RunCacheNotFoundError:
        return True
    return False
