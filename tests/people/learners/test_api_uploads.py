"""Uploads that nobody should send: each is refused with its own sentence, and nothing of it stays."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient

from curriculum.models import Project
from people.accounts.models import User
from people.learners.models import Submission

Member = tuple[zipfile.ZipInfo | str, bytes]
HandIn = Callable[..., Response]


def archive_of(*members: Member) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("main.py", b"print(1)"), *members):
            archive.writestr(name, content)
    return packed.getvalue()


def special(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    return info


def encrypted() -> bytes:
    content = bytearray(archive_of())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark) + offset
        content[at] |= 1
    return bytes(content)


def spoilt_inside() -> bytes:
    content = bytearray(archive_of(("noise.py", bytes(range(256)) * 40)))
    at = content.index(b"noise.py") + 20
    content[at : at + 40] = b"\xff" * 40
    return bytes(content)


ATTACKS = {
    "an empty file": (b"", "not-a-zip", "no zip archive"),
    "not a zip": (b"import os" * 50, "not-a-zip", "no zip archive"),
    "an empty zip": (b"PK\x05\x06" + b"\0" * 18, "empty", "no Python file"),
    "a zip cut short": (archive_of(("big.py", b"x" * 5000))[:-30], "not-a-zip", "no zip archive"),
    "a zip spoilt inside": (spoilt_inside(), "not-a-zip", "no zip archive"),
    "one encrypted": (encrypted(), "encrypted", "main.py is encrypted"),
    "a path upwards": (archive_of(("../../outside.py", b"")), "outside", "../../outside.py points outside"),
    "an absolute path": (archive_of(("/etc/cron.d/job.py", b"")), "outside", "/etc/cron.d/job.py points outside"),
    "a backslash path": (archive_of(("..\\..\\outside.py", b"")), "outside", "../../outside.py points outside"),
    "a drive": (archive_of(("C:\\outside.py", b"")), "outside", "C:/outside.py points outside"),
    "a symlink": (archive_of((special("link.py", stat.S_IFLNK), b"/etc/passwd")), "special-file", "link.py is a link"),
    "a pipe": (archive_of((special("pipe.py", stat.S_IFIFO), b"")), "special-file", "pipe.py is a link or a device"),
    "a name twice": (archive_of(("./main.py", b"print(2)")), "duplicate", "main.py is in the upload twice"),
    "a file below a file": (archive_of(("main.py/inner.py", b"")), "duplicate", "lies below a file of the same name"),
    "control characters": (archive_of(("pipe\x1b[2Jline.py", b"")), "bad-name", "pipe\\x1b[2Jline.py"),
    "a name that reads backwards": (archive_of(("yp\u202e.py", b"")), "bad-name", "yp\\u202e.py"),
    "a folder of git's in capitals": (
        archive_of((".GIT/hooks/update.py", b"")),
        "git-inside",
        ".GIT/hooks/update.py lies in",
    ),
    "one by its short name": (archive_of(("a/git~1/config", b"")), "git-inside", "a/git~1/config lies in a folder"),
    "a deep folder": (archive_of(("a/" * 20 + "deep.py", b"")), "too-deep", "12 folders"),
    "only data": (archive_of().replace(b"main.py", b"data.xx"), "empty", "no Python file"),
}

HUGE = {
    "one huge file": (
        lambda: archive_of(("table.csv", b"0" * (3 * 2**20))),
        "too-large",
        "table.csv is larger than 2 MB",
    ),
    "far more than it seems": (
        lambda: archive_of(("table.csv", b"0" * (2**20 + 1))),
        "too-large",
        "times its size; at most 200 times is taken",
    ),
    "many that are huge together": (
        lambda: archive_of(*((f"part{n}.csv", b"0" * 900_000) for n in range(4))),
        "too-large",
        "together are larger than 2 MB",
    ),
    "too many files": (lambda: archive_of(*((f"m{n}.py", b"") for n in range(1001))), "too-many-files", "1,002 files"),
}


@pytest.fixture
def as_alice(
    api: Callable[[User], APIClient], alice: User, tiny: Project, rings: list[object], settings: object
) -> APIClient:
    settings.MILEPOST_TREE_MB = 2  # type: ignore[attr-defined]
    client = api(alice)
    client.post("/api/projects/tiny/enrolment")
    return client


@pytest.mark.parametrize(("content", "code", "words"), ATTACKS.values(), ids=ATTACKS)
def test_a_bad_archive_is_refused_with_a_sentence_and_a_good_one_is_taken(
    as_alice: APIClient, hand_in: HandIn, content: bytes, code: str, words: str
) -> None:
    refused = hand_in(as_alice, content)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (400, code, "tree")
    assert words in refused.json()["detail"]
    assert refused.json()["detail"].isprintable()
    assert Submission.objects.count() == 0
    assert hand_in(as_alice, archive_of()).status_code == 201


@pytest.mark.parametrize(("make", "code", "words"), HUGE.values(), ids=HUGE)
def test_what_is_too_much_is_413(
    as_alice: APIClient, hand_in: HandIn, make: Callable[[], bytes], code: str, words: str
) -> None:
    refused = hand_in(as_alice, make())
    assert (refused.status_code, refused.json()["code"]) == (413, code)
    assert words in refused.json()["detail"]
    assert Submission.objects.count() == 0


def test_a_bomb_is_not_opened_further_than_the_limit(as_alice: APIClient, hand_in: HandIn) -> None:
    bomb = archive_of(("zeros.py", b"\0" * 40 * 2**20))
    assert len(bomb) < 50_000
    refused = hand_in(as_alice, bomb)
    assert (refused.status_code, refused.json()["code"]) == (413, "too-large")


def test_a_bomb_that_understates_itself_is_no_zip(as_alice: APIClient, hand_in: HandIn) -> None:
    content = bytearray(archive_of(("zeros.py", b"\0" * 3 * 2**20)))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<L", 10)
    assert hand_in(as_alice, bytes(content)).status_code == 400


def test_a_huge_body_is_refused_before_it_is_read(as_alice: APIClient, hand_in: HandIn) -> None:
    refused = hand_in(as_alice, b"0" * (5 * 2**20))
    assert (refused.status_code, refused.json()["code"]) == (413, "too-large")
    assert "Leave out data" in refused.json()["detail"]


def test_a_form_without_the_file_names_the_field(as_alice: APIClient) -> None:
    address = "/api/projects/tiny/milestones/ingest/submissions"
    for fields in ({}, {"tree": "text"}, {"zip": SimpleUploadedFile("a.zip", archive_of())}):
        refused = as_alice.post(address, fields, format="multipart")
        assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (400, "missing", "tree")
    odd = as_alice.post(address, b"no parts", content_type="multipart/form-data; boundary=x y")
    assert odd.status_code == 400
    assert odd["Content-Type"] == "application/problem+json"
    many = as_alice.post(address, {f"field{n}": "x" for n in range(1100)}, format="multipart")
    assert (many.status_code, many["Content-Type"]) == (400, "application/problem+json")
