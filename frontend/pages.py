"""What a learner's pages show, as plain values: built from queries, handed to templates. Only `access_*` authorises."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from curriculum.hints import read_hints
from curriculum.models import Milestone, Project, Track
from people.accounts.models import User
from people.learners import queries
from people.learners.models import CheckAnswer, Enrolment, Judgement, Run, RunState, Submission
from people.learners.refusals import Refusal
from people.learners.standing import LOCKED, PASSED, REGRESSED, Standing, read_standings


@dataclass(frozen=True, slots=True)
class MilestoneCard:
    """A milestone on the map; `opens_when` is the title of the one before it while it is locked."""

    kind: str
    title: str
    summary: str
    minutes: int
    position: int
    state: str
    opens_when: str
    url: str
    latest_submission_url: str | None
    passed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProjectMap:
    """A project as its chain of milestones, as one learner (or a visitor) sees it."""

    slug: str
    title: str
    summary: str
    stakeholder: str
    version: str
    enrolled: bool
    milestones: list[MilestoneCard]
    url: str

    @property
    def next(self) -> MilestoneCard | None:
        """The milestone to go on with: one that regressed comes before one that is new."""
        waiting = [card for card in self.milestones if card.state not in (PASSED, LOCKED)]
        return next((card for card in waiting if card.state == REGRESSED), None) or (waiting[0] if waiting else None)

    @property
    def passed_count(self) -> int:
        return sum(card.passed_at is not None for card in self.milestones)


@dataclass(frozen=True, slots=True)
class TrackPage:
    slug: str
    title: str
    summary: str
    projects: list[ProjectMap]


@dataclass(frozen=True, slots=True)
class CheckQuestion:
    name: str
    question: str
    skills: Sequence[str]
    level: int
    points: int = 1
    required: bool = True


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    number: int
    url: str
    state: str
    outcome: str
    sentence: str
    created: datetime
    via: str


@dataclass(frozen=True, slots=True)
class MilestonePage:
    project: ProjectMap
    card: MilestoneCard
    brief: str
    checks: list[CheckQuestion]
    command: str
    produces: list[tuple[str, float]]
    limits: Mapping[str, float]
    submissions: list[SubmissionRow]


@dataclass(frozen=True, slots=True)
class EventLine:
    at: datetime
    milestone: str
    text: str


@dataclass(frozen=True, slots=True)
class ChainLink:
    kind: str
    title: str
    outcome: str
    found_by_digest: bool
    cpu_s: float
    wall_s: float
    memory_mb: float
    limits: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CheckLine:
    name: str
    title: str
    question: str
    answer: str
    sentence: str
    expected: str
    found: str
    details: list[dict[str, object]]
    skills: Sequence[str]
    level: int
    hints: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    id: int
    number: int
    project: ProjectMap
    card: MilestoneCard
    state: str
    outcome: str
    sentence: str
    guilty: str
    position_in_queue: int | None
    created: datetime
    finished: datetime | None
    via: str
    tree_digest: str
    events: list[EventLine] = field(default_factory=list)
    chain: list[ChainLink] = field(default_factory=list)
    results: list[CheckLine] = field(default_factory=list)
    output: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)


def find_track() -> Track:
    """The track that people are on: there is one so far, and an empty one until it is published."""
    return Track.objects.order_by("pk").first() or Track(title=gettext("Your track"))


def build_track(track: Track, user_enrolments: Iterable[Enrolment]) -> TrackPage:
    """The track's projects in its order, those that are published."""
    enrolments = {enrolment.project.slug: enrolment for enrolment in user_enrolments}
    published = {project.slug: project for project in queries.current_projects(track.slugs)}
    projects = [enrolments[slug].project if slug in enrolments else published.get(slug) for slug in track.slugs]
    maps = build_maps([project for project in projects if project], enrolments)
    return TrackPage(track.slug, track.title, track.summary, maps)


def build_maps(projects: Sequence[Project], enrolments: Mapping[str, Enrolment]) -> list[ProjectMap]:
    """Each project's map, with the learner's standing where enrolled: as many queries for one as for twenty."""
    kinds = {project.slug: [milestone.kind for milestone in project.milestones.all()] for project in projects}
    standings = read_standings({enrolments[slug].pk: kinds[slug] for slug in kinds if slug in enrolments})
    return [
        _build_map(project, standings.get(enrolments[project.slug].pk) if project.slug in enrolments else None)
        for project in projects
    ]


def access_map(user: User, slug: str) -> tuple[Project, ProjectMap]:
    """The edition of a project that is this user's to see, and where they stand in it."""
    enrolment = queries.find_enrolment(user, slug)
    edition = queries.access_edition(user, slug)
    [project_map] = build_maps([edition], {slug: enrolment} if enrolment else {})
    return edition, project_map


def access_milestone(user: User, slug: str, kind: str) -> MilestonePage:
    edition, project_map = access_map(user, slug)
    found = next((milestone for milestone in edition.milestones.all() if milestone.kind == kind), None)
    if found is None:
        raise Refusal("not-found", "milestone", f"{edition.title} has no milestone {kind!r}.", 404)
    return build_milestone(project_map, found, queries.find_enrolment(user, slug))


