"""Tells how a learner came through a project's chain, milestone by milestone, from what the ledger holds."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from curriculum.models import Milestone
from people.accounts.models import User
from people.employers.levels import Evidence, Part
from people.employers.queries import read_evidence
from people.learners.models import Enrolment, Judgement, Submission
from people.learners.own import own_shares
from people.learners.refusals import Refusal
from people.learners.standing import PASSED, REFUSED, REGRESSED, Standing, read_standings


@dataclass(frozen=True, slots=True)
class Proved:
    """One check that held in the pass that stands: what it asked, what it measured, and the skills that it shows."""

    check: str
    question: str
    level: int
    skills: tuple[str, ...]
    measured: float | None
    mark: float | None


@dataclass(frozen=True, slots=True)
class Mend:
    """That a milestone stopped holding after its pass, while its learner was on this one, and when it held again."""

    broke_at: datetime
    handed_in: str
    mended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """One milestone: when its learner could begin, when it first passed, after how many tries, and what that proved.

    `artefact` is the digest of what it handed on; `lent` names earlier milestones that the reference stood in for.
    `by_word` is that a leader's word made it pass: then `proved` is empty.
    """

    kind: str
    title: str
    summary: str
    state: str
    opened_at: datetime | None
    begun_at: datetime | None
    passed_at: datetime | None
    tries: int
    submission_id: int | None
    proved: tuple[Proved, ...] = ()
    digests: tuple[tuple[str, str], ...] = ()
    commit: str = ""
    edition: int | None = None
    artefact: str = ""
    mends: tuple[Mend, ...] = ()
    hints: int = 0
    reference: bool = False
    lent: tuple[str, ...] = ()
    is_lent: bool = False
    part: Part | None = None
    by_word: bool = False

    @property
    def has_passed(self) -> bool:
        return self.passed_at is not None

    @property
    def measured(self) -> tuple[Proved, ...]:
        """What was weighed, not only answered."""
        return tuple(one for one in self.proved if one.measured is not None)


@dataclass(frozen=True, slots=True)
class Story:
    """One project as one learner took it; `team` says that they were not alone."""

    slug: str
    title: str
    summary: str
    stakeholder: str
    domain: str
    edition: int
    begun_at: datetime
    team: bool
    chapters: tuple[Chapter, ...]

    @property
    def passed(self) -> int:
        return sum(chapter.has_passed for chapter in self.chapters)

    @property
    def is_whole(self) -> bool:
        """Whether the chain holds from end to end today."""
        return all(chapter.state == PASSED for chapter in self.chapters)

    @property
    def has_regressed(self) -> bool:
        return any(chapter.state == REGRESSED for chapter in self.chapters)


@dataclass(slots=True)
class _Trail:
    """What became of one milestone: what was handed in for it, and how it was judged in whatever chain, in order."""

    works: list[Submission]
    judgements: list[Judgement]
    evidence: list[Evidence]


def read_story(user: User, slug: str) -> Story:
    """The story of one of this user's projects."""
    found = read_stories(user, [slug])
    if not found:
        raise Refusal("not-found", "project", _("You have not begun this project."), 404)
    return found[0]


def read_stories(user: User, slugs: Iterable[str], evidence: Iterable[Evidence] | None = None) -> list[Story]:
    """The stories of these projects, of those that the user has begun; a constant number of queries for them all."""
    # Who reads a story is not told that its learner is being assessed.
    own = own_shares().filter(user=user, slug__in=list(slugs))
    wanted = Enrolment.objects.filter(pk__in=own.values("enrolment"))
    found = wanted.select_related("project").prefetch_related("project__milestones").order_by("started_at")
    enrolments = {one.pk: one for one in found}
    milestones = {pk: list(one.project.milestones.all()) for pk, one in enrolments.items()}
    standings = read_standings({pk: [one.kind for one in listed] for pk, listed in milestones.items()})
    trails = _follow(enrolments.values(), read_evidence(user) if evidence is None else evidence)
    return [
        _tell(
            enrolment, milestones[pk], standings[pk], {kind: trail for (of, kind), trail in trails.items() if of == pk}
        )
        for pk, enrolment in enrolments.items()
    ]


def outline(story: Story) -> Story:
    """The story without what proves it: which milestones, and when they passed."""
    bare = [replace(one, proved=(), digests=(), commit="", artefact="", submission_id=None) for one in story.chapters]
    return replace(story, chapters=tuple(bare))


