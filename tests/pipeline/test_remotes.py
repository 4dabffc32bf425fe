"""Outputs on S3: real DVC pushes to a server on this machine, and pulls from it, over connections that may break."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import ROOT
from tests.loopback import KEYS, REGION, BreakingProxy, S3Server, names_content
from tests.project_clone import Clone, stages_run

MISSING = [package for package in ("dvc_s3", "moto", "flask_cors") if not find_spec(package)]
pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(
        bool(MISSING), reason=f"{MISSING} are not installed: `make test` takes them from requirements-extras.lock"
    ),
]

STAGES = ("check", "download", "prepare")
FILES = Path(".dvc/cache/files/md5")
BROKEN = ("Could not connect to the endpoint URL", "Connection was closed before we received a valid response")
PAGE = " ".join((ROOT / "docs/gpu-and-remotes.md").read_text().split())


@pytest.fixture(scope="module", autouse=True)
def nobodys_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No settings or credentials of the person who runs the tests are read, and nothing leaves the machine."""
    folder = tmp_path_factory.mktemp("aws")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                patch.delenv(name)
        for variable, file in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
            (folder / file).touch()
            patch.setenv(variable, str(folder / file))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_REGION", REGION)
        patch.setenv("AWS_MAX_ATTEMPTS", "1")  # DVC gives up at once, not within a minute
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    started = S3Server()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def project(project: Clone) -> Clone:
    """The pipeline's first three stages have run: their outputs are folders and files."""
    project.edit("dvc.yaml", lambda content: content.update(stages={name: content["stages"][name] for name in STAGES}))
    project.forget_other_stages()
    shutil.rmtree(project.path / FILES)
    project.dvc("commit", "--force")
    project.commit()
    return project


def use(made: Clone, keys: KEYS | None, bucket: str, url: str) -> Clone:
    """The clone as somebody with these keys uses it, whose remote is a folder of a bucket."""
    known = {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]} if keys else {}
    remote = (
        f"[core]\nremote = store\n['remote \"store\"']\nurl = s3://{bucket}/brain\nendpointurl = {url}\njobs = 32\n"
    )
    (made.path / ".dvc/config.local").write_text(remote)
    return Clone(made.path, **known)


def second_clone(project: Clone, path: Path) -> Clone:
    """It has what git has."""
    project.run("git", "clone", "--quiet", str(project.path), str(path))
    return Clone(path)


def cached(made: Clone) -> dict[str, bytes]:
    """The files of DVC's cache."""
    files = [path for path in (made.path / FILES).rglob("*") if path.is_file()]
    return {path.relative_to(made.path / FILES).as_posix(): path.read_bytes() for path in files}


def assert_connection_is_blamed(failed: CompletedProcess[str]) -> None:
    """In one of the ways that the page names: which one depends on what was under way."""
    assert failed.returncode != 0
    assert any(message in failed.stdout for message in BROKEN), failed.stdout
    assert "Traceback" not in failed.stdout
    assert all(f"`{message}`" in PAGE for message in BROKEN)


@pytest.fixture(scope="module")
def pushed(project: Clone, server: S3Server) -> None:
    """Everything is in the bucket `results`, by the commands of the page."""
    server.make("results")
    (project.path / ".dvc/config.local").unlink(missing_ok=True)
    environment = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), server.writer, strict=True))
    owner = Clone(project.path, **environment)
    owner.dvc("remote", "add", "--local", "--default", "store", "s3://results/brain")
    owner.dvc("remote", "modify", "--local", "store", "endpointurl", server.url)
    owner.dvc("push")


@pytest.mark.usefixtures("pushed")
def test_clone_that_pulls_has_everything_and_runs_nothing(project: Clone, server: S3Server, tmp_path: Path) -> None:
    """By a key that may only read."""
    pulled = use(second_clone(project, tmp_path / "pulled"), server.reader, "results", server.url)
    pulled.dvc("pull")
    assert cached(pulled) == cached(project)
    assert all((pulled.path / name).exists() for name in ("data/settings", "data/raw/yours.zip", "data/prepared"))
    again = pulled.dvc("repro")
    assert stages_run(again) == set()
    assert "up to date" in again


REFUSALS = {
    "bucket that is not there": ("writer", "elsewhere", "NoSuchBucket"),
    "no credentials": (None, "empty", "Unable to locate credentials"),
    "wrong secret": ("forger", "empty", "An error occurred (403) when calling the HeadObject operation: Forbidden"),
    "key that may not write": ("reader", "empty", "AccessDenied"),
}


@pytest.mark.parametrize("mistake", REFUSALS)
def test_refusal_names_its_cause_and_the_page_says_what_to_do(project: Clone, server: S3Server, mistake: str) -> None:
    name, bucket, message = REFUSALS[mistake]
    keys = {None: None, "reader": server.reader, "writer": server.writer, "forger": (server.writer[0], "guessed")}[name]
    server.make("empty")
    before = cached(project)
    refused = use(project, keys, bucket, server.url).run("dvc", "push", check=False)
    assert refused.returncode != 0
    assert message in refused.stdout
    assert "Traceback" not in refused.stdout
    assert f"`{message}`" in PAGE
    assert server.objects("empty") == {}
    assert cached(project) == before


def test_push_that_is_cut_leaves_whole_files_and_the_next_one_the_rest(project: Clone, server: S3Server) -> None:
    server.make("cut")
    with BreakingProxy(server.port, up=700_000) as proxy:
        owner = use(project, server.writer, "cut", proxy.url)
        failed = owner.run("dvc", "push", check=False)
        arrived = server.objects("cut")
        proxy.let_through()
        rest = owner.dvc("push")
    assert_connection_is_blamed(failed)
    assert all(names_content(key, content) for key, content in arrived.items())
    whole = server.objects("cut")
    assert {key.removeprefix("brain/files/md5/"): content for key, content in whole.items()} == cached(project)
    assert f"{len(whole) - len(arrived)} files pushed" in rest


@pytest.mark.usefixtures("pushed")
def test_pull_that_is_cut_leaves_whole_files_and_the_next_one_the_rest(
    project: Clone, server: S3Server, tmp_path: Path
) -> None:
    with BreakingProxy(server.port, down=700_000) as proxy:
        pulled = use(second_clone(project, tmp_path / "pulled"), server.reader, "results", proxy.url)
        failed = pulled.run("dvc", "pull", check=False)
        arrived = cached(pulled)
        proxy.let_through()
        pulled.dvc("pull")
    assert_connection_is_blamed(failed)
    assert all(names_content(path, content) for path, content in arrived.items())
    assert len(arrived) < len(cached(pulled))
    assert cached(pulled) == cached(project)
