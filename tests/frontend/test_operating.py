"""The operators' page at its door: for staff alone, one sentence first, and as many queries however much is wrong."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from curriculum.models import Project
from grading.pipeline import Job, void
from grading.verdict import Verdict
from grading.world import Draw
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership
from people.learners import intake, ledger
from people.learners.models import Run
from people.operators.letters import note_letter
from people.operators.models import DeadLetter, Pulse, Work, WorkerReport

GB = 2**30
# Of which two are for the session and its reader.
QUERIES = 16
LAYER = {"name": "no network", "enforced": True, "by": "its own loopback alone", "needed": "weak"}


@pytest.fixture
def well(db: None) -> WorkerReport:
    now = timezone.now()
    Pulse.objects.create(name="beat", host="one", at=now)
    rooms = {"disk_free": 60 * GB, "disk_total": 100 * GB, "memory_free": 4 * GB, "memory_total": 8 * GB}
    moments = {"started_at": now, "seen_at": now}
    told = {"host": "one", "pid": 7, "slots": 2, "tier": "strict", "required": "strict", "layers": [LAYER]}
    return WorkerReport.objects.create(name="celery@one", **moments, **rooms, **told)


@pytest.fixture
def runs(alice: User, bob: User, dana: User, tiny: Project, rings: list[object]) -> list[Run]:
    """Alice's run is being judged, Bob's waits; both are in Dana's cohort."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user in (alice, bob):
        Membership.objects.create(cohort=cohort, user=user, role="learner")
    both = [
        intake.submit(intake.enrol(user, tiny), "ingest", {"main.py": user.username.encode()}, "web")
        for user in (alice, bob)
    ]
    claimed = ledger.claim(both[0].pk)
    assert claimed
    ledger.note_event(claimed, "ingest", "running your code")
    return [claimed, both[1]]


def void_of(cause: str) -> Verdict:
    return void(Job("", "ingest", "", Draw("0", "0", 1, "plain")), cause)


def test_all_is_well_in_one_sentence(olga: User, well: WorkerReport, log_in: Callable[[User], Client]) -> None:
    browser = log_in(olga)
    page = browser.get("/operating/").content.decode()
    assert ">All is well.<" in page
    assert "celery@one" in page
    assert "all 1 layers hold" in page
    assert "/operating/" in browser.get("/").content.decode(), "the menu leads there"
    told = browser.get("/api/operating").json()
    assert (told["sentence"], told["troubles"], told["working"]) == ("All is well.", [], 1)


def test_what_is_wrong_comes_first_and_each_fault_leads_to_its_run(
    olga: User, well: WorkerReport, runs: list[Run], log_in: Callable[[User], Client], settings: Any
) -> None:
    running, waiting = runs
    Work.objects.create(what="run", row=running.pk, worker="celery@one", since=timezone.now() - timedelta(seconds=50))
    WorkerReport.objects.update(seen_at=timezone.now() - timedelta(minutes=4))
    Run.objects.filter(pk=waiting.pk).update(queued_at=timezone.now() - timedelta(minutes=3))
    browser = log_in(olga)
    page = browser.get("/operating/").content.decode()
    assert ">Nobody is working: no worker has reported for 4 minutes.<" in page
    assert "Learners wait: the oldest of 1 in the queue of submissions has waited for 3 minutes." in page
    assert f'<a href="/operating/runs/{running.pk}/">{running.pk}, tiny/ingest</a>' in page
    assert "running your code" in page
    assert "50 seconds" in page
    told = browser.get("/api/operating").json()
    [doing] = told["doing"]
    assert (doing["pk"], doing["worker"], doing["step"]) == (running.pk, "celery@one", "running your code")
    assert [(one["title"], one["waiting"]) for one in told["cohorts"]] == [("Autumn", 1)]
    settings.VOID_RETRIES = 0
    ledger.record(running, void_of("the jail gave no answer within 66 s\nTraceback"))
    again = ledger.claim(waiting.pk)
    assert again
    ledger.record(again, void_of("the jail gave no answer within 71 s"))
    [group] = browser.get("/api/operating").json()["voids"]
    assert [one["pk"] for one in group["runs"]] == [waiting.pk, running.pk], "numbers do not tell causes apart"
    page = browser.get(f"/operating/runs/{running.pk}/").content.decode()
    for words in ("queued", "claimed", "recorded", "the jail gave no answer within 66 s", "running your code"):
        assert words in page


def test_it_takes_so_many_queries_whatever_there_is(
    olga: User,
    well: WorkerReport,
    runs: list[Run],
    log_in: Callable[[User], Client],
    make_user: Callable[[str], User],
    tiny: Project,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = log_in(olga)
    browser.get("/operating/")
    with django_assert_num_queries(QUERIES):
        browser.get("/operating/")
    for number in range(8):
        run = intake.submit(intake.enrol(make_user(f"u{number}"), tiny), "ingest", {"main.py": b"%d" % number}, "web")
        if number % 2:
            ledger.claim(run.pk)
        note_letter("some.task", [number], DeadLetter.Fault.RAISED, "boom")
    with django_assert_num_queries(QUERIES):
        page = browser.get("/operating/").content.decode()
    assert page.count('name="deed" value="ring"') == 8
    with django_assert_num_queries(QUERIES):
        browser.get("/api/operating")


def test_nobody_else_learns_that_there_is_such_a_page(
    dana: User, well: WorkerReport, log_in: Callable[[User], Client]
) -> None:
    browser = log_in(dana)
    assert [browser.get(path).status_code for path in ("/operating/", "/operating/runs/1/", "/api/operating")] == [
        404
    ] * 3
    assert browser.post("/operating/dead-letters/1/", {"deed": "ring"}).status_code == 404
    assert "/operating/" not in browser.get("/").content.decode()


def tell(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = 0
    try:
        call_command("operating", *words)
    except SystemExit as end:
        code = int(str(end.code))
    return code, capsys.readouterr().out


def test_the_terminal_says_the_same_and_its_exit_code_is_for_monitoring(
    well: WorkerReport, runs: list[Run], capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = tell(capsys)
    assert (code, told.splitlines()[0]) == (0, "All is well.")
    assert "celery@one" in told
    note_letter("some.task", [1], DeadLetter.Fault.LOST, "its worker died")
    code, told = tell(capsys)
    assert (code, told.splitlines()[0]) == (1, "1 task has failed for good.")
    assert "some.task[1] lost its worker, 1x" in told
    WorkerReport.objects.all().delete()
    code, told = tell(capsys, "--json")
    assert code == 2
    assert '"sentence": "Nobody is working: no worker has reported in the last day. And 1 thing more."' in told
