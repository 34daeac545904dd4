"""What the page of a check on the practice world shows, as plain values, and what the editor says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from frontend.helps import show_hints
from frontend.pages import ChainLink, CheckLine, MilestoneCard, ProjectMap, build_line, build_maps
from frontend.tracebacks import trim_traceback
from grading.verdict import MilestoneVerdict, Outcome, Verdict, from_plain
from people.learners import queries
from people.learners.models import Enrolment, Rehearsal, RunState
from people.learners.rehearsing import is_behind
from people.learners.retelling import retell


@dataclass(frozen=True, slots=True)
class RehearsalPage:
    """What was asked and what was answered, in the words of a submission's page.

    behind: something was saved or lent since, or they moved over, so that the answers are not of what there is now.
    """

    project: ProjectMap
    card: MilestoneCard
    state: str
    step: str
    created: datetime
    finished: datetime | None
    tree_digest: str
    commit: str
    edition: str
    mark: str
    behind: bool
    outcome: str = ""
    sentence: str = ""
    guilty: str = ""
    results: Sequence[CheckLine] = ()
    chain: Sequence[ChainLink] = ()
    output: str = ""
    traceback: str = ""
    digests: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RehearsalNote:
    """The same in short, for beside the editor."""

    kind: str
    state: str
    sentence: str
    mark: str
    is_open: bool
    behind: bool


def mark_rehearsal(rehearsal: Rehearsal) -> str:
    """Changes whenever there is something new to show: what is not new is not drawn again under a reader's hand."""
    return f"{rehearsal.asked_at.timestamp()}.{rehearsal.state}.{rehearsal.working_on}.{rehearsal.step}"


def write_note(enrolment: Enrolment) -> RehearsalNote | None:
    """What this enrolment asked to have checked last, if anything."""
    rehearsal = queries.find_rehearsal(enrolment)
    if rehearsal is None:
        return None
    told = rehearsal.verdict or {"outcome": rehearsal.state, "sentence": ""}
    return RehearsalNote(
        kind=rehearsal.kind,
        state=told["outcome"],
        sentence=retell(told["sentence"]),
        mark=f"{rehearsal.kind}.{rehearsal.state}",
        is_open=rehearsal.verdict is None,
        behind=rehearsal.verdict is not None and is_behind(rehearsal),
    )


def build_rehearsal(rehearsal: Rehearsal) -> RehearsalPage:
    # By the edition that it was asked in: a later one may not have this milestone any more.
    edition = rehearsal.edition
    [project] = build_maps([edition], {edition.slug: rehearsal.enrolment}, with_setbacks=False)
    page = RehearsalPage(
        project=project,
        card=next(card for card in project.milestones if card.kind == rehearsal.kind),
        state=rehearsal.state,
        step=f"{rehearsal.working_on}: {retell(rehearsal.step)}" if rehearsal.step else "",
        created=rehearsal.asked_at,
        finished=rehearsal.finished_at,
        tree_digest=rehearsal.tree,
        commit=rehearsal.commit,
        edition=f"{edition.number} ({edition.version})",
        mark=mark_rehearsal(rehearsal),
        behind=rehearsal.state == RunState.DONE and is_behind(rehearsal),
    )
    return _answer(page, from_plain(rehearsal.verdict), rehearsal) if rehearsal.verdict else page


def _answer(page: RehearsalPage, verdict: Verdict, rehearsal: Rehearsal) -> RehearsalPage:
    own, is_judged = verdict.own, verdict.outcome is not Outcome.VOID
    titles = {card.kind: card.title for card in page.project.milestones}
    return replace(
        page,
        outcome=str(verdict.outcome),
        sentence=retell(verdict.sentence),
        guilty=verdict.guilty,
        results=_build_lines(own, rehearsal),
        chain=[_build_link(link, titles[link.kind]) for link in verdict.chain] if is_judged else [],
        output=own.output,
        traceback=trim_traceback(own.output) if own.outcome is Outcome.BROKEN else "",
        digests=verdict.digests,
    )


def _build_lines(own: MilestoneVerdict, rehearsal: Rehearsal) -> list[CheckLine]:
    milestone = next(one for one in rehearsal.edition.milestones.all() if one.kind == own.kind)
    hints = show_hints(milestone, rehearsal.enrolment)
    return [build_line(result, hints.get(result.name)) for result in own.results]


def _build_link(link: MilestoneVerdict, title: str) -> ChainLink:
    return ChainLink(
        kind=link.kind,
        title=title,
        outcome=str(link.outcome),
        found_by_digest=link.found_by_digest,
        cpu_s=link.usage.cpu_s,
        wall_s=link.usage.wall_s,
        memory_mb=link.usage.memory_mb,
        limits=link.limits,
    )
