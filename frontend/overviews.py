"""What is gathered over many runs, as plain values for pages: a learner's roads and skills, a cohort's permits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from curriculum.models import Track
from curriculum.skills import read_levels, read_skills
from frontend.pages import MilestoneCard, ProjectMap, build_maps
from people.accounts.models import User
from people.cohorts.models import Membership
from people.cohorts.permits import list_allowed
from people.cohorts.queries import list_learners
from people.employers.levels import Evidence, Part, SkillLevel, derive_levels
from people.employers.queries import read_evidence
from people.learners import queries
from people.learners.aid import describe_aid
from people.learners.models import Enrolment, Override, Permit


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
class Proof:
    """One check that showed a skill, and where to see it."""

    check: str
    project: str
    milestone: str
    url: str
    at: datetime
    edition: int
    note: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class SkillLine:
    name: str
    meaning: str
    level: int
    level_means: str
    suspended: bool
    evidence: list[Proof]

    @property
    def shown(self) -> int:
        """How many checks have shown it, leaving out what somebody's word stands in for."""
        return sum(proof.counts for proof in self.evidence)


@dataclass(frozen=True, slots=True)
class SkillsPage:
    learner: str
    skills: list[SkillLine]


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


def build_skills(user: User) -> SkillsPage:
    levels = derive_levels(read_skills(), read_evidence(user))
    return SkillsPage(str(user), [_build_skill(line) for line in levels])


def _build_skill(line: SkillLevel) -> SkillLine:
    known = read_skills().get(line.skill)
    return SkillLine(
        name=pgettext("skill", known.title) if known else line.skill,
        meaning=pgettext("skill", known.meaning) if known else "",
        level=line.level,
        level_means=pgettext("skill", read_levels()[line.level]) if line.level else "",
        suspended=line.suspended,
        evidence=[_build_proof(item) for item in line.evidence],
    )


def _build_proof(item: Evidence) -> Proof:
    return Proof(
        check=item.check.replace("_", " ").capitalize(),
        project=item.project,
        milestone=item.milestone,
        url=reverse("frontend:submission", args=[item.submission_id]),
        at=item.shown_at,
        edition=item.edition,
        note=_describe_help(item),
        counts=not item.word,
    )


def _describe_help(item: Evidence) -> str:
    """What helped with it, in words that follow the check's name; empty if nothing that counts."""
    lent = gettext("built on the reference's %(kinds)s") % {"kinds": ", ".join(item.lent)} if item.lent else ""
    capped = gettext("so it shows level %(level)d") % {"level": item.shows} if item.shows < item.level else ""
    helped = (lent, describe_aid(item.aid), "" if item.word else capped)
    parts = (_describe_word(item), *helped, _describe_part(item.part))
    return "; ".join(part for part in parts if part)


def _describe_part(part: Part | None) -> str:
    if part is None:
        return ""
    told = gettext("in a team: %(commits)d of %(of)d commits, by %(people)d people")
    return told % {"commits": part.commits, "of": part.of, "people": part.people}


def _describe_word(item: Evidence) -> str:
    """Why it counts for nothing, where somebody who leads spoke instead of the machine. The reason is the learner's."""
    told = {
        Override.Outcome.PASSED: gettext("not shown by the machine: the milestone passed by override, by %(name)s"),
        Override.Outcome.HELD: gettext("not shown by the machine: it holds by override, by %(name)s"),
        Override.Outcome.FAILED: gettext("it does not count: overridden by %(name)s"),
    }
    return told[Override.Outcome(item.word)] % {"name": item.by} if item.word else ""


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
