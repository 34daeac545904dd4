"""What is gathered over many runs, as plain values for pages: a learner's roads, a cohort's permits."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from curriculum.models import Track
from frontend.pages import MilestoneCard, ProjectMap, build_maps
from people.accounts.models import User
from people.cohorts.models import Membership
from people.cohorts.permits import list_allowed
from people.cohorts.queries import list_learners
from people.learners import queries
from people.learners.models import Enrolment, Permit


@dataclass(frozen=True, slots=True)
class TrackPage:
    slug: str
    title: str
    summary: str
    projects: list[ProjectMap]


@dataclass(frozen=True, slots=True)
class StartPage:
    """What a learner takes: what they can go on with comes first, what they have finished last."""

    roads: list[ProjectMap]
    finished: list[ProjectMap]

    @property
    def waiting(self) -> list[tuple[ProjectMap, MilestoneCard]]:
        """What is being judged right now."""
        return [(road, card) for road in self.roads for card in road.waiting]


@dataclass(frozen=True, slots=True)
class PermitLine:
    """What is allowed at one milestone, in words, to whom; no names where it is everybody."""

    project: str
    milestone: str
    what: str
    learners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PermitsPage:
    """`milestones` are by project: what a form sends, and what a person reads."""

    title: str
    url: str
    milestones: list[tuple[str, list[tuple[str, str]]]]
    learners: list[tuple[str, str]]
    choices: list[tuple[str, str]]
    lines: list[PermitLine]


def find_track() -> Track:
    """The track that people are on: there is one so far, and an empty one until it is published."""
    return Track.objects.order_by("pk").first() or Track(title=gettext("Your track"))


def build_track(track: Track, user: User) -> TrackPage:
    """The track's projects in its order, those that are published."""
    enrolments = {enrolment.project.slug: enrolment for enrolment in _list_newest(user)}
    published = {project.slug: project for project in queries.current_projects(track.slugs)}
    projects = [enrolments[slug].project if slug in enrolments else published.get(slug) for slug in track.slugs]
    maps = build_maps([project for project in projects if project], enrolments)
    return TrackPage(track.slug, track.title, track.summary, maps)


def build_start(user: User, slugs: Sequence[str] | None = None) -> StartPage:
    """What the user takes; with slugs, these projects alone."""
    newest = {enrolment.project.slug: enrolment for enrolment in _list_newest(user)}
    enrolments = {slug: enrolment for slug, enrolment in newest.items() if slugs is None or slug in slugs}
    maps = build_maps([enrolment.project for enrolment in enrolments.values()], enrolments)
    return StartPage([road for road in maps if road.next], [road for road in maps if not road.next])


def _list_newest(user: User) -> Sequence[Enrolment]:
    """The user's newest enrolment in each project, newest first."""
    newest: dict[str, Enrolment] = {}
    for enrolment in queries.list_enrolments(user):
        newest.setdefault(enrolment.project.slug, enrolment)
    return list(newest.values())


def build_permits(leader: Membership) -> PermitsPage:
    cohort = leader.cohort
    projects = list(queries.current_projects(cohort.project_slugs))
    titles = {
        (project.slug, one.kind): (project.title, one.title) for project in projects for one in project.milestones.all()
    }
    words = dict(Permit.What.choices)
    return PermitsPage(
        title=cohort.title,
        url=reverse("frontend:cohort", args=[cohort.slug]),
        milestones=[
            (project.title, [(f"{project.slug}/{one.kind}", one.title) for one in project.milestones.all()])
            for project in projects
        ],
        learners=[(learner.username, str(learner)) for learner in list_learners(leader)],
        choices=[(value, str(label)) for value, label in Permit.What.choices],
        lines=[
            PermitLine(
                *titles.get((one.slug, one.kind), (one.slug, one.kind)),
                what=str(words[one.what]),
                learners=() if one.everybody else one.learners,
            )
            for one in list_allowed(leader)
        ],
    )
