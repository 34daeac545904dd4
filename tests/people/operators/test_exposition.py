"""What Prometheus reads: right, cheap, the same from every process, and of few series."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from curriculum.models import Project
from grading import measuring
from grading.verdict import Verdict
from people.accounts.models import User
from people.learners import intake
from people.learners.models import Run, RunState
from people.operators.exposition import expose
from people.operators.models import Tally, Work, WorkerReport
from people.operators.tallies import flush, try_to_flush

Read = Callable[[], dict[tuple[str, tuple[tuple[str, str], ...]], float]]
QUERIES = 10


@pytest.fixture
def read(db: None) -> Read:
    """All samples, by name and labels, as Prometheus' own parser has them."""
    measuring.counts.take()

    def parse() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        families = text_string_to_metric_families(expose(timezone.now()).decode())
        return {(one.name, tuple(sorted(one.labels.items()))): one.value for all in families for one in all.samples}

    return parse


def one(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return f"milepost_{name}", tuple(sorted(labels.items()))


def test_queues_leases_and_verdicts_are_counted_from_rows(
    read: Read,
    alice: User,
    bob: User,
    tiny: Project,
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    broken_ingest: Verdict,
) -> None:
    work = [(alice, b"1", passed_ingest), (alice, b"2", broken_ingest), (bob, b"3", None)]
    for user, text, verdict in work:
        run = intake.submit(intake.enrol(user, tiny), "ingest", {"main.py": text}, "web")
        if verdict:
            conclude(run, verdict)
    Run.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timedelta(seconds=90))
    told = read()
    assert 90 <= told[one("queue_oldest_age_seconds", queue="submissions")] < 95
    assert told[one("queue_waiting", queue="submissions")] == 1
    assert told[one("queue_oldest_age_seconds", queue="trials")] == 0
    assert [told[one("verdicts_total", outcome=word)] for word in ("passed", "broken", "void")] == [1, 1, 0]
    late = {"token": "0" * 32, "lease_until": timezone.now() - timedelta(seconds=5), "started_at": timezone.now()}
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, **late)
    told = read()
    assert told[one("queue_running", queue="submissions")] == 1
    assert told[one("leases_expired", queue="submissions")] == 1


def test_workers_tell_their_sandbox_and_their_room(
    read: Read, well: datetime, report: Callable[..., WorkerReport]
) -> None:
    open_layer = {"name": "user of its own", "enforced": False, "by": "", "needed": "strict"}
    report("celery@two", required="dedicated", layers=[open_layer])
    report("celery@gone", ago=900)
    told = read()
    assert told[one("workers")] == 2
    assert told[one("sandbox_layer_enforced", worker="celery@one", layer="user of its own")] == 1
    assert told[one("sandbox_layer_enforced", worker="celery@two", layer="user of its own")] == 0
    assert told[one("worker_disk_free_bytes", worker="celery@one")] == 60 * 2**30
    assert one("worker_disk_free_bytes", worker="celery@gone") not in told
    assert told[one("beat_last_tick_timestamp_seconds")] == pytest.approx(well.timestamp())
    assert told[one("troubles", severity="warning")] == 1


def test_what_processes_count_is_added_up_and_never_lost_by_one_that_ends(read: Read) -> None:
    for seconds in (0.02, 0.2, 4000):
        measuring.observe("http_request_duration_seconds", seconds, route="frontend:home", status="2xx")
    measuring.count("starts_total", kind="warm")
    flush()
    measuring.count("starts_total", kind="warm")
    measuring.count("artefacts_total", found="yes")
    flush()
    flush()
    told = read()
    home = {"route": "frontend:home", "status": "2xx"}
    assert told[one("starts_total", kind="warm")] == 2
    assert told[one("artefacts_total", found="yes")] == 1
    edges = {"0.01": 0, "0.025": 1, "0.25": 2, "900.0": 2, "+Inf": 3}
    assert {edge: told[one("http_request_duration_seconds_bucket", le=edge, **home)] for edge in edges} == edges
    assert told[one("http_request_duration_seconds_count", **home)] == 3
    assert told[one("http_request_duration_seconds_sum", **home)] == pytest.approx(4000.22)


def test_requests_tasks_and_steps_are_timed_by_few_names(
    read: Read, alice: User, tiny: Project, rings: list[object], passed_ingest: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        Client().get(f"/submissions/{number}/")
        Client().get(f"/no/such/{number}")
    run = intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b"1"}, "web")
    monkeypatch.setattr("people.learners.tasks.grade_surely", lambda *_: passed_ingest)
    for _ in range(2):
        current_app.tasks["people.learners.tasks.grade_run"].apply(args=[run.pk])
    assert not Work.objects.exists(), "nobody works on it any more"
    with measuring.step("produce"):
        pass
    flush()
    told = read()
    assert told[one("http_request_duration_seconds_count", route="frontend:submission", status="3xx")] == 5
    assert told[one("http_request_duration_seconds_count", route="nowhere", status="4xx")] == 5
    assert told[one("task_duration_seconds_count", task="people.learners.tasks.grade_run", state="success")] == 2
    assert told[one("run_duration_seconds_count", queue="submissions")] == 1, "the second claimed nothing"
    assert told[one("run_wait_seconds_count", queue="submissions")] == 1
    assert told[one("step_duration_seconds_count", step="produce")] == 1


def test_numbers_that_cannot_be_written_stop_nobody(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring.count("starts_total", kind="cold")
    monkeypatch.setattr(Tally._meta, "db_table", "no_such_table")
    with connection.execute_wrapper(lambda execute, *given: execute(*given)):
        try_to_flush()


def make_crowd(runs: int, tiny: Project, alice: User) -> None:
    enrolment = intake.enrol(alice, tiny)
    first = intake.submit(enrolment, "ingest", {"main.py": b"0"}, "web")
    words: list[dict[str, Any]] = [{"outcome": word} for word in ("passed", "failed", "broken", "void")]
    now = timezone.now()
    Run.every.bulk_create(
        Run(submission_id=first.submission_id, edition=tiny, draw=1, state="done", finished_at=now, **words[n % 4])
        for n in range(runs)
    )


def test_it_takes_so_many_queries_whatever_has_been_judged(
    db: None,
    well: datetime,
    alice: User,
    tiny: Project,
    rings: list[object],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(QUERIES):
        Client().get("/metrics")
    make_crowd(200, tiny, alice)
    with django_assert_num_queries(QUERIES):
        told = Client().get("/metrics").content.decode()
    assert 'milepost_verdicts_total{outcome="void"} 50.0' in told
