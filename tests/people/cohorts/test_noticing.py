"""Remembered totals are those that would be graded now, whatever happened since and whoever wrote it.

Each way to change a total is played by itself, and must change one; then many in a row, looked at now and then. What
totals are worked out from is known by its tables: whoever reads another one says here how its changes are noticed.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Final

import pytest
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts import extensions, members, weighing
from people.cohorts.gradebook import open_book, read_lines
from people.cohorts.models import Cohort, Extension, Membership, Role, Timing
from people.learners import overriding, sharing, trials
from people.learners.models import Enrolment, Override, Run, Submission, Trial, Tried
from people.learners.refusals import Refusal
from tests.people.cohorts.test_gradebook import DAY, _fresh, autumn, judge, judged
from tests.people.cohorts.test_ordering import passed_clean

__all__ = ["_fresh", "autumn", "judge", "judged", "passed_clean"]

MOVES_ITS_REVISION: Final = {"learners_run", "learners_override"}
# A share is never another enrolment's; what was handed in, and what a run concluded, is written once.
NEVER_CHANGES: Final = {"learners_submission", "learners_judgement", "learners_checkanswer"}
IS_COMPARED: Final = {
    "learners_share",
    "cohorts_membership",
    "cohorts_extension",
    "cohorts_timing",
    "curriculum_project",
    "curriculum_milestone",
}
SAYS_NO_TOTAL: Final = {"accounts_user", "cohorts_section", "cohorts_cohort"}


@dataclass
class Stage:
    """Who plays, and what they have at hand."""

    cohort: Cohort
    leader: Membership
    learners: list[User]
    verdicts: list[Verdict]
    judge: Callable[..., Submission]
    conclude: Callable[[Run, Verdict], None]
    random: Random

    @property
    def user(self) -> User:
        return self.random.choice(self.learners)

    @property
    def tiny(self) -> Project:
        return Project.objects.get(slug="tiny")

    def work(self, user: User, kind: str = "clean") -> Submission:
        return self.judge(user, kind, self.random.choice(self.verdicts))


@pytest.fixture
def stage(
    judged: list[Submission],
    autumn: Cohort,
    alice: User,
    bob: User,
    dana: User,
    judge: Callable[..., Submission],
    conclude: Callable[[Run, Verdict], None],
    failed_clean: Verdict,
    passed_clean: Verdict,
) -> Stage:
    Timing.objects.update(opens_at=timezone.now() - 12 * DAY)
    leader = Membership.objects.select_related("cohort", "user").get(user=dana)
    return Stage(autumn, leader, [alice, bob], [passed_clean], judge, conclude, Random(1))


def record_a_verdict(stage: Stage) -> None:
    stage.work(stage.learners[1])


def judge_again(stage: Stage) -> None:
    run = Run.objects.filter(submission__kind="clean", outcome="failed").latest("pk")
    again = Run.objects.create(submission=run.submission, edition=run.edition, draw=9)
    stage.conclude(again, stage.verdicts[0])


def move_to_another_edition(stage: Stage) -> None:
    work = Submission.objects.filter(kind="clean").latest("pk")
    trial = Trial.objects.create(edition=stage.tiny)
    tried = Tried.objects.create(trial=trial, enrolment=work.enrolment, before=work.enrolment.project)
    shadow = Run.every.create(submission=work, edition=stage.tiny, draw=0, trial=trial, shadow=True)
    stage.conclude(shadow, stage.verdicts[0])
    assert trials.move(tried, stage.leader.user)


def override_a_verdict(stage: Stage) -> None:
    work = Run.objects.filter(submission__kind="ingest", outcome="passed").latest("pk").submission
    overriding.override(stage.leader.user, work, "", "failed", "Copied.")


def override_a_check(stage: Stage) -> None:
    work = Run.objects.filter(submission__kind="clean", outcome="failed").latest("pk").submission
    overriding.override(stage.leader.user, work, "it_is_sorted", "failed", "Seen.")


def undo_an_override(stage: Stage) -> None:
    said = Override.objects.filter(undone_at=None).latest("pk")
    assert overriding.undo(stage.leader.user, said)


def form_a_team(stage: Stage) -> None:
    sharing.form_team(stage.learners[:1], stage.tiny, "Blue")


def let_into_the_team(stage: Stage) -> None:
    sharing.add(Enrolment.objects.exclude(team="").latest("pk"), stage.learners[1])


def let_out_of_the_team(stage: Stage) -> None:
    sharing.remove(Enrolment.objects.exclude(team="").latest("pk"), stage.user)


def extend(stage: Stage) -> None:
    soon = timezone.now() + stage.random.randint(1, 9) * DAY
    extensions.extend(stage.leader, "tiny/ingest", "alice", soon, "ill")


def withdraw_an_extension(stage: Stage) -> None:
    extensions.withdraw(stage.leader, Extension.objects.filter(withdrawn_at=None).latest("pk").pk)


def give_extra_time(stage: Stage) -> None:
    had = Membership.objects.get(user__username="alice").extra_percent
    members.amend(stage.leader, "alice", "", "", 400 - had)


def move_a_date(stage: Stage) -> None:
    Timing.objects.update(due_at=timezone.now() - stage.random.choice([0, 4, 5]) * DAY)


def weigh(stage: Stage) -> None:
    had = Cohort.objects.get().weights.get("tiny/ingest", 1)
    weighing.set_weights(stage.leader, {"tiny/ingest": had + 1})


def let_somebody_in(stage: Stage) -> None:
    user = User.objects.create(username=f"more{User.objects.count()}")
    Membership.objects.create(cohort=stage.cohort, user=user, role=Role.LEARNER)
    stage.work(user, "ingest")


def lose_a_submission(stage: Stage) -> None:
    Submission.objects.filter(kind="ingest").latest("pk").delete()


def write_by_hand(stage: Stage) -> None:
    """As the edition before does, and whoever is at the database's own prompt."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE learners_run SET outcome = 'void' WHERE outcome = 'passed'")