def _build_map(project: Project, standings: Sequence[Standing] | None) -> ProjectMap:
    milestones = list(project.milestones.all())
    titles = ["", *(milestone.title for milestone in milestones)]
    stands = standings or [Standing(m.kind, "open" if m.position == 1 else LOCKED, None) for m in milestones]
    cards = [
        _build_card(project, milestone, stand, before)
        for milestone, stand, before in zip(milestones, stands, titles, strict=False)
    ]
    return ProjectMap(
        slug=project.slug,
        title=project.title,
        summary=project.summary,
        stakeholder=project.stakeholder,
        version=project.version,
        enrolled=standings is not None,
        milestones=cards,
        url=reverse("frontend:project", args=[project.slug]),
    )


def _build_card(project: Project, milestone: Milestone, stand: Standing, before: str) -> MilestoneCard:
    return MilestoneCard(
        kind=milestone.kind,
        title=milestone.title,
        summary=milestone.summary,
        minutes=milestone.minutes,
        position=milestone.position,
        state=stand.state,
        opens_when=before if stand.state == LOCKED else "",
        url=reverse("frontend:milestone", args=[project.slug, milestone.kind]),
        latest_submission_url=_submission_url(stand.submission_id),
        passed_at=stand.passed_at,
    )


def _submission_url(pk: int | None) -> str | None:
    return reverse("frontend:submission", args=[pk]) if pk else None


def build_milestone(project_map: ProjectMap, milestone: Milestone, enrolment: Enrolment | None) -> MilestonePage:
    submissions = queries.list_submissions(enrolment, milestone.kind)[:20] if enrolment else []
    return MilestonePage(
        project=project_map,
        card=next(card for card in project_map.milestones if card.kind == milestone.kind),
        brief=milestone.brief,
        checks=[CheckQuestion(**question) for question in milestone.questions],
        command=milestone.command,
        produces=list(milestone.produces.items()),
        limits=milestone.limits,
        submissions=[_build_row(submission) for submission in submissions],
    )


def _build_row(submission: Submission) -> SubmissionRow:
    run = submission.runs.all()[0]
    return SubmissionRow(
        number=submission.number,
        url=reverse("frontend:submission", args=[submission.pk]),
        state=run.state,
        outcome=run.outcome,
        sentence=run.sentence,
        created=submission.created_at,
        via=submission.via,
    )


def describe_submission(submission: Submission) -> dict[str, object]:
    """All that the submission's page is drawn from."""
    # The mark is taken first: what happens while the page is built is then news at the next look.
    mark = mark_progress(submission)
    enrolment = submission.enrolment
    [project_map] = build_maps([enrolment.project], {enrolment.project.slug: enrolment})
    return {"page": build_submission(submission, project_map), "live_mark": mark}


def mark_progress(submission: Submission) -> str:
    """Changes whenever there is something new to show of the submission; cheap to ask for every second."""
    run = queries.newest_run(submission)
    waiting = queries.count_before(run) if run.state == RunState.QUEUED else 0
    return f"{run.pk}.{run.state}.{waiting}.{queries.read_events(submission, 0).count()}"


def build_submission(submission: Submission, project_map: ProjectMap) -> SubmissionPage:
    run = queries.latest_run(submission)
    judgements = list(run.judgements.all())
    own = judgements[-1] if judgements else None
    cards = {card.kind: card for card in project_map.milestones}
    return SubmissionPage(
        id=submission.pk,
        number=submission.number,
        project=project_map,
        card=cards[submission.kind],
        state=run.state,
        outcome=run.outcome,
        sentence=run.sentence,
        guilty=run.guilty,
        position_in_queue=queries.count_before(run) + 1 if run.state == RunState.QUEUED else None,
        created=submission.created_at,
        finished=run.finished_at,
        via=submission.via,
        tree_digest=submission.tree,
        events=_build_events(run),
        chain=[_build_link(judgement, cards) for judgement in judgements],
        results=_build_lines(submission, own) if own else [],
        output=own.output if own else "",
        digests=run.digests,
    )


def _build_events(run: Run) -> list[EventLine]:
    return [EventLine(event.at, event.milestone, event.text) for event in run.events.all()]


def _build_link(judgement: Judgement, cards: Mapping[str, MilestoneCard]) -> ChainLink:
    return ChainLink(
        kind=judgement.kind,
        title=cards[judgement.kind].title,
        outcome=judgement.outcome,
        found_by_digest=judgement.found_by_digest,
        cpu_s=judgement.cpu_s,
        wall_s=judgement.wall_s,
        memory_mb=judgement.memory_mb,
        limits=judgement.limits,
    )


def _build_lines(submission: Submission, judgement: Judgement) -> list[CheckLine]:
    milestones = submission.enrolment.project.milestones.filter(kind=judgement.kind)
    hints = read_hints(milestones.values_list("hints", flat=True)[0])
    return [_build_line(answer, hints.get(answer.name, [])) for answer in judgement.answers.all()]


def _build_line(answer: CheckAnswer, hints: Sequence[str]) -> CheckLine:
    return CheckLine(
        name=answer.name,
        title=answer.name.replace("_", " ").capitalize(),
        question=answer.question,
        answer=answer.answer,
        sentence=answer.sentence,
        expected=answer.expected,
        found=answer.found,
        details=answer.details,
        skills=answer.skills,
        level=answer.level,
        hints=hints if answer.answer == "failed" else (),
    )
