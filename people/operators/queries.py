"""Reads what operators look at: a fixed number of queries, each by an index, whatever has been judged before."""

import re
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from grading.verdict import Outcome
from people.accounts.models import User
from people.cohorts.models import Membership, Role
from people.employers.models import Delivery
from people.learners.models import AuditLine, Rehearsal, Run, RunEvent, RunState
from people.learners.refusals import Refusal
from people.lti.models import Score
from people.operators.beating import BEAT
from people.operators.models import DeadLetter, Pulse, Work, WorkerReport
from people.operators.sight import Doing, Queue, Sight, Vitals, VoidCause, VoidRun, Waiting
from people.operators.troubles import find_troubles, say

SUBMISSIONS, TRIALS, REHEARSALS = "submissions", "trials", "rehearsals"
DAYS_OF_VOIDS = 7
MOST = 50
LIVE = (RunState.QUEUED, RunState.RUNNING)
NUMBER = re.compile(r"\b[0-9a-f]{8,}\b|\d+")
VOID_PREFIX = f"{Outcome.VOID}: "


def access_operating(user: User) -> None:
    """For the admin's staff. To anybody else there is no such page. Raises Refusal."""
    if not (user.is_authenticated and user.is_active and user.is_staff):
        raise Refusal("not-found", "", _("There is nothing at this address."), 404)


def read_vitals(now: datetime) -> Vitals:
    """Eight queries."""
    beat = Pulse.objects.filter(name=BEAT).first()
    since = {"given_up_at__gte": now - timedelta(days=1)}
    return Vitals(
        now=now,
        queues=[*_read_runs(now), _read_rehearsals(now)],
        workers=list(WorkerReport.objects.all()),
        beat_at=beat.at if beat else None,
        letters=DeadLetter.objects.filter(closed_at=None).count(),
        voids=_list_voids(now - timedelta(hours=1)).count(),
        given_up=Delivery.objects.filter(**since).count() + Score.objects.filter(**since).count(),
    )


def look(now: datetime) -> Sight:
    vitals = read_vitals(now)
    troubles = find_troubles(vitals)
    return Sight(
        vitals=vitals,
        doing=_list_doing(),
        cohorts=_list_waiting_cohorts(),
        voids=_group_voids(now - timedelta(days=DAYS_OF_VOIDS)),
        letters=list(DeadLetter.objects.filter(closed_at=None)[:MOST]),
        troubles=troubles,
        sentence=say(troubles),
    )


def access_run(user: User, pk: int) -> Run:
    """Any run, with what was written down of it. Raises Refusal for whoever does not operate."""
    access_operating(user)
    found = Run.every.select_related("submission__enrolment__project", "edition").filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "run", _("There is no such run."), 404)
    return found


def count_verdicts() -> dict[str, int]:
    """Of all runs that stand for their submissions, ever."""
    concluded = Run.objects.exclude(outcome="").order_by().values("outcome")
    return dict(concluded.annotate(n=Count("*")).values_list("outcome", "n"))


def _read_runs(now: datetime) -> list[Queue]:
    live = Run.every.filter(state__in=LIVE).order_by().values("shadow")
    rows: list[dict[str, Any]] = [{**row} for row in live.annotate(**_sum_up(now, "queued_at"))]
    told = {row.pop("shadow"): row for row in rows}
    return [Queue(name, **told.get(shadow, {})) for name, shadow in ((SUBMISSIONS, False), (TRIALS, True))]


def _read_rehearsals(now: datetime) -> Queue:
    return Queue(REHEARSALS, **Rehearsal.objects.filter(state__in=LIVE).aggregate(**_sum_up(now, "asked_at")))


def _sum_up(now: datetime, since: str) -> dict[str, Any]:
    queued, running = Q(state=RunState.QUEUED), Q(state=RunState.RUNNING)
    return {
        "waiting": Count("pk", filter=queued),
        "running": Count("pk", filter=running),
        "expired": Count("pk", filter=running & Q(lease_until__lt=now)),
        "again": Count("pk", filter=queued & Q(tries__gt=0)),
        "oldest_at": Min(since, filter=queued),
    }


def _list_doing() -> list[Doing]:
    """What has waited longest for its end comes first."""
    step = RunEvent.objects.filter(run=OuterRef("pk")).order_by("-pk").values("text")[:1]
    runs = (
        Run.every.filter(state=RunState.RUNNING)
        .select_related("submission__enrolment__project")
        .annotate(step=Subquery(step))
        .order_by("started_at")[:MOST]
    )
    rehearsals = Rehearsal.objects.filter(state=RunState.RUNNING).select_related("edition").order_by("asked_at")[:MOST]
    by = {(one.what, one.row): one for one in Work.objects.all()}
    return [
        *(_as_doing(one, TRIALS if one.shadow else SUBMISSIONS, _name_run(one), one.step, by) for one in runs),
        *(_as_doing(one, REHEARSALS, f"{one.edition.slug}/{one.kind}", one.step, by) for one in rehearsals),
    ]


def _as_doing(row: Run | Rehearsal, queue: str, about: str, step: str | None, by: dict[tuple[str, int], Work]) -> Doing:
    assert row.lease_until is not None, "nothing runs without a lease"
    work = by.get(("rehearsal" if queue == REHEARSALS else "run", row.pk))
    beat_at = row.lease_until - timedelta(seconds=settings.LEASE_SECONDS)
    since, worker = (work.since, work.worker) if work else (None, "")
    return Doing(queue, row.pk, about, since, row.lease_until, beat_at, row.tries, step or "", worker)


def _name_run(run: Run) -> str:
    return f"{run.submission.enrolment.project.slug}/{run.submission.kind}"


def _list_waiting_cohorts() -> list[Waiting]:
    """Whose learners wait; somebody who is in two is counted in both."""
    work = "user__shares__enrolment__submissions__runs"
    waits = {f"{work}__state": RunState.QUEUED, f"{work}__shadow": False, "user__shares__left_at": None}
    rows = (
        Membership.objects.filter(role=Role.LEARNER, **waits)
        .values_list("cohort__slug", "cohort__title")
        .annotate(waiting=Count(work, distinct=True), oldest=Min(f"{work}__queued_at"))
        .order_by("oldest")[:MOST]
    )
    return [Waiting(*row) for row in rows]


def _list_voids(since: datetime) -> QuerySet[Run]:
    return Run.every.filter(outcome=Outcome.VOID, finished_at__gte=since)


def _group_voids(since: datetime) -> list[VoidCause]:
    """The commonest cause first. Numbers and digests do not tell causes apart."""
    line = AuditLine.objects.filter(run=OuterRef("pk"), verb="recorded").order_by("-pk").values("text")[:1]
    runs = (
        _list_voids(since)
        .select_related("submission__enrolment__project")
        .annotate(cause=Subquery(line))
        .order_by("-finished_at")[: 4 * MOST]
    )
    voids = [
        VoidRun(run.pk, _name_run(run), run.finished_at, _read_cause(run.cause)) for run in runs if run.finished_at
    ]
    together = groupby(sorted(voids, key=lambda one: _shape(one.cause)), key=lambda one: _shape(one.cause))
    groups = [VoidCause(found[0].cause, found) for found in (list(group) for _shape_of, group in together)]
    return sorted(groups, key=lambda group: -len(group.runs))


def _read_cause(line: str | None) -> str:
    """The first line of it: the rest is a traceback, and stands in the run's audit lines."""
    told = (line or "").removeprefix(VOID_PREFIX).strip()
    return told.splitlines()[0][:300] if told else _("no cause was written down")


def _shape(cause: str) -> str:
    return NUMBER.sub("#", cause)
