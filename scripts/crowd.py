"""Makes a cohort with a crowd in it, with real histories of runs, in bulk: what pages and exports are measured on.

    MILEPOST_VAR=/var/tmp/crowd .venv/bin/python scripts/crowd.py --learners 1000

DATABASE_URL says where, SQLite or PostgreSQL; tests call `make_crowd`. The same number and seed make the same crowd.
Runs have their judgements and all answers, as the ledger writes them; events, audit lines and trees there are none.
"""

import argparse
import os
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final

if __name__ == "__main__":
    import django

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from curriculum.models import Milestone, Project
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role, Section, Timing
from people.learners.models import SUPERSEDED, CheckAnswer, Enrolment, Judgement, Run, RunState, Share, Submission

KINDS: Final = ("ingest", "clean", "feature", "model", "deploy", "monitor")
CHECKS: Final = {
    "ingest": ("every_file_is_read", "no_row_is_lost", "times_are_in_utc", "types_are_declared"),
    "clean": ("no_customer_appears_twice", "gaps_are_marked", "units_agree", "planted_defects_are_found"),
    "feature": ("no_row_sees_the_future", "keys_are_unique", "windows_end_in_time", "rebuilt_rows_agree"),
    "model": ("it_beats_the_naive_guess", "no_feature_leaks_the_label", "validation_comes_last", "seeds_repeat"),
    "deploy": ("it_answers_in_time", "it_refuses_bad_rows", "health_says_ready", "predictions_agree"),
    "monitor": ("alarms_ring_for_drift", "quiet_weeks_stay_quiet", "learning_again_helps", "the_reason_is_named"),
}
FIRST: Final = ("Ada", "Ben", "Chidi", "Dilara", "Emeka", "Freya", "Goran", "Hana", "Ines", "Jonas", "Keiko", "Lior")
LAST: Final = ("Abara", "Berger", "Costa", "Dahl", "Eriksen", "Fontaine", "Gupta", "Haddad", "Ito", "Jansen", "Kaya")
SECTIONS: Final = ("Berlin", "Hamburg", "Leipzig", "Munich")
BATCH: Final = 500
# Which check a wrong try fails, from the one that stops most to the one that stops least.
WEIGHTS: Final = (8, 4, 2, 1)
STAMPED: Final = ((Enrolment, "started_at"), (Submission, "created_at"), (Run, "queued_at"), (Run, "rung_at"))


@dataclass
class Rows:
    """What is gathered for one batch of learners, in the order in which it can be written."""

    enrolments: list[Model] = field(default_factory=list)
    shares: list[Model] = field(default_factory=list)
    submissions: list[Model] = field(default_factory=list)
    runs: list[Model] = field(default_factory=list)
    judgements: list[Model] = field(default_factory=list)
    answers: list[Model] = field(default_factory=list)

    def write(self) -> None:
        """Each row's owner was given as an object: it has its key by the time that its own rows are made."""
        for rows in (self.enrolments, self.shares, self.submissions, self.runs, self.judgements, self.answers):
            for row in rows:
                _take_keys(row)
            if rows:
                type(rows[0])._base_manager.bulk_create(rows, batch_size=2000)


