"""What credentials stand on: passes and levels that are a learner's own. Asked anew each time, and never stored.

A pass counts until its own edition refuses the same work in another run, a leader's word takes it away, or a leader has
moved the learner into an edition that refuses it. What only regressed is suspended: mending it brings it back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.db.models import F, OuterRef, Subquery

from curriculum.models import Milestone, Project
from curriculum.skills import read_skills
from people.accounts.models import User
from people.employers.levels import Evidence, SkillLevel
from people.employers.models import Credential, Kind
from people.employers.queries import PASSED, ever_of, find_regressed, is_work_of, reaches, read_skill_levels
from people.learners.models import DROPPED, SUPERSEDED, Enrolment, Override, Run, RunState, Tried
from people.learners.words import list_overrides_of

HOLDS, SUSPENDED, GONE = "holds", "suspended", "gone"
VOID: Final = "void"
REFUSED: Final = ("failed", "broken")


@dataclass(frozen=True, slots=True)
class Pass:
    """A milestone that a learner's own work passed, with the evidence that this very run gave."""

    run: Run
    milestone: Milestone
    evidence: tuple[Evidence, ...]
    regressed: bool

    @property
    def edition(self) -> Project:
        return self.run.edition


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that may be claimed: a milestone, a project, or the level of a skill."""

    kind: Kind
    of: str
    title: str
    edition: int = 0
    level: int = 0
    was: int = 0
    passes: tuple[Pass, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> tuple[str, str, int, int]:
        return str(self.kind), self.of, self.edition, self.level

    @property
    def is_suspended(self) -> bool:
        return any(one.regressed for one in self.passes)


def read_grounds(user: User) -> list[Ground]:
    """All that this user may claim, and what is suspended; a constant number of queries."""
    levels = read_skill_levels(user)
    passes = _list_passes(user, [item for line in levels for item in line.evidence])
    milestones = [_ground_of_milestone(one) for one in passes.values()]
    return [*milestones, *_list_projects(passes), *(_ground_of_skill(line) for line in levels if line.was)]


def judge_ground(credential: Credential, grounds: Iterable[Ground]) -> str:
    """Whether what a credential stands on holds, is suspended, or is gone. More than it says holds it as well."""
    same = [one for one in grounds if (one.kind, one.of) == (credential.kind, credential.of)]
    states = {_judge(credential, ground) for ground in same}
    return next((state for state in (HOLDS, SUSPENDED) if state in states), GONE)


def _judge(credential: Credential, ground: Ground) -> str:
    if ground.kind == Kind.SKILL:
        if ground.level >= credential.level:
            return HOLDS
        return SUSPENDED if ground.was >= credential.level else GONE
    if ground.edition < credential.edition:
        return GONE
    return SUSPENDED if ground.is_suspended else HOLDS


def _ground_of_milestone(one: Pass) -> Ground:
    slug, title = one.edition.slug, f"{one.milestone.title}: {one.edition.title}"
    return Ground(
        Kind.MILESTONE, f"{slug}/{one.milestone.kind}", title, one.edition.number, passes=(one,), evidence=one.evidence
    )


def _ground_of_skill(line: SkillLevel) -> Ground:
    known = read_skills().get(line.skill)
    title = known.title if known else line.skill
    standing = tuple(item for item in line.evidence if item.shows and not item.regressed and item.shows <= line.level)
    return Ground(
        Kind.SKILL, line.skill, f"{title}, level {line.level}", level=line.level, was=line.was, evidence=standing
    )


def _list_projects(passes: Mapping[tuple[int, str], Pass]) -> list[Ground]:
    """The highest edition of each project all of whose milestones have passed in it, or in a later one."""
    by_slug: dict[str, list[Pass]] = defaultdict(list)
    for one in passes.values():
        by_slug[one.edition.slug].append(one)
    found = (_find_complete(list(ones)) for ones in by_slug.values())
    return [
        Ground(
            Kind.PROJECT,
            edition.slug,
            edition.title,
            edition.number,
            passes=chain,
            evidence=tuple(item for one in chain for item in one.evidence),
        )
        for edition, chain in (one for one in found if one)
    ]


def _find_complete(passes: list[Pass]) -> tuple[Project, tuple[Pass, ...]] | None:
    for edition in sorted({one.edition for one in passes}, key=lambda one: -one.number):
        kinds = [milestone.kind for milestone in edition.milestones.all()]
        for _pk, ones in groupby(passes, lambda one: one.run.submission.enrolment_id):
            chain = {one.milestone.kind: one for one in ones if one.edition.number >= edition.number}
            if set(kinds) <= set(chain):
                return edition, tuple(chain[kind] for kind in kinds)
    return None


def _list_passes(user: User, evidence: Iterable[Evidence]) -> dict[tuple[int, str], Pass]:
    """Of each enrolment and milestone the pass that counts: of the highest edition, with most evidence, the newest."""
    enrolments = Enrolment.objects.filter(pk__in=ever_of(user)).prefetch_related("project__milestones")
    regressed, words = find_regressed(enrolments), [one for one in list_overrides_of(user) if not one.check_name]
    shown: dict[int, list[Evidence]] = defaultdict(list)
    for item in evidence:
        shown[item.source.run_id].append(item)
    lost = _find_refused_by_move(user)
    best: dict[tuple[int, str], Run] = {}
    for run in _read_runs(user):
        place = run.submission.enrolment_id, run.submission.kind
        if run.outcome != PASSED or run.submission_id in lost or _is_taken_back(run, words):
            continue
        if place not in best or _weigh(run, shown) >= _weigh(best[place], shown):
            best[place] = run
    return {
        place: Pass(run, milestone, tuple(shown[run.pk]), place in regressed)
        for place, run in sorted(best.items())
        for milestone in run.edition.milestones.all()
        if milestone.kind == place[1]
    }


def _weigh(run: Run, shown: Mapping[int, list[Evidence]]) -> tuple[int, int, int]:
    return run.edition.number, len(shown.get(run.pk, ())), run.pk


def _read_runs(user: User) -> Iterable[Run]:
    """How each edition judged each of this user's submissions last."""
    judged = Run.objects.filter(state=RunState.DONE).exclude(outcome__in=(VOID, SUPERSEDED, DROPPED))
    newest = judged.filter(submission=OuterRef("submission"), edition=OuterRef("edition")).order_by("-pk")
    found = judged.filter(submission__enrolment__in=ever_of(user), pk=Subquery(newest.values("pk")[:1]))
    found = found.filter(is_work_of(user, "submission")).select_related("submission__enrolment__project", "edition")
    return found.prefetch_related("edition__milestones").order_by("pk")


def _is_taken_back(run: Run, words: Iterable[Override]) -> bool:
    """Whether a leader said no of it after all."""
    return any(one.outcome == Override.Outcome.FAILED and reaches(one, run.submission) for one in words)


def _find_refused_by_move(user: User) -> set[int]:
    """The submissions that the edition refuses into which somebody else has moved their learner."""
    moved = Tried.objects.filter(moved_at__isnull=False, enrolment__in=ever_of(user))
    moved = moved.exclude(trial__asked_by=F("enrolment__user"))
    runs = Run.every.filter(shadow=True, outcome__in=REFUSED, trial__tried__in=moved)
    return set(runs.filter(submission__enrolment=F("trial__tried__enrolment")).values_list("submission_id", flat=True))