Way = Callable[[Stage], None]
# Each with what must have happened before it.
WAYS: Final[list[tuple[Way, ...]]] = [
    (record_a_verdict,),
    (judge_again,),
    (move_to_another_edition,),
    (override_a_verdict,),
    (override_a_check,),
    (override_a_verdict, undo_an_override),
    (form_a_team,),
    (form_a_team, let_into_the_team),
    (form_a_team, let_into_the_team, let_out_of_the_team),
    (extend,),
    (extend, withdraw_an_extension),
    (give_extra_time,),
    (move_a_date,),
    (weigh,),
    (let_somebody_in,),
    (lose_a_submission,),
    (write_by_hand,),
]


def grade() -> dict[int, float]:
    book = open_book(Cohort.objects.get())
    numbers = Membership.objects.filter(role=Role.LEARNER).values_list("pk", flat=True)
    return {line.member.pk: line.total or 0.0 for line in read_lines(book, list(numbers))}


def remember(client: Client) -> dict[int, float]:
    """What is remembered after a look; who has nothing to grade is not."""
    assert client.get("/api/cohorts/autumn/gradebook?sort=total").status_code == 200
    [cohort] = Cohort.objects.values_list("pk", flat=True)
    return {pk: total for pk, total in cache.get(f"totals-of-{cohort}").totals.items() if total}


def drop_nothing(totals: dict[int, float]) -> dict[int, float]:
    return {pk: total for pk, total in totals.items() if total}


@pytest.mark.parametrize("ways", WAYS, ids=lambda ways: ways[-1].__name__)
def test_each_way_to_change_a_total_is_noticed(
    ways: tuple[Way, ...], stage: Stage, log_in: Callable[[User], Client]
) -> None:
    client = log_in(stage.leader.user)
    for way in ways[:-1]:
        way(stage)
    before = remember(client)
    assert before == drop_nothing(grade())
    ways[-1](stage)
    assert remember(client) == drop_nothing(grade()) != before


@pytest.mark.parametrize("seed", range(4))
def test_many_ways_one_after_the_other_are_noticed(seed: int, stage: Stage, log_in: Callable[[User], Client]) -> None:
    client, stage.random, noticed = log_in(stage.leader.user), Random(seed), 0
    for _ in range(12):
        [*_before, way] = stage.random.choice(WAYS)
        # What makes no sense now is refused, and nothing was changed.
        with suppress(Refusal, ObjectDoesNotExist, DatabaseError), transaction.atomic():
            way(stage)
            noticed += 1
        if stage.random.random() < 0.7:
            assert remember(client) == drop_nothing(grade()), way.__name__
    assert noticed > 4


def test_of_every_table_that_a_total_is_read_from_it_is_known_how_its_changes_are_noticed(stage: Stage) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert grade()
    read = {table for one in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', one["sql"])}
    assert read == MOVES_ITS_REVISION | NEVER_CHANGES | IS_COMPARED | SAYS_NO_TOTAL


def test_the_revision_moves_by_the_databases_own_word(db: None) -> None:
    catalogue = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'"}
    with connection.cursor() as cursor:
        cursor.execute(catalogue.get(connection.vendor, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
        found = {name for (name,) in cursor.fetchall()}
    verbs = ("insert", "update", "delete")
    assert {f"{table}_moves_on_{verb}" for table in MOVES_ITS_REVISION for verb in verbs} <= found
