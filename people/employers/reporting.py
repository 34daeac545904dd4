"""Tells what came of an assessment: per skill, level and evidence of it alone, and how the work went. Never a score.

The candidate reads it first; who acts for the employer reads the same once the candidate has said so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.models import Milestone
from grading.verdict import Answer
from people.accounts.models import User
from people.employers.alikeness import find_alike
from people.employers.assessing import list_lent
from people.employers.inviting import access_invite
from people.employers.levels import SkillLevel, derive_levels
from people.employers.models import Assessment, Invite, MoreTime
from people.employers.queries import read_evidence
from people.learners.models import SUPERSEDED, CheckAnswer, Enrolment, Run, RunState
from people.learners.refusals import Refusal
from people.learners.repositories import find_repository, list_commits
from people.learners.standing import Standing, read_standings

MOST_COMMITS = 200
HELD, VOID = "held", "void"
# From here on the likeness of two works is told; as cohorts' leaders are told it.
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """Something on the time line: a commit, a run or the box's own beginning and end."""

    at: datetime
    what: str
    text: str
    kind: str = ""
    outcome: str = ""
    number: int = 0
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a check was asked before it first held, that time included; or how often in vain."""

    kind: str
    check: str
    question: str
    tries: int
    held: bool
    level: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that there is to read. waiting: how many runs have no verdict yet."""

    invite: Invite
    levels: Sequence[SkillLevel]
    milestones: Sequence[tuple[Milestone, Standing]]
    line: Sequence[Moment]
    tries: Sequence[Tries]
    notes: Sequence[str]
    waiting: int

    @property
    def assessment(self) -> Assessment:
        return self.invite.assessment


def access_report(assessment: Assessment, pk: int) -> Report:
    """The report, for who acts for the employer. Raises Refusal where its candidate has not said that they may."""
    invite = access_invite(assessment, pk)
    if not invite.may_be_read:
        told = {
            "declined": _("{candidate} has declined to share the report."),
            "withdrawn": _("{candidate} has taken back the consent to share the report."),
        }.get(invite.state, _("{candidate} has not shared a report."))
        raise Refusal("not-shared", "invite", told.format(candidate=invite.label), 403)
    return write_report(invite)


def write_report(invite: Invite) -> Report:
    """Everything, in a constant number of queries and one look at the repository. Raises Refusal before the end."""
    if invite.enrolment is None or invite.user is None or not invite.is_over(timezone.now()):
        raise Refusal("no-report", "assessment", _("There is no report before the box ends."), 409)
    enrolment, asked = invite.enrolment, invite.assessment.kinds
    milestones = list(Milestone.objects.filter(project=enrolment.project_id).order_by("position"))
    kinds = [one.kind for one in milestones]
    standings = {one.kind: one for one in read_standings({enrolment.pk: kinds})[enrolment.pk]}
    runs = list(_read_runs(enrolment))
    evidence = read_evidence(invite.user, enrolment)
    return Report(
        invite,
        derive_levels(_list_skills(milestones, asked), evidence),
        [(one, standings[one.kind]) for one in milestones if one.kind in asked],
        _draw_line(invite, runs),
        _count_tries(runs, asked),
        _write_notes(invite),
        sum(run.state != RunState.DONE for run in runs),
    )


def _read_runs(enrolment: Enrolment) -> QuerySet[Run]:
    return Run.objects.filter(submission__enrolment=enrolment).select_related("submission").order_by("pk")


def _list_skills(milestones: Iterable[Milestone], asked: Sequence[str]) -> list[str]:
    """What the checks of the milestones asked can show, in their order."""
    told = [skill for one in milestones if one.kind in asked for check in one.questions for skill in check["skills"]]
    return list(dict.fromkeys(told))


def _draw_line(invite: Invite, runs: Iterable[Run]) -> list[Moment]:
    """What happened, oldest first."""
    line = [Moment(invite.begun_at, "begun", "")] if invite.begun_at else []
    line += [
        Moment(work.created_at, "run", run.sentence, work.kind, run.outcome, work.number, work.commit[:12])
        for run in runs
        if run.outcome != SUPERSEDED and (work := run.submission)
    ]
    line += [Moment(one.at, "time", str(one.minutes)) for one in invite.more_time.all()]
    repository = find_repository(invite.enrolment) if invite.enrolment else None
    if repository:
        line += [Moment(one.at, "commit", one.subject) for one in list_commits(repository, MOST_COMMITS)]
    if invite.ends_at:
        line.append(Moment(min(filter(None, (invite.finished_at, invite.ends_at))), "ended", ""))
    return sorted(line, key=lambda one: one.at)


def _count_tries(runs: Iterable[Run], asked: Sequence[str]) -> list[Tries]:
    """Of each check of the milestones asked, in the chain's order."""
    judged = [run.pk for run in runs if run.outcome not in ("", SUPERSEDED, VOID)]
    answers = (
        CheckAnswer.objects.filter(judgement__run__in=judged)
        .exclude(answer=Answer.NOT_ASKED)
        .select_related("judgement__run__submission")
    )
    found: dict[tuple[str, str], Tries] = {}
    for answer in answers.order_by("judgement__run_id", "position"):
        kind = answer.judgement.kind
        if kind not in asked or answer.judgement.run.submission.kind != kind:
            continue
        before = found.get((kind, answer.name))
        if before and before.held:
            continue
        tries = before.tries + 1 if before else 1
        is_held = answer.answer == HELD
        found[kind, answer.name] = Tries(kind, answer.name, answer.question, tries, is_held, answer.level)
    return sorted(found.values(), key=lambda one: asked.index(one.kind))


def _write_notes(invite: Invite) -> list[str]:
    """What whoever reads this should know of how it came about."""
    notes = [_("Nobody watched the candidate: who did the work, and with what help from elsewhere, is not known here.")]
    notes.append(_("When a pushed commit was made is what the candidate's machine said; all other times are ours."))
    if lent := list_lent(invite.assessment):
        told = _("The reference did {kinds}, since this assessment asks for what comes after.")
        notes.append(told.format(kinds=", ".join(lent)))
    more = list(invite.more_time.all())
    if more:
        notes.append(_tell_more(more))
    if invite.user and _knew_before(invite.user, invite):
        notes.append(_("The candidate had begun this project before, on other data."))
    return notes + [_tell_alike(kind, *told) for kind, told in find_alike(invite).items()]


def _tell_more(more: Sequence[MoreTime]) -> str:
    minutes = sum(one.minutes for one in more)
    told = ngettext("%(count)d minute was added to the box.", "%(count)d minutes were added to the box.", minutes)
    return told % {"count": minutes}


def _knew_before(user: User, invite: Invite) -> bool:
    mine = Enrolment.objects.filter(shares__user=user, project__slug=invite.assessment.project.slug)
    return mine.filter(started_at__lt=invite.begun_at).exclude(invite=invite).exists()


def _tell_alike(kind: str, others: int, share: float) -> str:
    if not others:
        return _("{kind}: there was no other candidate's code to compare with.").format(kind=kind)
    if not share:
        return _("{kind}: no code like another candidate's of this assessment was found.").format(kind=kind)
    told = _("{kind}: {percent} % of the smaller one's own code is in another candidate's work too.")
    asks = _("That is a reason to ask, and proves nothing.")
    return f"{told.format(kind=kind, percent=round(share * PERCENT))} {asks}"
