"""Alice passes in edition 1; edition 2 asks more, keeps her pass, and then gives its own. Judged for real."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config.celery import app
from curriculum.models import Project
from people.accounts.models import User
from people.employers.queries import read_evidence
from people.learners.models import Enrolment, Run, Submission

REFERENCE = Path(__file__).parents[1] / "fixtures" / "packages" / "tiny" / "reference"
PAGE = "/projects/tiny/edition/"
IN_ORDER, AS_IT_COMES = "sorted(set(numbers))", "sorted(set(numbers), reverse=True)"


@pytest.fixture(autouse=True)
def _judge_at_once(settings: Any) -> Iterator[None]:
    """What a worker would do is done while the request waits; a lease longer than the test needs no heartbeat."""
    app.conf.task_always_eager = True
    settings.LEASE_SECONDS = 3600
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def hand_in(zip_of: Callable[[dict[str, str]], bytes]) -> Callable[[Client, str, dict[str, str]], Run]:
    def send(client: Client, kind: str, files: dict[str, str]) -> Run:
        archive = SimpleUploadedFile("project.zip", zip_of(files))
        assert client.post(f"/projects/tiny/milestones/{kind}/submit/", {"archive": archive}).status_code == 302
        return Run.objects.order_by("pk")[Run.objects.count() - 1]

    return send


def read(client: Client, address: str = PAGE) -> str:
    return " ".join(client.get(address).content.decode().replace("&#x27;", "'").split())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_stricter_edition_keeps_the_old_pass_until_it_gives_its_own(
    alice: User,
    bob: User,
    tiny: Project,
    publish_newer: Callable[[], Project],
    log_in: Callable[[User], Client],
    hand_in: Callable[[Client, str, dict[str, str]], Run],
) -> None:
    right = {path.relative_to(REFERENCE).as_posix(): path.read_text() for path in REFERENCE.rglob("*.py")}
    lax = {**right, "pipeline/clean.py": right["pipeline/clean.py"].replace(IN_ORDER, AS_IT_COMES)}
    hers, his = log_in(alice), log_in(bob)
    for client, kind in ((hers, "ingest"), (hers, "clean"), (his, "ingest")):
        client.post("/projects/tiny/enrol/")
        assert hand_in(client, kind, lax).outcome == "passed"
    publish_newer()
    assert "Edition 2 (version 1.1) of this project is out." in read(hers, "/projects/tiny/")

    hers.post(PAGE + "try/")
    shadows = Run.every.filter(shadow=True).order_by("pk")
    assert [run.outcome for run in shadows] == ["passed", "failed"]
    assert "They are out of order, so Tom loses his place." in read(hers)
    assert Enrolment.objects.get(user=alice).project == tiny
    hers.post(PAGE + "move/")
    assert "Passed in edition 1." in read(hers, "/projects/tiny/milestones/clean/")
    assert {(one.milestone, one.edition) for one in read_evidence(alice)} == {("ingest", 2), ("clean", 1)}

    assert hand_in(hers, "clean", {**lax, "notes.py": ""}).outcome == "failed"
    assert "Passed in edition 1." in read(hers, "/projects/tiny/milestones/clean/"), "asking more takes nothing away"
    mended = hand_in(hers, "clean", right)
    assert (mended.outcome, mended.edition.number) == ("passed", 2)
    assert "Passed in edition 1." not in read(hers, "/projects/tiny/milestones/clean/")
    assert {one.edition for one in read_evidence(alice)} == {2}

    assert Enrolment.objects.get(user=bob).project == tiny
    assert {run.edition for run in Run.every.filter(submission__enrolment__user=bob)} == {tiny}
    assert Submission.objects.filter(enrolment__user=bob).count() == 1
