"""Programs that speak for the cast, ways to hand in, and clones that real git works on."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.live_server_helper import LiveServer
from rest_framework.response import Response
from rest_framework.test import APIClient

from curriculum.models import Project
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners import intake
from people.learners.models import Enrolment

GIT_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    **{f"GIT_{role}_NAME": "Alice" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "alice@example.org" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_DATE": "1800000000 +0000" for role in ("AUTHOR", "COMMITTER")},
}
PIPELINE = {"pipeline/__init__.py": "", "pipeline/ingest.py": "print(5)"}


@pytest.fixture
def api() -> Callable[[User], APIClient]:
    """A program with a token of this user."""

    def with_token(user: User) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user, 'test')}")
        return client

    return with_token


@pytest.fixture
def hand_in(zip_of: Callable[[dict[str, str]], bytes]) -> Callable[..., Response]:
    """Send a zip for a milestone of tiny: these bytes, or a small pipeline."""

    def send(client: APIClient, content: bytes | None = None, kind: str = "ingest") -> Response:
        upload = SimpleUploadedFile("tree.zip", zip_of(PIPELINE) if content is None else content)
        return client.post(f"/api/projects/tiny/milestones/{kind}/submissions", {"tree": upload}, format="multipart")

    return send


@dataclass(frozen=True)
class Clone:
    """A learner's clone, worked on with real git and nothing of this machine's configuration."""

    folder: Path
    address: str

    def __call__(self, *words: str, stdin: bytes = b"") -> str:
        """What git says."""
        done = self.ask(*words, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().strip()

    def ask(self, *words: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        # The live server takes no body in chunks.
        words = ("-c", "http.postBuffer=200000000", *words)
        return subprocess.run(
            ["git", *words], cwd=self.folder, env=GIT_ENVIRONMENT, input=stdin, capture_output=True, check=False
        )

    def push(self, *words: str) -> tuple[int, str]:
        """The exit code of a push, and all that the learner reads; the address as it would be elsewhere."""
        done = self.ask("push", *(words or ("origin", "main")))
        told = done.stderr.decode().replace(self.address, "http://testserver")
        return done.returncode, "\n".join(line.rstrip() for line in told.splitlines()) + "\n"

    def commit(self, files: dict[str, str | bytes], message: str = "Work") -> str:
        for name, content in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        self("add", "--all", "--force")
        self("commit", "--quiet", "--allow-empty", "--message", message)
        return self("rev-parse", "HEAD")

    def commit_entries(self, *lines: str) -> str:
        """A commit of a tree that no ordinary git would write: `mode kind name path`, each a line."""
        tree = self("mktree", "--missing", "-z", stdin="".join(f"{line}\0" for line in lines).encode())
        commit = self("commit-tree", tree, "-p", "HEAD", "-m", "Odd")
        self("update-ref", "refs/heads/main", commit)
        return commit

    def keep(self, content: bytes) -> str:
        """The name of a file with this content, kept in the clone."""
        return self("hash-object", "-w", "--stdin", stdin=content)


@pytest.fixture
def clone(live_server: LiveServer, tmp_path: Path) -> Callable[[User], Clone]:
    """This learner's clone of their repository of tiny, made with a token of theirs."""

    def clone_of(user: User, name: str = "") -> Clone:
        folder = tmp_path / (name or user.username)
        folder.mkdir()
        cloned = Clone(folder, live_server.url)
        address = live_server.url.replace("://", f"://git:{issue_token(user, 'git')}@")
        done = cloned.ask("clone", "--quiet", f"{address}/git/{user.username}/tiny.git", ".")
        assert done.returncode == 0, done.stderr
        return cloned

    return clone_of


@pytest.fixture
def enrolled(alice: User, tiny: Project, rings: list[object]) -> Enrolment:
    """Alice, in tiny."""
    return intake.enrol(alice, tiny)
