"""Alice goes from raw feeds to a watched service over HTTP, failing once at each milestone; Bob sees none of it."""

import io
import zipfile
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.celery import app
from curriculum.expectations import read_expectations
from curriculum.package import load
from curriculum.trees import read_work
from grading.world import Draw
from people.accounts.models import User
from people.learners.draws import draw_for, sequestered_draws
from people.learners.models import Run, Submission
from people.learners.publishing import publish_folder

PROJECT = Path(__file__).resolve().parents[2] / "projects" / "chargeback-watch"
KINDS = load(PROJECT).kinds
# Where luck has a part in what a first wrong tree fails, one of which it has none: Alice's world is another each time.
SURE = {"monitor": "monitor-never-rings"}


@pytest.fixture(autouse=True)
def _judge_at_once(settings: Any) -> Iterator[None]:
    """What a worker would do is done while the request waits; a lease longer than the test needs no heartbeat."""
    app.conf.task_always_eager = True
    settings.LEASE_SECONDS = 3600
    yield
    app.conf.task_always_eager = False


def wrong_tree(kind: str) -> tuple[dict[str, bytes], set[str]]:
    """The first of the project's wrong trees for this milestone, and the checks that it must fail."""
    package = load(PROJECT)
    for name, expected in read_expectations(package).items():
        if fnmatch(name, SURE.get(kind, f"{kind}-*")) and expected.outcome == "failed":
            return read_work(package, f"wrong/{name}"), set(expected.fails)
    raise AssertionError(f"no wrong tree for {kind}")


def zip_up(files: dict[str, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    packed.seek(0)
    packed.name = "project.zip"
    return packed


def hand_in(client: Client, kind: str, files: dict[str, bytes]) -> Any:
    address = reverse("frontend:submit", args=["chargeback-watch", kind])
    return client.post(address, {"archive": zip_up(files)}, follow=True)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_milestone_failed_once_and_then_passed(alice: User, bob: User, log_in: Callable[[User], Client]) -> None:
    publish_folder(PROJECT)
    client = log_in(alice)
    client.post(reverse("frontend:enrol", args=["chargeback-watch"]))
    right = read_work(load(PROJECT), "reference")
    for position, kind in enumerate(KINDS):
        wrong, failing = wrong_tree(kind)
        page = hand_in(client, kind, wrong)
        assert latest().outcome == "failed", latest().sentence
        assert failed_checks(latest()) == failing
        assert latest().sentence in page.content.decode().replace("&#x27;", "'").replace("&quot;", '"').replace(
            "&amp;", "&"
        )
        if position + 1 < len(KINDS):
            refused = hand_in(client, KINDS[position + 1], right)
            assert "locked" in refused.content.decode()
        hand_in(client, kind, right)
        assert latest().outcome == "passed", (latest().sentence, worlds_of(latest()))
    assert [run.outcome for run in Run.objects.order_by("pk")] == ["failed", "passed"] * len(KINDS)

    stranger = log_in(bob)
    for submission in Submission.objects.all():
        assert stranger.get(reverse("frontend:submission", args=[submission.pk])).status_code == 404
    assert "Passed" not in stranger.get(reverse("frontend:project", args=["chargeback-watch"])).content.decode()


def latest() -> Run:
    return Run.objects.order_by("-pk")[0]


def worlds_of(run: Run) -> list[Draw]:
    """The worlds that it was judged on: right work that is refused has to be looked at on the very same ones."""
    enrolment = run.submission.enrolment
    return [draw_for(enrolment, run.draw), *sequestered_draws(enrolment)]


def failed_checks(run: Run) -> set[str]:
    own = run.judgements.get(kind=run.submission.kind)
    return set(own.answers.filter(answer="failed").values_list("name", flat=True))
