"""`manage.py regrade`: begins, judges here, tells who would move, moves; stopped half-way, it goes on where it was."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from curriculum.models import Project
from grading.verdict import Answer, Outcome, Verdict
from people.accounts.models import User
from people.cohorts.demo import read_tree
from people.cohorts.models import Cohort, CohortLine, Membership, Role
from people.learners import intake, tasks
from people.learners.models import Enrolment, Run, RunState
from tests.conftest import ROOT

TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
Regrade = Callable[..., str]


@pytest.fixture
def cohort(alice: User, bob: User, dana: User, erin: User) -> Cohort:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in (
        (erin, Role.OBSERVER),
        (alice, Role.LEARNER),
        (bob, Role.LEARNER),
        (dana, Role.INSTRUCTOR),
    ):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    return cohort


@pytest.fixture
def newer(
    cohort: Cohort,
    tiny: Project,
    alice: User,
    bob: User,
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    publish_newer: Callable[[], Project],
) -> Project:
    """Alice and Bob have passed ingest in edition 1, and edition 2 is out."""
    for user in (alice, bob):
        conclude(intake.submit(intake.enrol(user, tiny), "ingest", {"main.py": b"5"}, "web"), passed_ingest)
    return publish_newer()


@pytest.fixture
def stricter(monkeypatch: pytest.MonkeyPatch, passed_ingest: Verdict) -> list[str]:
    """In place of the jail: edition 2 refuses Alice, passes Bob, and says in which order it was asked."""
    asked: list[str] = []
    [result] = passed_ingest.own.results
    refused = replace(result, answer=Answer.FAILED, sentence="A line is missing.")
    own = replace(passed_ingest.own, outcome=Outcome.FAILED, sentence=refused.sentence, results=(refused,))

    def grade(run: Run) -> Verdict:
        asked.append(run.submission.enrolment.user.username)
        failed = Verdict("ingest", Outcome.FAILED, own.sentence, (own,))
        return failed if asked[-1] == "alice" else passed_ingest

    monkeypatch.setattr(tasks, "_grade", grade)
    return asked


@pytest.fixture
def regrade() -> Regrade:
    def call(*words: str) -> str:
        out = io.StringIO()
        call_command("regrade", "autumn", "tiny", *words, stdout=out)
        return out.getvalue()

    return call


def number_of(user: User) -> int:
    return Enrolment.objects.get(user=user).project.number


def test_it_judges_tells_and_moves_whom_the_policy_lets(
    newer: Project, stricter: list[str], regrade: Regrade, alice: User, bob: User
) -> None:
    told = regrade()
    assert "2/2" in told
    assert "Edition 2 of Tiny: 0 up, 1 down, 1 same, 0 void." in told
    assert "1 down, 0 up by ingest: Every line is a number." in told
    assert "down Alice: ingest #1, passed -> failed" in told
    assert "--apply never-lower: 1 learners move" in told
    assert (number_of(alice), number_of(bob)) == (1, 1)
    assert "Moved: 1 learners; 1 are undecided." in regrade("--apply", "never-lower")
    assert stricter == ["alice", "bob"], "nothing is judged twice"
    assert (number_of(alice), number_of(bob)) == (1, 2)
    assert "Dropped: 1 learners stay where they are." in regrade("--drop")
    assert {str(line.actor) for line in CohortLine.objects.all()} == {"Dana"}, "no observer answers for it"


def test_stopped_half_way_it_goes_on_where_it_was(
    newer: Project, stricter: list[str], regrade: Regrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    grade = tasks._grade

    def stop(run: Run) -> Verdict:
        if stricter:
            raise KeyboardInterrupt
        return grade(run)

    monkeypatch.setattr(tasks, "_grade", stop)
    with pytest.raises(CommandError, match="Nothing is lost: call it again"):
        regrade()
    assert sorted(Run.every.filter(shadow=True).values_list("state", flat=True)) == ["done", "running"]
    monkeypatch.setattr(tasks, "_grade", grade)
    # What was being judged is taken up when its lease has run out, as a dead worker's is.
    monkeypatch.setattr("people.cohorts.management.commands.regrade.time.sleep", expire)
    assert "2/2" in regrade()
    assert stricter == ["alice", "bob"]


def expire(seconds: float) -> None:
    Run.every.filter(state=RunState.RUNNING).update(lease_until="2026-01-01T00:00Z")


def test_learners_who_wait_go_first(
    newer: Project,
    stricter: list[str],
    regrade: Regrade,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
) -> None:
    his = intake.submit(Enrolment.objects.get(user=bob), "ingest", {"main.py": b"7"}, "web")

    def play_the_worker(seconds: float) -> None:
        assert stricter == []
        conclude(his, passed_ingest)

    monkeypatch.setattr("people.cohorts.management.commands.regrade.time.sleep", play_the_worker)
    assert "2/2" in regrade()
    assert len(stricter) == 2


def test_it_may_leave_the_judging_to_workers(
    newer: Project, stricter: list[str], regrade: Regrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play_the_worker(seconds: float) -> None:
        tasks.grade_this(Run.every.filter(state=RunState.QUEUED, shadow=True).earliest("pk").pk)

    monkeypatch.setattr("people.cohorts.management.commands.regrade.time.sleep", play_the_worker)
    assert "2/2" in regrade("--wait")
    assert len(stricter) == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--by", "erin"), "erin leads no cohort 'autumn' in which they may regrade."),
        (("--by", "alice"), "alice leads no cohort 'autumn'"),
        (("--drop",), "No other edition of this project is being tried on this cohort. Begin a regrade first."),
    ],
)
def test_what_cannot_be_done_is_said(newer: Project, regrade: Regrade, words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        regrade(*words)
    assert not Run.every.filter(shadow=True).exists()


def test_a_cohort_that_nobody_leads_is_not_regraded(newer: Project, cohort: Cohort, regrade: Regrade) -> None:
    cohort.memberships.exclude(role=Role.LEARNER).delete()
    with pytest.raises(CommandError, match="Nobody leads a cohort 'autumn' in which they may regrade"):
        regrade()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_versions_in_which_one_check_changed_judged_in_the_jail(
    cohort: Cohort,
    tiny: Project,
    alice: User,
    bob: User,
    rings: list[Any],
    publish_newer: Callable[[], Project],
    regrade: Regrade,
) -> None:
    """Alice's numbers come out of order, Bob's in order: edition 1 passes both, edition 2 asks for the order."""
    tree = read_tree(TINY / "reference")
    backwards = tree["pipeline/clean.py"].replace(b"sorted(set(numbers))", b"sorted(set(numbers), reverse=True)")
    for user, clean in ((alice, backwards), (bob, tree["pipeline/clean.py"])):
        enrolment = intake.enrol(user, tiny)
        for kind in ("ingest", "clean"):
            run = intake.submit(enrolment, kind, {**tree, "pipeline/clean.py": clean}, "web")
            tasks.grade_run(run.pk)
    assert set(Run.objects.values_list("outcome", flat=True)) == {"passed"}
    publish_newer()
    told = regrade("--apply", "never-lower")
    assert "0 up, 1 down, 3 same, 0 void." in told
    assert "1 down, 0 up by clean: They are in order, from small to large." in told
    assert "Moved: 1 learners; 1 are undecided." in told
    assert (number_of(alice), number_of(bob)) == (1, 2)
