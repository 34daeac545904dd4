"""Who of a cohort may need somebody: gathers what the signals ask about, and lists those for whom any holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from people.cohorts.dates import read_dates
from people.cohorts.heat import (
    DID_NOT_RUN,
    FAILED,
    Heat,
    HeatRow,
    Person,
    list_people,
    list_projects,
    read_whole,
)
from people.cohorts.models import Membership
from people.cohorts.queries import list_members
from people.cohorts.signals import (
    Due,
    Facts,
    Signal,
    Spent,
    Streak,
    Thresholds,
    count_streak,
    list_signals,
    read_thresholds,
)
from people.learners.attempts import read_budget
from people.learners.crowds import State
from people.learners.models import CheckAnswer
from people.learners.standing import PASSED, SET_BACK, read_standings

Failed = Mapping[tuple[int, str], Sequence[tuple[int, set[str]]]]


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One learner, and every signal that holds for them."""

    person: Person
    signals: Sequence[Signal]


def read_at_risk(leader: Membership, now: datetime | None = None) -> list[AtRisk]:
    """Those for whom a signal holds, those with most of them first; the number of queries hangs on projects only."""
    people, thresholds = list_people(leader, still_here=True), read_thresholds(leader.cohort)
    heats = [read_whole(leader, project, people) for project in list_projects(leader)]
    facts = gather_facts(leader, people, heats, thresholds)
    return rank(people, facts, thresholds, now or timezone.now())


def rank(people: Iterable[Person], facts: Mapping[int, Facts], thresholds: Thresholds, now: datetime) -> list[AtRisk]:
    """By the number of signals, then by name: nothing is weighed against anything else."""
    listed = [AtRisk(person, list_signals(facts[person.user_id], thresholds, now)) for person in people]
    found = [one for one in listed if one.signals]
    return sorted(found, key=lambda one: (-len(one.signals), one.person.name.casefold()))


def gather_facts(
    leader: Membership, people: Sequence[Person], heats: Sequence[Heat], thresholds: Thresholds
) -> dict[int, Facts]:
    """What the signals that are switched on ask about, by user."""
    streaks: dict[int, list[Streak]] = defaultdict(list)
    spent: dict[int, list[Spent]] = defaultdict(list)
    for heat in heats:
        for user_id, streak in _find_streaks(heat) if thresholds.failed_in_a_row is not None else ():
            streaks[user_id].append(streak)
        for user_id, one in _find_spent(heat) if thresholds.attempts_used else ():
            spent[user_id].append(one)
    dues = _find_dues(leader, heats) if thresholds.due_days is not None else {}
    rows = _by_user(heats)
    return {
        person.user_id: Facts(
            joined_at=person.joined_at,
            last_at=max((row.last_at for row in rows[person.user_id] if row.last_at), default=None),
            is_finished=bool(heats) and all(_is_finished(row) for row in rows[person.user_id]),
            streaks=streaks[person.user_id],
            spent=spent[person.user_id],
            dues=dues.get(person.user_id, ()),
        )
        for person in people
    }


def _by_user(heats: Iterable[Heat]) -> dict[int, list[HeatRow]]:
    rows: dict[int, list[HeatRow]] = defaultdict(list)
    for heat in heats:
        for row in heat.rows:
            rows[row.person.user_id].append(row)
    return rows


def _is_finished(row: HeatRow) -> bool:
    return bool(row.states) and row.passed == len(row.states)


def _titles(heat: Heat) -> dict[str, str]:
    return {milestone.kind: milestone.title for milestone in heat.milestones}


def _find_streaks(heat: Heat) -> Iterator[tuple[int, Streak]]:
    """Of each check that stops somebody now: how often in a row it has. What did not run came to no check."""
    stuck = [row for row in heat.rows if row.stops]
    failed, titles = _list_failed([row.enrolment_id for row in stuck if row.enrolment_id]), _titles(heat)
    for row in stuck:
        passed_by = {one.kind: one.passed_by or 0 for one in row.states}
        for stop in {stop for stops in row.stops.values() for stop in stops if stop.check != DID_NOT_RUN}:
            history = failed.get((row.enrolment_id or 0, stop.kind), ())
            times = count_streak(history, stop.check, passed_by.get(stop.kind, 0))
            yield row.person.user_id, Streak(heat.project.title, titles.get(stop.kind, stop.kind), stop.question, times)


def _list_failed(enrolments: Sequence[int]) -> Failed:
    """By enrolment and milestone, newest first: each judgement in which a required check did not hold, and which."""
    answers = CheckAnswer.objects.filter(
        judgement__run__submission__enrolment__in=enrolments,
        judgement__run__shadow=False,
        required=True,
        answer=FAILED,
    ).order_by("-judgement__run_id")
    told = ("judgement__run__submission__enrolment_id", "judgement__kind", "judgement__run_id", "name")
    failed: dict[tuple[int, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for enrolment_id, kind, run_id, name in answers.values_list(*told):
        failed[enrolment_id, kind][run_id].add(name)
    return {key: list(runs.items()) for key, runs in failed.items()}


def _find_spent(heat: Heat) -> Iterator[tuple[int, Spent]]:
    """Only those who were refused as often as the budget is large can have used it up; of them all is read."""
    budget, titles = read_budget(), _titles(heat)
    if budget is None:
        return
    doubtful = [row for row in heat.rows if any(_may_be_spent(state, budget.size) for state in row.states)]
    standings = read_standings({row.enrolment_id: heat.kinds for row in doubtful if row.enrolment_id})
    for row in doubtful:
        for one in standings[row.enrolment_id or 0]:
            if one.state in SET_BACK and one.attempts and one.attempts.left == 0:
                yield row.person.user_id, Spent(heat.project.title, titles[one.kind], one.attempts.next_at)


def _may_be_spent(state: State, size: int) -> bool:
    return state.state in SET_BACK and state.refusals >= size


def _find_dues(leader: Membership, heats: Sequence[Heat]) -> dict[int, list[Due]]:
    """Each learner's milestones that are due some day and have not passed, by user."""
    dates = read_dates(leader.cohort, list_members(leader))
    dues: dict[int, list[Due]] = defaultdict(list)
    for heat in heats:
        for row in heat.rows:
            for milestone in heat.milestones:
                found = dates.get((row.person.user_id, heat.project.slug, milestone.kind))
                if found and found.due_at and not _has_passed(row, milestone.kind):
                    dues[row.person.user_id].append(Due(heat.project.title, milestone.title, found.due_at))
    return dues


def _has_passed(row: HeatRow, kind: str) -> bool:
    return any(state.kind == kind and state.state == PASSED for state in row.states)
