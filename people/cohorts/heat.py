"""A cohort in one project at a glance: learners by milestones; who is shown, and in which order.

The number of queries is the same for two learners and for ten thousand. Test learners are left out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from curriculum.models import Milestone, Project
from people.cohorts.models import Membership
from people.cohorts.queries import access_member, list_members
from people.learners.crowds import State, read_states
from people.learners.models import CheckAnswer, Enrolment, Judgement, Submission
from people.learners.own import enrolments_by_user, own_shares
from people.learners.queries import current_projects
from people.learners.refusals import Refusal
from people.learners.standing import BROKEN, LENT, LOCKED, OPEN, PASSED, QUEUED, REGRESSED, RUNNING, SET_BACK, VOID

STUCK, UNENROLLED = "stuck", "unenrolled"
FAILED, HELD = "failed", "held"
STATES: Final = (STUCK, PASSED, FAILED, BROKEN, REGRESSED, QUEUED, RUNNING, VOID, LENT, OPEN, LOCKED, UNENROLLED)
SORTS: Final = ("stuck", "name", "passed", "quiet")
# What stands for a milestone that did not run at all, where a check's name is asked for.
DID_NOT_RUN = "did-not-run"


@dataclass(frozen=True, slots=True)
class Person:
    """A learner of the cohort, as far as they are shown."""

    user_id: int
    username: str
    name: str
    section: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """What stops a learner: a required check that does not hold, or a milestone that did not run."""

    kind: str
    check: str
    question: str
    sentence: str

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.check}"


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One learner in one project; no states while they are not enrolled. `stops`: by the milestone that is stopped."""

    person: Person
    enrolment_id: int | None = None
    states: Sequence[State] = ()
    last_at: datetime | None = None
    stops: Mapping[str, Sequence[Stop]] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        return sum(state.state == PASSED for state in self.states)

    @property
    def refusals(self) -> int:
        """How often the milestone that is stuck most was refused; 0 where none is."""
        return max((state.refusals for state in self.states if state.state in SET_BACK), default=0)


@dataclass(frozen=True, slots=True)
class Heat:
    """One project of a cohort: its milestones across, its learners down."""

    project: Project
    milestones: Sequence[Milestone]
    rows: Sequence[HeatRow]

    @property
    def kinds(self) -> list[str]:
        return [milestone.kind for milestone in self.milestones]


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to show, and in which order. `check` is "milestone/name"."""

    section: str = ""
    state: str = ""
    kind: str = ""
    check: str = ""
    sort: str = SORTS[0]


def list_projects(leader: Membership) -> list[Project]:
    """The cohort's projects, in the order in which they were assigned."""
    found = {project.slug: project for project in current_projects(leader.cohort.project_slugs)}
    return [found[slug] for slug in leader.cohort.project_slugs if slug in found]


def choose_project(projects: Sequence[Project], slug: str) -> Project:
    """The one of this slug, or the first where none is named. Raises Refusal."""
    found = next((project for project in projects if slug in ("", project.slug)), None)
    if found is None:
        raise Refusal("not-found", "project", _("There is no such project in this cohort."), 404)
    return found


def choose_kind(project: Project, kind: str) -> Milestone:
    found = next((milestone for milestone in project.milestones.all() if milestone.kind == kind), None)
    if found is None:
        raise Refusal("not-found", "milestone", _("There is no such milestone in this project."), 404)
    return found


def parse_wish(asked: Mapping[str, str], sections: Iterable[str], kinds: Iterable[str]) -> Wish:
    """What was asked for, each word one that is known here. Raises Refusal."""
    known = {"section": [*sections], "state": STATES, "kind": [*kinds], "sort": SORTS}
    for name, words in known.items():
        if asked.get(name, "") not in ("", *words):
            told = _("Choose one of these, or leave it out: {words}.").format(words=", ".join(words))
            raise Refusal("unknown-choice", name, told)
    return Wish(**{name: asked[name] for name in (*known, "check") if asked.get(name)})


def choose_rows(rows: Iterable[HeatRow], wish: Wish) -> list[HeatRow]:
    """Those who are wished for, in the order that is wished for."""
    return sorted((row for row in rows if _is_wished(row, wish)), key=lambda row: _place(row, wish.sort))


def _is_wished(row: HeatRow, wish: Wish) -> bool:
    return (
        wish.section in ("", row.person.section)
        and (not wish.check or any(stop.name == wish.check for stops in row.stops.values() for stop in stops))
        and (not (wish.state or wish.kind) or _stands_so(row, wish))
    )


def _stands_so(row: HeatRow, wish: Wish) -> bool:
    """Whether the learner stands so at the milestone, or at any; with no state: whether they are stuck there."""
    if wish.state == UNENROLLED:
        return not row.states
    states = SET_BACK if wish.state in ("", STUCK) else (wish.state,)
    return any(one.state in states and wish.kind in ("", one.kind) for one in row.states)


