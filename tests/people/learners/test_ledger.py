"""The ledger: one worker at a time, a verdict written once, and nobody pays for our faults."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from curriculum.models import Project
from grading.pipeline import Job, void
from grading.verdict import Verdict
from grading.world import Draw
from people.accounts.models import User
from people.learners import intake, ledger, tasks
from people.learners.models import Run, RunState

JOB = Job("p" * 64, "ingest", "t" * 64, Draw(1, 1, "payments"))


@pytest.fixture
def run(alice: User, tiny: Project, rings: list[object]) -> Run:
    return intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b""}, "test")


def claim(run: Run) -> Run:
    claimed = ledger.claim(run.pk)
    assert claimed is not None
    return claimed


def let_lease_run_out(run: Run) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).update(lease_until=past, rung_at=past - timedelta(seconds=ledger.PATIENCE.seconds))


def test_a_run_is_claimed_by_one_worker_only(run: Run) -> None:
    assert claim(run).state == RunState.RUNNING
    assert ledger.claim(run.pk) is None


def test_a_run_whose_lease_ran_out_is_handed_on_and_the_late_worker_writes_nothing(
    run: Run, passed_ingest: Verdict, broken_ingest: Verdict
) -> None:
    first = claim(run)
    assert ledger.beat(first)
    let_lease_run_out(run)
    second = claim(run)
    assert not ledger.beat(first), "the lease is another's now"
    ledger.record(first, broken_ingest)
    run.refresh_from_db()
    assert (run.state, run.judgements.count()) == (RunState.RUNNING, 0)
    ledger.record(second, passed_ingest)
    run.refresh_from_db()
    assert (run.outcome, run.tries, run.judgements.count()) == ("passed", 2, 1)


def test_a_verdict_is_written_once_with_every_answer(run: Run, passed_ingest: Verdict, broken_ingest: Verdict) -> None:
    claimed = claim(run)
    ledger.record(claimed, passed_ingest)
    ledger.record(claimed, broken_ingest)
    run.refresh_from_db()
    assert (run.outcome, run.sentence) == ("passed", "All 1 checks of ingest hold.")
    answer = run.judgements.get().answers.get()
    assert (answer.name, answer.answer, answer.skills) == ("every_line_is_there", "held", ["acquire-data"])
    assert list(run.audit.values_list("verb", flat=True)) == ["queued", "claimed", "recorded"]
    assert ledger.claim(run.pk) is None, "what is done is not done again"


def test_a_void_verdict_is_tried_twice_more_and_then_told(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    verdict = void(JOB, "the disk was full")
    assert [ledger.record(claim(run), verdict) for _ in range(3)] == [True, True, False]
    run.refresh_from_db()
    assert (run.state, run.outcome, run.tries) == (RunState.DONE, "void", 3)
    assert "costs you nothing" in run.sentence
    assert "the disk was full" in caplog.text
    assert "the disk was full" not in str(run.sentence) + str(run.digests), "the cause is for operators"
    assert [line.text for line in run.audit.filter(verb="gave back")] == ["the disk was full"] * 2


def test_strays_are_runs_without_a_worker_and_lost_messages(run: Run) -> None:
    long_ago = timezone.now() - 2 * ledger.PATIENCE
    assert ledger.take_strays() == []
    Run.objects.filter(pk=run.pk).update(rung_at=long_ago)
    assert ledger.take_strays() == [run.pk]
    assert ledger.take_strays() == [], "called for just now"
    claim(run)
    Run.objects.filter(pk=run.pk).update(rung_at=long_ago)
    assert ledger.take_strays() == [], "its worker lives"
    let_lease_run_out(run)
    assert ledger.take_strays() == [run.pk]
    assert ledger.take_strays() == []


def test_the_sweep_rings_for_strays_only(run: Run, rings: list[Any]) -> None:
    claim(run)
    let_lease_run_out(run)
    rings.clear()
    assert tasks.sweep() == 1
    assert rings == [("grade_run", (run.pk,))]


def test_a_task_that_comes_twice_works_once(run: Run, rings: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    graded: list[Job] = []

    def grade(job: Job, *_: object) -> Verdict:
        graded.append(job)
        return void(job, "no sandbox here")

    monkeypatch.setattr(tasks, "facilities", lambda: None)
    monkeypatch.setattr(tasks, "grade_surely", grade)
    claim(run)
    tasks.grade_run(run.pk)
    assert graded == [], "another worker holds it"
    let_lease_run_out(run)
    rings.clear()
    tasks.grade_run(run.pk)
    assert [job.kind for job in graded] == ["ingest"]
    assert rings == [("grade_run", (run.pk,))], "void: it is tried again"


def test_whatever_breaks_in_grading_is_our_fault_and_void(
    run: Run, rings: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> Verdict:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(tasks, "facilities", lambda: None)
    monkeypatch.setattr(tasks, "grade_surely", explode)
    for _ in range(3):
        tasks.grade_run(run.pk)
        Run.objects.update(rests_until=None)
    run.refresh_from_db()
    assert (run.outcome, run.judgements.get().outcome) == ("void", "void")


def test_a_database_that_is_started_anew_costs_no_verdict(
    run: Run, rings: list[Any], monkeypatch: pytest.MonkeyPatch, passed_ingest: Verdict
) -> None:
    """While the run is judged no line can be told, and its verdict can only be written at the third try."""
    record, note_event, slept = ledger.record, ledger.note_event, list[float]()
    tries = iter([OperationalError(), OperationalError(), None])

    def refuse(*_: object) -> bool:
        raise OperationalError("terminating connection due to administrator command")

    def record_later(claimed: Run, verdict: Verdict) -> bool:
        if fault := next(tries):
            raise fault
        monkeypatch.setattr(ledger, "note_event", note_event)
        return record(claimed, verdict)

    def grade(job: Job, _draws: object, _facilities: object, report: Any) -> Verdict:
        report("ingest", "running your code")
        return passed_ingest

    monkeypatch.setattr(tasks, "facilities", lambda: None)
    monkeypatch.setattr(tasks, "grade_surely", grade)
    monkeypatch.setattr(ledger, "note_event", refuse)
    monkeypatch.setattr(ledger, "record", record_later)
    monkeypatch.setattr("people.learners.tasks.time.sleep", slept.append)
    monkeypatch.setattr("people.learners.tasks.connection.close", lambda: None)
    tasks.grade_run(run.pk)
    run.refresh_from_db()
    assert (run.outcome, run.tries, run.judgements.count()) == ("passed", 1, 1)
    assert slept == [1, 2]


def hand_in_again(run: Run) -> Run:
    return intake.submit(run.submission.enrolment, "ingest", {"main.py": b"2"}, "test")


def test_handing_in_again_supersedes_what_still_waits(run: Run, rings: list[Any]) -> None:
    newer = hand_in_again(run)
    run.refresh_from_db()
    assert (run.state, run.outcome, run.superseded_by) == (RunState.DONE, "superseded", newer.submission)
    assert run.sentence == "You handed in again before this was judged, so submission 2 is judged instead."
    assert [line.text for line in run.audit.filter(verb="superseded")] == ["by submission 2"]
    assert ledger.claim(run.pk) is None, "the message that rang for it finds nothing to do"
    assert claim(newer).state == RunState.RUNNING


def test_only_the_same_milestone_of_the_same_learner_is_superseded(
    run: Run, bob: User, passed_ingest: Verdict, tiny: Project
) -> None:
    ledger.record(claim(run), passed_ingest)
    regrade = ledger.enqueue(run.submission, 1, "operator")
    clean = intake.submit(run.submission.enrolment, "clean", {"main.py": b""}, "test")
    his = intake.submit(intake.enrol(bob, tiny), "ingest", {"main.py": b""}, "test")
    for other in (regrade, clean, his):
        other.refresh_from_db()
        assert other.state == RunState.QUEUED


def test_what_runs_already_is_judged_to_its_end(run: Run, passed_ingest: Verdict) -> None:
    running = claim(run)
    hand_in_again(run)
    ledger.record(running, passed_ingest)
    run.refresh_from_db()
    assert run.outcome == "passed"


def test_what_is_void_on_its_first_try_yields_to_what_came_meanwhile(run: Run) -> None:
    running = claim(run)
    newer = hand_in_again(run)
    assert ledger.record(running, void(JOB, "the disk was full")) is False, "nobody tries it again"
    run.refresh_from_db()
    assert (run.outcome, run.superseded_by) == ("superseded", newer.submission)


def test_the_database_itself_knows_who_superseded_a_run(run: Run) -> None:
    for broken in ({"superseded_by": run.submission}, {"state": RunState.DONE, "outcome": "superseded"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.filter(pk=run.pk).update(**broken)


@pytest.mark.parametrize("broken", [{"state": RunState.RUNNING}, {"state": RunState.DONE}, {"outcome": "passed"}])
def test_the_database_itself_refuses_a_run_without_a_lease_or_a_conclusion(run: Run, broken: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(**broken)
