"""What a learner's pages show, as plain values: built from queries, handed to templates. Only `access_*` authorises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from curriculum.models import Milestone, Project
from curriculum.skills import read_skills
from frontend.changes import Changes, compare
from frontend.deadlines import Deadline, Deadlines, read_deadlines
from frontend.helps import NO_WAYS, Helping, ShownHints, show_helping, show_hints
from frontend.plots import ShownPlot, show_plot
from frontend.setbacks import SetbackNote, note_setback, read_judgements
from frontend.tracebacks import trim_traceback
from grading.judging import OUTPUT, STEP
from grading.verdict import CheckResult
from people.accounts.models import User
from people.learners import lanes, queries
from people.learners.estimates import read_place
from people.learners.models import CheckAnswer, Enrolment, Judgement, Override, Run, RunEvent, RunState, Submission
from people.learners.refusals import Refusal
from people.learners.retelling import retell
from people.learners.standing import (
    BROKEN,
    LENT,
    LOCKED,
    PASSED,
    QUEUED,
    REGRESSED,
    RUNNING,
    VOID,
    Standing,
    read_standings,
)
from people.learners.words import list_overrides

SAID_LINES = 12


@dataclass(frozen=True, slots=True)
class MilestoneCard:
    """A milestone on the map; `opens_when` is the title of the one before it while it is locked.

    `standing` is there for whoever is enrolled.
    """

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
    passed_in: int | None = None
    asks_more: str = ""
    skills: Sequence[str] = ()
    setback: SetbackNote | None = None
    standing: Standing | None = None
    deadline: Deadline | None = None

    @property
    def is_waiting(self) -> bool:
        return self.state in (QUEUED, RUNNING)


@dataclass(frozen=True, slots=True)
class ProjectMap:
    """A project as its chain of milestones, as one learner (or a visitor) sees it."""

    slug: str
    title: str
    summary: str
    stakeholder: str
    version: str
    domains: Sequence[str]
    enrolled: bool
    milestones: list[MilestoneCard]
    url: str

    @property
    def next(self) -> MilestoneCard | None:
        """The milestone to go on with: what regressed first, then what is new, what is judged again, what is lent."""
        unfinished = [card for card in self.milestones if card.state not in (PASSED, LOCKED)]
        return min(unfinished, key=lambda c: (c.state != REGRESSED, c.state == LENT, bool(c.passed_at)), default=None)

    @property
    def opens(self) -> MilestoneCard | None:
        """The locked milestone that the next one opens by passing."""
        following = [card for card in self.milestones if self.next and card.position == self.next.position + 1]
        return next((card for card in following if card.state == LOCKED), None)

    @property
    def waiting(self) -> list[MilestoneCard]:
        """What is being judged, or waits to be."""
        return [card for card in self.milestones if card.is_waiting]

    @property
    def passed_count(self) -> int:
        return sum(card.passed_at is not None for card in self.milestones)

    @property
    def minutes_left(self) -> int:
        return sum(card.minutes for card in self.milestones if card.passed_at is None)


@dataclass(frozen=True, slots=True)
class CheckQuestion:
    name: str
    question: str
    skills: Sequence[str]
    level: int
    points: int = 1
    required: bool = True
    hints: ShownHints | None = None


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
    helping: Helping = NO_WAYS


@dataclass(frozen=True, slots=True)
class EventLine:
    at: datetime
    milestone: str
    text: str
    kind: str = STEP


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
    hints: ShownHints | None = None
    plot: ShownPlot | None = None


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
    commit: str = ""
    successor_url: str | None = None
    events: list[EventLine] = field(default_factory=list)
    chain: list[ChainLink] = field(default_factory=list)
    results: list[CheckLine] = field(default_factory=list)
    output: str = ""
    traceback: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    changes: Changes | None = None
    tries: int = 0
    seconds: float | None = None
    last_event: int = 0
    edition: str = ""
    in_other_edition: bool = False
    overrides: Sequence[Override] = ()

    @property
    def lines(self) -> list[EventLine]:
        """What happened, without what their code printed and what the verdict says anyway."""
        return [event for event in self.events if event.kind not in (OUTPUT, RunEvent.VERDICT)]

    @property
    def steps(self) -> list[EventLine]:
        return [event for event in self.lines if event.kind == STEP]

    @property
    def said(self) -> str:
        """The last that their code printed while it ran: untrusted text."""
        said = [event.text for event in self.events if event.kind == OUTPUT]
        return "\n".join("\n".join(said).split("\n")[-SAID_LINES:])


def build_maps(
    projects: Sequence[Project], enrolments: Mapping[str, Enrolment], with_setbacks: bool = True
) -> list[ProjectMap]:
    """Each project's map, with the learner's standing and dates where enrolled: in as many queries as for twenty."""
    kinds = {project.slug: [milestone.kind for milestone in project.milestones.all()] for project in projects}
    pks = {slug: enrolments[slug].pk for slug in kinds if slug in enrolments}
    standings = read_standings({pk: kinds[slug] for slug, pk in pks.items()})
    judgements = read_judgements(standings.values()) if with_setbacks else {}
    deadlines = read_deadlines(pks.values()) if pks and with_setbacks else {}
    return [_build_map(project, standings.get(pks.get(project.slug, 0)), judgements, deadlines) for project in projects]


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
        sentence = gettext("{project} has no milestone {kind}.").format(project=edition.title, kind=repr(kind))
        raise Refusal("not-found", "milestone", sentence, 404)
    return build_milestone(project_map, found, queries.find_enrolment(user, slug))


def _build_map(
    project: Project, standings: Sequence[Standing] | None, judgements: Mapping[int, Judgement], deadlines: Deadlines
) -> ProjectMap:
    milestones = list(project.milestones.all())
    stands = standings or [Standing(m.kind, "open" if m.position == 1 else LOCKED) for m in milestones]
    titles = {milestone.kind: milestone.title for milestone in milestones}
    cards = [
        _build_card(project, milestone, stand, before, note_setback(stand, judgements, project.slug, titles), deadlines)
        for milestone, stand, before in zip(milestones, stands, ["", *titles.values()], strict=False)
    ]
    return ProjectMap(
        slug=project.slug,
        title=project.title,
        summary=project.summary,
        stakeholder=project.stakeholder,
        version=project.version,
        domains=project.domains,
        enrolled=standings is not None,
        milestones=cards,
        url=reverse("frontend:project", args=[project.slug]),
    )


def _build_card(
    project: Project,
    milestone: Milestone,
    stand: Standing,
    before: str,
    setback: SetbackNote | None,
    deadlines: Deadlines,
) -> MilestoneCard:
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
        passed_in=stand.passed_in,
        asks_more=retell(stand.asks_more),
        skills=_name_skills(milestone),
        setback=setback,
        standing=stand,
        deadline=None if stand.passed_at else deadlines.get((project.slug, milestone.kind)),
    )


def _name_skills(milestone: Milestone) -> list[str]:
    """What its checks show, in their order."""
    shown = dict.fromkeys(skill for question in milestone.questions for skill in question["skills"])
    known = read_skills()
    return [pgettext("skill", known[skill].title) if skill in known else skill for skill in shown]


def _submission_url(pk: int | None) -> str | None:
    return reverse("frontend:submission", args=[pk]) if pk else None


def build_milestone(project_map: ProjectMap, milestone: Milestone, enrolment: Enrolment | None) -> MilestonePage:
    submissions = queries.list_submissions(enrolment, milestone.kind)[:20] if enrolment else []
    card = next(card for card in project_map.milestones if card.kind == milestone.kind)
    hints = show_hints(milestone, enrolment) if enrolment and card.state != LOCKED else {}
    is_last = card is project_map.milestones[-1]
    return MilestonePage(
        project=project_map,
        card=card,
        brief=milestone.brief,
        checks=[CheckQuestion(**asked, hints=hints.get(asked["name"])) for asked in milestone.questions],
        command=milestone.command,
        produces=list(milestone.produces.items()),
        limits=milestone.limits,
        submissions=[_build_row(submission) for submission in submissions],
        helping=show_helping(enrolment, milestone, card.standing, is_last) if enrolment and card.standing else NO_WAYS,
    )


def _build_row(submission: Submission) -> SubmissionRow:
    run = submission.runs.all()[0]
    return SubmissionRow(
        number=submission.number,
        url=reverse("frontend:submission", args=[submission.pk]),
        state=run.state,
        outcome=run.outcome,
        sentence=retell(run.sentence),
        created=submission.created_at,
        via=submission.via,
    )


def describe_submission(submission: Submission) -> dict[str, object]:
    """All that the submission's page is drawn from."""
    # The mark is taken first: what happens while the page is built is then news at the next look.
    mark = mark_progress(submission)
    run = queries.latest_run(submission)
    # By the edition that judged it: a later one may not have this milestone any more.
    [project_map] = build_maps([run.edition], {run.edition.slug: submission.enrolment}, with_setbacks=False)
    return {"page": build_submission(submission, run, project_map), "live_mark": mark}


