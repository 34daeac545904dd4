"""Reads when milestones open, are due and close: for all learners of a cohort at once, or for one in all their cohorts.

A place is the slug of a project and the kind of one of its milestones: dates outlive editions.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Q, QuerySet

from people.accounts.models import User
from people.cohorts.lateness import Dates, Void, begin_of, choose_kindest, find_dates
from people.cohorts.models import Cohort, Extension, Membership, Role, Timing
from people.learners.models import SUPERSEDED, Run, Share
from people.learners.own import own_shares
from people.learners.queries import current_projects
from people.learners.standing import VOID

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OwnDates:
    """A learner's dates at one milestone, in one of their cohorts or their team's."""

    cohort: Cohort
    dates: Dates


def list_places(slugs: Iterable[str]) -> list[Place]:
    """The milestones of these projects' current editions, each project's in their order."""
    return [
        (project.slug, milestone.kind) for project in current_projects(slugs) for milestone in project.milestones.all()
    ]


def read_timings(cohort: Cohort) -> dict[Place, Timing]:
    return {(timing.slug, timing.kind): timing for timing in Timing.objects.filter(cohort=cohort)}


def read_dates(cohort: Cohort, members: Iterable[Membership]) -> dict[tuple[int, str, str], Dates]:
    """The dates of these members of one cohort, by user's id, slug and kind; every milestone is there. Four queries."""
    members = list(members)
    places, timings, extensions = list_places(cohort.project_slugs), read_timings(cohort), read_extensions(members)
    return {
        (member.user_id, *place): dates
        for member in members
        for place, dates in _find_own(cohort, member, places, timings, extensions).items()
    }


def read_own_dates(user: User, slugs: Iterable[str] | None = None) -> dict[Place, list[OwnDates]]:
    """A learner's dates in each cohort that takes the milestone, of these projects or of all. As many queries for all.

    What a team shares is due when it is for the luckiest of them. Where no cohort has a date for it, it is left out.
    """
    mine = own_shares().filter(user=user).values("enrolment")
    people = _read_people(own_shares().filter(enrolment__in=mine))
    taken = Membership.objects.filter(user=user, role=Role.LEARNER).values_list("cohort__project_slugs", flat=True)
    wanted = {slug for some in taken for slug in some} | set(people)
    return _read_shared({slug: people[slug] | {user.pk} for slug in (wanted if slugs is None else wanted & set(slugs))})


def read_enrolled_dates(enrolments: Iterable[int]) -> dict[Place, list[OwnDates]]:
    """The same for these enrolments, of a learner or of their teams, in different projects. Six queries at most."""
    return _read_shared(_read_people(own_shares().filter(enrolment__in=list(enrolments))))


def _read_people(shares: QuerySet[Share]) -> dict[str, set[int]]:
    people: dict[str, set[int]] = defaultdict(set)
    for slug, user in shares.values_list("slug", "user_id"):
        people[slug].add(user)
    return people


def _read_shared(people: Mapping[str, set[int]]) -> dict[Place, list[OwnDates]]:
    """By whose a project is: what each of their cohorts says to the luckiest of them."""
    parts = Membership.objects.filter(user__in={user for some in people.values() for user in some}, role=Role.LEARNER)
    members = list(parts.select_related("cohort").order_by("cohort", "pk"))
    slugs = {slug for member in members for slug in member.cohort.project_slugs}
    places = list_places(slugs & set(people)) if members else []
    timings, extensions = _read_all_timings(members), read_extensions(members)
    shared: dict[Place, dict[Cohort, list[Dates]]] = defaultdict(lambda: defaultdict(list))
    for member in members:
        theirs = [place for place in places if _takes(member, place[0], people)]
        for place, dates in _find_own(member.cohort, member, theirs, timings[member.cohort_id], extensions).items():
            shared[place][member.cohort].append(dates)
    found = {
        place: [OwnDates(cohort, choose_kindest(several)) for cohort, several in cohorts.items()]
        for place, cohorts in shared.items()
    }
    return {place: own for place, own in found.items() if any(one.dates != Dates() for one in own)}


def _takes(member: Membership, slug: str, people: Mapping[str, set[int]]) -> bool:
    return slug in member.cohort.project_slugs and member.user_id in people[slug]


def _read_all_timings(members: Iterable[Membership]) -> dict[int, dict[Place, Timing]]:
    timings: dict[int, dict[Place, Timing]] = defaultdict(dict)
    for timing in Timing.objects.filter(cohort__in={member.cohort_id for member in members}):
        timings[timing.cohort_id][timing.slug, timing.kind] = timing
    return timings


def _find_own(
    cohort: Cohort,
    member: Membership,
    places: list[Place],
    timings: Mapping[Place, Timing],
    extensions: Mapping[tuple[int, str, str], Extension],
) -> dict[Place, Dates]:
    found = {place: Dates() for place in places}
    for before, place in pairwise([("", ""), *places]):
        if timing := timings.get(place):
            begins_at = begin_of(timing, timings.get(before) if before[0] == place[0] else None, cohort)
            extension = extensions.get((member.pk, *place))
            found[place] = find_dates(timing, extension, member.extra_percent, begins_at)
    return found


def read_extensions(members: Iterable[Membership]) -> dict[tuple[int, str, str], Extension]:
    """What counts: the newest of each member's at each milestone that was not taken back. By the membership's id."""
    found = Extension.objects.filter(membership__in=list(members), withdrawn_at=None).order_by("pk")
    return {(extension.membership_id, extension.slug, extension.kind): extension for extension in found}


def read_voids(users: Iterable[int], slugs: Iterable[str]) -> dict[tuple[int, str, str], list[Void]]:
    """What of these users' and their teams' submissions we voided, by user's id, slug and kind. One query.

    What was superseded after a worker had failed at it was our fault as well.
    """
    ours = Q(outcome=VOID) | Q(outcome=SUPERSEDED, tries__gte=1)
    shares = own_shares().filter(user__in=list(users))
    share = {"submission__enrolment__shares__in": shares}
    runs = Run.objects.filter(ours, submission__enrolment__project__slug__in=list(slugs), **share)
    found: dict[tuple[int, str, str], list[Void]] = defaultdict(list)
    for user, slug, kind, handed_in_at, told_at in runs.order_by("pk").values_list(
        "submission__enrolment__shares__user_id",
        "submission__enrolment__project__slug",
        "submission__kind",
        "submission__created_at",
        "finished_at",
    ):
        if told_at:
            found[user, slug, kind].append(Void(handed_in_at, told_at))
    return dict(found)