@dataclass
class Walk:
    """One learner on their way: what was handed in so far, and when."""

    enrolment: Enrolment
    random: Random
    at: datetime
    rows: Rows
    number: int = 0

    def hand_in(self, kind: str) -> Submission:
        self.number += 1
        self.at += timedelta(hours=self.random.expovariate(1 / 9))
        tree = sha256(f"{self.enrolment.key}/{self.number}".encode()).hexdigest()
        submission = Submission(
            enrolment=self.enrolment,
            number=self.number,
            kind=kind,
            tree=tree,
            via="git",
            by=self.enrolment.user,
            created_at=self.at,
        )
        self.rows.submissions.append(submission)
        return submission

    def judge(self, submission: Submission, outcome: str, failed_at: str) -> None:
        run = Run(
            submission=submission,
            edition=self.enrolment.project,
            state=RunState.DONE,
            outcome=outcome,
            draw=self.number,
            queued_at=self.at,
            rung_at=self.at,
            started_at=self.at + timedelta(seconds=2),
            finished_at=self.at + timedelta(seconds=20),
        )
        self.rows.runs.append(run)
        kinds = KINDS[: KINDS.index(submission.kind) + 1]
        for position, kind in enumerate(kinds, start=1):
            ends_here = kind == failed_at or (not failed_at and kind == kinds[-1])
            self._conclude(run, position, kind, outcome if ends_here else "passed", ends_here)
            if ends_here:
                return

    def _conclude(self, run: Run, position: int, kind: str, outcome: str, is_last: bool) -> None:
        judgement = Judgement(
            run=run, position=position, kind=kind, outcome=outcome, found_by_digest=not is_last, cpu_s=1, wall_s=1
        )
        self.rows.judgements.append(judgement)
        if outcome in ("passed", "failed"):
            failing = _choose_failing(self.random, outcome)
            self.rows.answers.extend(_answer(judgement, number, failing) for number in range(len(CHECKS[kind])))

    def wait(self, kind: str) -> None:
        submission = self.hand_in(kind)
        self.rows.runs.append(
            Run(
                submission=submission,
                edition=self.enrolment.project,
                draw=self.number,
                queued_at=self.at,
                rung_at=self.at,
            )
        )

    def supersede(self, kind: str) -> None:
        """Hand in twice at once: the first is never judged."""
        first, second = self.hand_in(kind), self.hand_in(kind)
        closed = Run(
            submission=first,
            edition=self.enrolment.project,
            state=RunState.DONE,
            outcome=SUPERSEDED,
            superseded_by=second,
            draw=self.number,
            queued_at=self.at,
            rung_at=self.at,
            finished_at=self.at,
        )
        self.rows.runs.append(closed)
        self.judge(second, "failed", kind)


def _take_keys(row: Model) -> None:
    relations: Sequence[Any] = row._meta.concrete_fields
    for relation in relations:
        if relation.is_relation and relation.is_cached(row) and relation.get_cached_value(row) is not None:
            setattr(row, relation.attname, relation.get_cached_value(row).pk)


def _choose_failing(random: Random, outcome: str) -> set[int]:
    if outcome == "passed":
        return set()
    return set(random.choices(range(len(WEIGHTS)), WEIGHTS, k=random.choice((1, 1, 2))))


def _answer(judgement: Judgement, number: int, failing: set[int]) -> CheckAnswer:
    name = CHECKS[judgement.kind][number]
    question = f"{name.replace('_', ' ').capitalize()}."
    return CheckAnswer(
        judgement=judgement,
        position=number + 1,
        name=name,
        question=question,
        answer="failed" if number in failing else "held",
        sentence=f"It does not hold: {question[:-1].lower()}." if number in failing else "",
        skills=["acquire-data"],
        level=2,
        points=1,
        required=True,
    )


def make_crowd(count: int, slug: str = "crowd", seed: int = 1, now: datetime | None = None) -> Cohort:
    """A cohort of so many learners on a road of six milestones; what is there already under this slug is left alone."""
    project, at = _make_project(slug), now or timezone.now()
    with transaction.atomic(), _own_stamps():
        cohort = _make_cohort(slug, at)
        sections = [Section.objects.create(cohort=cohort, title=title) for title in SECTIONS]
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            users = _make_users(slug, numbers)
            Membership.objects.bulk_create(_join(cohort, user, sections[user.pk % len(sections)]) for user in users)
            _make_histories(project, users, Random(f"{seed}/{first}"), at).write()  # noqa: S311 - repeatable
    return cohort


def _make_project(slug: str) -> Project:
    project, is_new = Project.objects.get_or_create(
        slug=slug,
        is_current=True,
        defaults={"title": "Crowded Road", "version": "1.0.0", "digest": slug, "summary": "", "domains": ["payments"]},
    )
    if is_new:
        Milestone.objects.bulk_create(_make_milestone(project, *placed) for placed in enumerate(KINDS, start=1))
    return project


def _make_milestone(project: Project, position: int, kind: str) -> Milestone:
    questions = [{"name": name, "question": f"{name.replace('_', ' ').capitalize()}."} for name in CHECKS[kind]]
    told: dict[str, Any] = {"skills": ["acquire-data"], "level": 2, "points": 1, "required": True}
    return Milestone(
        project=project,
        kind=kind,
        position=position,
        title=kind.capitalize(),
        summary="",
        minutes=90,
        brief="",
        command=f"python -m pipeline.{kind}",
        questions=[{**question, **told} for question in questions],
    )