def _follow(enrolments: Iterable[Enrolment], evidence: Iterable[Evidence]) -> dict[tuple[int, str], _Trail]:
    by_place = {(one.project.slug, one.domain): one.pk for one in enrolments}
    trails: dict[tuple[int, str], _Trail] = defaultdict(lambda: _Trail([], [], []))
    ids = list(by_place.values())
    for work in Submission.objects.filter(enrolment__in=ids).order_by("number"):
        trails[work.enrolment_id, work.kind].works.append(work)
    judged = Judgement.objects.filter(run__submission__enrolment__in=ids, run__shadow=False).defer("output", "limits")
    for one in judged.select_related("run__submission").order_by("run_id", "position"):
        trails[one.run.submission.enrolment_id, one.kind].judgements.append(one)
    for item in evidence:
        if item.business in by_place:
            trails[by_place[item.business], item.milestone].evidence.append(item)
    return trails


def _tell(
    enrolment: Enrolment, milestones: Sequence[Milestone], standings: Sequence[Standing], trails: dict[str, _Trail]
) -> Story:
    project = enrolment.project
    opened = [enrolment.started_at, *(one.passed_at for one in standings)]
    chapters = [
        _tell_chapter(milestone, standing, trails.get(milestone.kind) or _Trail([], [], []), opened_at)
        for milestone, standing, opened_at in zip(milestones, standings, opened, strict=False)
    ]
    return Story(
        slug=project.slug,
        title=project.title,
        summary=project.summary,
        stakeholder=project.stakeholder,
        domain=enrolment.domain,
        edition=project.number,
        begun_at=enrolment.started_at,
        team=bool(enrolment.team),
        chapters=tuple(chapters),
    )


def _tell_chapter(milestone: Milestone, standing: Standing, trail: _Trail, opened_at: datetime | None) -> Chapter:
    own = [item for item in trail.evidence if not item.word]
    newest = max(own, key=lambda item: item.source.run_id, default=None)
    return Chapter(
        kind=milestone.kind,
        title=milestone.title,
        summary=milestone.summary,
        state=standing.state,
        opened_at=opened_at,
        begun_at=trail.works[0].created_at if trail.works else None,
        passed_at=standing.passed_at,
        tries=_count_tries(trail.works, standing.passed_at),
        submission_id=newest.submission_id if newest else None,
        proved=_gather(own),
        digests=newest.source.digests if newest else (),
        commit=newest.source.commit if newest else "",
        edition=newest.edition if newest else None,
        artefact=next((one.artefact for one in reversed(trail.judgements) if one.outcome == PASSED), ""),
        mends=_find_mends(milestone.kind, trail.judgements),
        hints=max((item.aid.hints for item in own if item.aid.is_noted), default=0),
        reference=any(item.aid.reference for item in own),
        lent=newest.lent if newest else (),
        is_lent=standing.is_lent,
        part=newest.part if newest else None,
        by_word=standing.word is not None and standing.word.outcome == PASSED,
    )


def _count_tries(works: Sequence[Submission], passed_at: datetime | None) -> int:
    """How many different trees it took to the first pass, or have been tried so far."""
    return len({work.tree for work in works if passed_at is None or work.created_at <= passed_at})


def _gather(evidence: Iterable[Evidence]) -> tuple[Proved, ...]:
    """A check that shows several skills is told once."""
    by_check: dict[str, list[Evidence]] = {}
    for item in sorted(evidence, key=lambda item: (item.level, item.check)):
        by_check.setdefault(item.check, []).append(item)
    return tuple(
        Proved(
            check=check,
            question=items[0].question,
            level=items[0].level,
            skills=tuple(item.skill for item in items),
            measured=items[0].measured,
            mark=items[0].mark,
        )
        for check, items in by_check.items()
    )


def _find_mends(kind: str, judgements: Iterable[Judgement]) -> tuple[Mend, ...]:
    """When it stopped holding after a pass, and held again. An edition that never passed it takes no pass away."""
    passed_by: set[int] = set()
    mends: list[Mend] = []
    for one in judgements:
        run, at = one.run, one.run.finished_at
        if at is None:
            continue
        is_broken = bool(mends) and mends[-1].mended_at is None
        if one.outcome == PASSED:
            passed_by.add(run.edition_id)
            if is_broken:
                mends[-1] = replace(mends[-1], mended_at=at)
        elif one.outcome in REFUSED and run.edition_id in passed_by and not is_broken:
            mends.append(Mend(at, run.submission.kind))
    return tuple(mends)
