"""Rehearsals as workers meet them: one at a time, what was handed in first, and nothing lost with a worker."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from curriculum.models import Project
from grading.pipeline import Job, void
from grading.verdict import Answer, CheckResult, MilestoneVerdict, Outcome, Usage, Verdict, from_plain, to_plain
from grading.world import Draw
from people.accounts.models import User
from people.learners import intake, ledger, rehearsals, tasks, trials
from people.learners.models import Enrolment, Rehearsal, Run, RunState
from people.learners.rehearsing import rehearse_saved

Rings = list[tuple[str, tuple[object, ...]]]


@pytest.fixture
def asked(enrolled: Enrolment) -> Rehearsal:
    """What Alice asks to have checked."""
    return rehearse_saved(enrolled, "ingest")


def claim(rehearsal: Rehearsal) -> Rehearsal:
    claimed = rehearsals.claim(rehearsal.pk)
    assert claimed is not None
    return claimed


def put_back(rehearsal: Rehearsal, **fields: timedelta) -> None:
    """As if these moments had been so long ago."""
    Rehearsal.objects.filter(pk=rehearsal.pk).update(**{name: timezone.now() - ago for name, ago in fields.items()})


def test_one_worker_takes_it_and_one_that_comes_back_late_writes_nothing(
    asked: Rehearsal, passed_ingest: Verdict, broken_ingest: Verdict
) -> None:
    first = claim(asked)
    assert rehearsals.claim(asked.pk) is None
    assert rehearsals.beat(first)
    put_back(asked, lease_until=timedelta(seconds=1), rung_at=rehearsals.PATIENCE * 2)
    assert rehearsals.take_strays() == [asked.pk]
    assert rehearsals.take_strays() == [], "called once in a while"
    second = claim(asked)
    assert not rehearsals.beat(first)
    rehearsals.note_step(first, "ingest", "late")
    assert not rehearsals.record(first, broken_ingest)
    asked.refresh_from_db()
    assert (asked.state, asked.step) == (RunState.RUNNING, "")
    assert not rehearsals.record(second, passed_ingest)
    asked.refresh_from_db()
    assert asked.verdict
    assert (asked.state, asked.tries, asked.verdict["outcome"]) == (RunState.DONE, 2, "passed")
    assert rehearsals.claim(asked.pk) is None


def test_the_sweep_calls_for_what_nobody_heard(asked: Rehearsal, rings: Rings) -> None:
    put_back(asked, rung_at=rehearsals.PATIENCE * 2)
    rings.clear()
    assert tasks.sweep() == 1
    assert rings == [("rehearse", (asked.pk,))]


def test_what_is_handed_in_goes_first_but_not_for_ever(
    asked: Rehearsal, bob: User, tiny: Project, passed_ingest: Verdict
) -> None:
    run = intake.submit(intake.enrol(bob, tiny), "ingest", {"main.py": b""}, "test")
    assert rehearsals.claim(asked.pk) is None
    put_back(asked, asked_at=rehearsals.STANDS_BACK + timedelta(seconds=1))
    waited = claim(asked)
    assert rehearsals.record(waited, passed_ingest) is False
    assert ledger.claim(run.pk), "a check keeps nothing that was handed in waiting"
    again = rehearse_saved(Enrolment.objects.get(user=asked.enrolment.user), "ingest")
    assert again.state == RunState.DONE


def test_shadows_stand_back_for_whoever_waits_at_a_page(
    enrolled: Enrolment, conclude: object, passed_ingest: Verdict, publish_newer: object
) -> None:
    run = intake.submit(enrolled, "ingest", {"pipeline/ingest.py": b"1"}, "test")
    conclude(run, passed_ingest)  # type: ignore[operator]
    publish_newer()  # type: ignore[operator]
    trials.try_edition(enrolled)
    shadow = Run.every.get(shadow=True)
    waiting = rehearse_saved(enrolled, "ingest")
    assert ledger.claim(shadow.pk) is None
    rehearsals.record(claim(waiting), passed_ingest)
    assert ledger.claim(shadow.pk)


def test_what_fails_on_our_side_is_tried_again_and_then_said(asked: Rehearsal) -> None:
    fault = void(Job("p" * 64, "ingest", "t" * 64, Draw(1, 1, "plain")), "a disk was full")
    tried = [rehearsals.record(claim(asked), fault) for _ in range(3)]
    assert tried == [True, True, False]
    asked.refresh_from_db()
    assert asked.verdict
    assert (asked.verdict["outcome"], asked.verdict["digests"]) == ("void", {})
    again = rehearse_saved(asked.enrolment, "ingest")
    assert (again.pk, again.state, again.verdict, again.tries) == (asked.pk, RunState.QUEUED, None, 0)


def test_a_worker_that_fails_as_a_whole_is_our_fault(asked: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(tasks, "facilities", fail)
    Rehearsal.objects.update(tries=9)
    tasks.rehearse(asked.pk)
    asked.refresh_from_db()
    assert asked.verdict
    assert asked.verdict["outcome"] == "void"


def test_a_verdict_is_the_same_when_it_is_read_again(failed_clean: Verdict) -> None:
    assert from_plain(to_plain(failed_clean)) == failed_clean


def test_what_was_measured_may_be_no_number(asked: Rehearsal) -> None:
    result = CheckResult("skill", "It is good.", Answer.FAILED, measured=float("nan"), mark=0.5)
    link = MilestoneVerdict("ingest", Outcome.FAILED, "No.", (result,), Usage(1, 1, 1))
    rehearsals.record(claim(asked), Verdict("ingest", Outcome.FAILED, "No.", (link,)))
    asked.refresh_from_db()
    assert asked.verdict
    assert from_plain(asked.verdict).own.results[0].measured is None


def test_rows_keep_what_the_model_says(asked: Rehearsal) -> None:
    for wrong in ({"state": RunState.RUNNING}, {"state": RunState.DONE}, {"verdict": {"outcome": "passed"}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rehearsal.objects.update(**wrong)
