"""Programs that speak for the cast, and a way to hand in."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient

from people.accounts.models import User
from people.accounts.tokens import issue_token

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