def _make_cohort(slug: str, now: datetime) -> Cohort:
    cohort = Cohort.objects.create(slug=slug, title="Crowd", project_slugs=[slug], made_at=now - timedelta(days=40))
    due = (now + timedelta(days=7 * place - 16) for place in range(len(KINDS)))
    Timing.objects.bulk_create(
        Timing(cohort=cohort, slug=slug, kind=kind, due_at=at) for kind, at in zip(KINDS, due, strict=True)
    )
    return cohort


def _make_users(slug: str, numbers: Sequence[int]) -> list[User]:
    return User.objects.bulk_create(
        User(
            username=f"{slug}-{number:05}",
            first_name=FIRST[number % len(FIRST)],
            last_name=f"{LAST[number // len(FIRST) % len(LAST)]} {number:05}",
            password="!",  # noqa: S106 - nobody can sign in with it
        )
        for number in numbers
    )


def _join(cohort: Cohort, user: User, section: Section) -> Membership:
    return Membership(cohort=cohort, user=user, role=Role.LEARNER, section=section, joined_at=cohort.made_at)


def _make_histories(project: Project, users: Sequence[User], random: Random, now: datetime) -> Rows:
    rows = Rows()
    for user in users:
        if random.random() < 0.02:  # Not enrolled yet.
            continue
        key = uuid.uuid5(uuid.NAMESPACE_OID, user.username)
        begun = now - timedelta(days=random.uniform(5, 30))
        enrolment = Enrolment(
            key=key, user=user, project=project, domain="payments", seat=user.pk % 1000, started_at=begun
        )
        rows.enrolments.append(enrolment)
        rows.shares.append(Share(enrolment=enrolment, user=user, slug=project.slug, joined_at=begun))
        _walk(Walk(enrolment, random, begun, rows), random.choices(range(7), (2, 4, 8, 8, 6, 4, 3))[0])
    return rows


def _walk(walk: Walk, reach: int) -> None:
    """Pass so many milestones, each after a few tries, and end somewhere in the next one."""
    random = walk.random
    for kind in KINDS[:reach]:
        _try_in_vain(walk, kind, random.choices(range(5), (5, 4, 3, 2, 1))[0])
        walk.judge(walk.hand_in(kind), "passed", "")
    if reach == len(KINDS):
        return
    kind = KINDS[reach]
    _try_in_vain(walk, kind, random.choices(range(7), (3, 3, 2, 2, 1, 1, 1))[0])
    ending = random.random()
    if reach and ending < 0.05:  # An earlier milestone no longer holds.
        walk.judge(walk.hand_in(kind), "failed", random.choice(KINDS[:reach]))
    elif ending < 0.08:
        walk.wait(kind)
    elif ending < 0.1:
        walk.judge(walk.hand_in(kind), "void", "")


def _try_in_vain(walk: Walk, kind: str, times: int) -> None:
    for _ in range(times):
        chosen = walk.random.random()
        if chosen < 0.05:
            walk.supersede(kind)
        else:
            walk.judge(walk.hand_in(kind), "broken" if chosen < 0.2 else "failed", kind)


@contextmanager
def _own_stamps() -> Iterator[None]:
    """Let rows keep the moments that they are given, which are otherwise those of writing."""
    fields: list[Any] = [model._meta.get_field(name) for model, name in STAMPED]
    for one in fields:
        one.auto_now_add = False
    try:
        yield
    finally:
        for one in fields:
            one.auto_now_add = True


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/crowd.py", description=__doc__)
    parser.add_argument("--learners", type=int, default=1000)
    parser.add_argument("--slug", default="crowd", help="of the cohort and its project, both made anew")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--leader", help="the name of a user who is to own the cohort")
    asked = parser.parse_args()
    if Cohort.objects.filter(slug=asked.slug).exists():
        parser.error(f"there is a cohort {asked.slug} already; choose another --slug")
    began = time.monotonic()
    cohort = make_crowd(asked.learners, asked.slug, asked.seed)
    if asked.leader:
        Membership.objects.create(cohort=cohort, user=User.objects.get(username=asked.leader), role=Role.OWNER)
    made = {model.__name__: model._base_manager.count() for model in (Submission, Run, Judgement, CheckAnswer)}
    print(f"{asked.learners} learners in {time.monotonic() - began:.0f} s; rows in all: {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