def _place(row: HeatRow, sort: str) -> tuple[object, ...]:
    name = row.person.name.casefold()
    if sort == "stuck":
        return -row.refusals, row.passed, name
    if sort == "passed":
        return row.passed, name
    return (row.last_at or row.person.joined_at, name) if sort == "quiet" else (name,)


def count_stopped(rows: Iterable[HeatRow]) -> Counter[tuple[str, str]]:
    """How many learners each check stops now; each learner once, however many milestones of theirs it stops."""
    stops = ({(stop.kind, stop.check) for stops in row.stops.values() for stop in stops} for row in rows)
    return Counter(stop for own in stops for stop in own)


def list_people(leader: Membership, still_here: bool = False) -> list[Person]:
    """The learners whom this leader sees, by username, in one query; without test learners.

    still_here: only those whose account is open.
    """
    members = list_members(leader).filter(user__is_active=True) if still_here else list_members(leader)
    told = ("user_id", "user__username", "user__first_name", "user__last_name", "section__title", "joined_at")
    return [
        Person(user_id, username, f"{first} {last}".strip() or username, section or "", joined_at)
        for user_id, username, first, last, section, joined_at in members.values_list(*told)
    ]


def access_person(leader: Membership, username: str) -> Person:
    """One of the learners whom this leader sees, test learners too."""
    member = access_member(leader, username)
    section = member.section.title if member.section else ""
    return Person(member.user_id, username, str(member.user), section, member.joined_at)


def read_heat(project: Project, people: Sequence[Person], enrolments: QuerySet[Enrolment]) -> Heat:
    """Where these learners stand in this project, by these enrolments of theirs."""
    milestones = list(project.milestones.all())
    states = read_states(enrolments, [milestone.kind for milestone in milestones])
    owned = enrolments_by_user([person.user_id for person in people], project.slug)
    last = _read_last(enrolments)
    stops = read_stops([one.refused_by for row in states.values() for one in row if one.refused_by])
    rows = [_make_row(person, owned.get(person.user_id), states, last, stops) for person in people]
    return Heat(project, milestones, rows)


def read_whole(leader: Membership, project: Project, people: Sequence[Person]) -> Heat:
    return read_heat(project, people, list_enrolments(leader, project.slug))


def read_one(project: Project, person: Person) -> HeatRow:
    """Where one learner stands in this project."""
    shares = own_shares().filter(slug=project.slug, user=person.user_id)
    enrolments = Enrolment.objects.filter(pk__in=shares.values("enrolment"))
    return read_heat(project, [person], enrolments).rows[0]


def _make_row(
    person: Person,
    enrolment_id: int | None,
    states: Mapping[int, list[State]],
    last: Mapping[int, datetime],
    stops: Mapping[int, list[Stop]],
) -> HeatRow:
    if enrolment_id is None or enrolment_id not in states:
        return HeatRow(person)
    own = states[enrolment_id]
    stopped = {one.kind: stops.get(one.refused_by, []) for one in own if one.refused_by}
    return HeatRow(person, enrolment_id, own, last.get(enrolment_id), stopped)


def list_enrolments(leader: Membership, slug: str) -> QuerySet[Enrolment]:
    """The enrolments in any edition of this project of the learners whom this leader sees; a team's once."""
    shares = own_shares().filter(slug=slug, user__in=list_members(leader).order_by().values("user"))
    return Enrolment.objects.filter(pk__in=shares.order_by().values("enrolment"))


def _read_last(enrolments: QuerySet[Enrolment]) -> dict[int, datetime]:
    """When something was handed in last, by enrolment."""
    rows = Submission.objects.filter(enrolment__in=enrolments.order_by().values("pk")).order_by()
    return dict(rows.values_list("enrolment_id").annotate(last=Max("created_at")))


def read_stops(judgements: Sequence[int]) -> dict[int, list[Stop]]:
    """What stopped each of these judgements, in two queries."""
    stops: dict[int, list[Stop]] = defaultdict(list)
    failed = CheckAnswer.objects.filter(judgement__in=judgements, required=True, answer=FAILED).order_by("position")
    told = ("judgement_id", "judgement__kind", "name", "question", "sentence")
    for pk, *stop in failed.values_list(*told):
        stops[pk].append(Stop(*stop))
    broken = Judgement.objects.filter(pk__in=judgements, outcome=BROKEN).order_by()
    for pk, kind, sentence in broken.values_list("pk", "kind", "sentence"):
        stops[pk].append(Stop(kind, DID_NOT_RUN, "", sentence))
    return stops