def mark_progress(submission: Submission) -> str:
    """Changes whenever there is something new to show of the submission; cheap to ask for every second."""
    run = queries.newest_run(submission)
    waiting = lanes.count_before(run) if run.state == RunState.QUEUED else 0
    return f"{run.pk}.{run.state}.{waiting}.{queries.read_events(submission, 0).count()}"


def build_submission(submission: Submission, run: Run, project_map: ProjectMap) -> SubmissionPage:
    judgements = list(run.judgements.all())
    own = judgements[-1] if judgements else None
    cards = {card.kind: card for card in project_map.milestones}
    place = None if run.state == RunState.DONE else read_place(submission.pk)
    is_judged = own is not None and own.outcome != VOID
    before = queries.judgement_before(run, submission, own.kind) if own and is_judged else None
    return SubmissionPage(
        id=submission.pk,
        number=submission.number,
        project=project_map,
        card=cards[submission.kind],
        state=run.state,
        outcome=run.outcome,
        sentence=retell(run.sentence),
        guilty=run.guilty,
        position_in_queue=place.waiting_before + 1 if place and run.state == RunState.QUEUED else None,
        created=submission.created_at,
        finished=run.finished_at,
        via=submission.via,
        tree_digest=submission.tree,
        commit=submission.commit,
        successor_url=_submission_url(run.superseded_by_id),
        events=[_build_event(event) for event in run.events.all()],
        chain=[_build_link(judgement, cards) for judgement in judgements] if is_judged else [],
        results=_build_lines(run, submission.enrolment, own) if own else [],
        output=own.output if own else "",
        traceback=trim_traceback(own.output) if own and own.outcome == BROKEN else "",
        digests=run.digests,
        changes=compare(own, before) if own and before else None,
        tries=run.tries,
        seconds=place.seconds if place else None,
        last_event=max((event.pk for event in run.events.all()), default=0),
        edition=f"{run.edition.number} ({run.edition.version})",
        in_other_edition=run.edition_id != submission.enrolment.project_id,
        overrides=list(list_overrides(submission)),
    )


def _build_event(event: RunEvent) -> EventLine:
    text = event.text if event.kind == OUTPUT else retell(event.text)
    return EventLine(event.at, event.milestone, text, event.kind)


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


def _build_lines(run: Run, enrolment: Enrolment, judgement: Judgement) -> list[CheckLine]:
    milestone = next(one for one in run.edition.milestones.all() if one.kind == judgement.kind)
    hints = show_hints(milestone, enrolment)
    return [build_line(answer, hints.get(answer.name)) for answer in judgement.answers.all()]


def build_line(answer: CheckAnswer | CheckResult, hints: ShownHints | None) -> CheckLine:
    return CheckLine(
        name=answer.name,
        title=answer.name.replace("_", " ").capitalize(),
        question=retell(answer.question),
        answer=answer.answer,
        sentence=retell(answer.sentence),
        expected=answer.expected,
        found=answer.found,
        details=[dict(row) for row in answer.details],
        skills=answer.skills,
        level=answer.level,
        hints=hints if answer.answer == "failed" else None,
        plot=show_plot(answer.plot) if answer.plot else None,
    )
