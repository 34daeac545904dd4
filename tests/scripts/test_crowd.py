"""The crowd that pages are measured on: the same each time, with histories that hang together."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from people.cohorts.models import Cohort, Membership
from people.learners.models import CheckAnswer, Enrolment, Judgement, Run, Submission
from people.learners.standing import read_standings
from scripts.crowd import CHECKS, KINDS, make_crowd

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def list_states() -> list[list[str]]:
    standings = read_standings(dict.fromkeys(Enrolment.objects.order_by("pk").values_list("pk", flat=True), KINDS))
    return [[standing.state for standing in standings[pk]] for pk in sorted(standings)]


def test_a_crowd_has_members_in_sections_and_stands_everywhere() -> None:
    cohort = make_crowd(120, now=NOON)
    sections = Counter(Membership.objects.filter(cohort=cohort).values_list("section__title", flat=True))
    assert sum(sections.values()) == 120
    assert set(sections) == {"Berlin", "Hamburg", "Leipzig", "Munich"}
    states = Counter(state for states in list_states() for state in states)
    assert {"passed", "failed", "open", "locked", "regressed", "queued"} <= set(states)


def test_histories_hang_together() -> None:
    make_crowd(40, now=NOON)
    assert not Submission.objects.filter(created_at__gt=NOON + (NOON - datetime(2026, 10, 20, tzinfo=UTC))).exists()
    assert Submission.objects.filter(created_at__lt=NOON).exists()
    for run in Run.objects.filter(outcome="failed").prefetch_related("judgements__answers"):
        *before, last = run.judgements.all()
        assert {one.outcome for one in before} <= {"passed"}
        assert "failed" in {answer.answer for answer in last.answers.all()}
    assert not CheckAnswer.objects.filter(judgement__outcome="broken").exists()
    assert {row.name for row in CheckAnswer.objects.filter(judgement__kind="clean")} <= set(CHECKS["clean"])


def test_the_same_seed_makes_the_same_crowd_and_another_slug_another() -> None:
    make_crowd(10, "one", seed=3, now=NOON)
    make_crowd(10, "two", seed=3, now=NOON)
    first, second = (
        list(Judgement.objects.filter(run__edition__slug=slug).order_by("pk").values_list("kind", "outcome"))
        for slug in ("one", "two")
    )
    assert first == second
    assert first
    assert Cohort.objects.count() == 2
