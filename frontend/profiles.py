"""What skill levels rest on, as plain values for pages: a learner's own, and what others are shown of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from curriculum.skills import Alignment, read_levels, read_skills
from frontend.ladders import Ladder, draw_ladder
from people.accounts.models import User
from people.employers.alignments import list_alignments
from people.employers.levels import Evidence, Lack, Part, SkillLevel
from people.employers.queries import read_skill_levels
from people.learners.aid import describe_aid
from people.learners.models import Override

LACKS: Final[dict[Lack, str | Promise]] = {
    Lack.SECOND_BUSINESS: _("For level 5 it is to be shown in a second business, at level 2 or higher."),
    Lack.COUNTERSIGN: _("For level 5 somebody who leads is to countersign what is written of it."),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """One check that showed a skill: at which level, and what is to be said beside it."""

    check: str
    question: str
    level: int
    note: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Pass:
    """One passed run and the checks in it that show a skill; `digests` are all that the verdict hangs on."""

    project: str
    milestone: str
    domain: str
    url: str
    at: datetime
    edition: int
    tries: int
    draw: int
    commit: str
    digests: Sequence[tuple[str, str]]
    regressed: bool
    checks: Sequence[Proof]


@dataclass(frozen=True, slots=True)
class SkillLine:
    """`was` is the level that it had before a regression; `lacks` says in sentences what keeps it from level 5."""

    slug: str
    name: str
    meaning: str
    level: int
    level_means: str
    suspended: bool
    was: int
    lacks: Sequence[str | Promise]
    wants_rationale: bool
    alignments: Sequence[Alignment]
    passes: Sequence[Pass]

    @property
    def shown(self) -> int:
        """How many checks have shown it, leaving out what somebody's word stands in for."""
        return sum(proof.counts for one in self.passes for proof in one.checks)


@dataclass(frozen=True, slots=True)
class SkillsPage:
    learner: str
    skills: Sequence[SkillLine]
    picture: Ladder


def build_skills(user: User) -> SkillsPage:
    """A learner's own: each pass leads to its submission."""
    return build_levels(str(user), read_skill_levels(user), links=True)


def build_levels(label: str, levels: Iterable[SkillLevel], links: bool = False) -> SkillsPage:
    lines = [build_skill(level, links) for level in levels]
    picture = draw_ladder([(line.name, line.level, line.was) for line in lines])
    return SkillsPage(label, lines, picture)


def build_skill(level: SkillLevel, links: bool = False) -> SkillLine:
    known = read_skills().get(level.skill)
    return SkillLine(
        slug=level.skill,
        name=pgettext("skill", known.title) if known else level.skill,
        meaning=pgettext("skill", known.meaning) if known else "",
        level=level.level,
        level_means=pgettext("skill", read_levels()[level.level]) if level.level else "",
        suspended=level.suspended,
        was=level.was,
        lacks=[LACKS[lack] for lack in level.lacks],
        wants_rationale=Lack.COUNTERSIGN in level.lacks,
        alignments=list_alignments(level.skill),
        passes=_build_passes(level.evidence, links),
    )


def _build_passes(evidence: Iterable[Evidence], links: bool) -> list[Pass]:
    """By run, the newest first; of each the checks by level."""

    def place(item: Evidence) -> tuple[datetime, int, str]:
        return item.shown_at, item.submission_id, item.milestone

    ordered = sorted(evidence, key=place, reverse=True)
    return [_build_pass(list(items), links) for _key, items in groupby(ordered, place)]


def _build_pass(items: Sequence[Evidence], links: bool) -> Pass:
    first = items[0]
    return Pass(
        project=first.project,
        milestone=first.milestone,
        domain=first.domain,
        url=reverse("frontend:submission", args=[first.submission_id]) if links else "",
        at=first.shown_at,
        edition=first.edition,
        tries=first.source.tries,
        draw=first.source.draw,
        commit=first.source.commit,
        digests=first.source.digests,
        regressed=first.regressed,
        checks=[_build_proof(item) for item in sorted(items, key=lambda item: (item.level, item.check))],
    )


def _build_proof(item: Evidence) -> Proof:
    name = item.check.replace("_", " ").capitalize()
    return Proof(name, item.question, item.level, _describe_help(item), counts=not item.word)


def _describe_help(item: Evidence) -> str:
    """What helped with it, in words that follow the check's name; empty if nothing that counts."""
    lent = gettext("built on the reference's %(kinds)s") % {"kinds": ", ".join(item.lent)} if item.lent else ""
    nothing = gettext("so it shows nothing")
    capped = gettext("so it shows level %(level)d") % {"level": item.shows} if item.shows else nothing
    helped = (lent, describe_aid(item.aid), describe_part(item.part))
    cost = capped if item.shows < item.level and not item.word else ""
    return "; ".join(part for part in (_describe_word(item), *helped, cost) if part)


def describe_part(part: Part | None) -> str:
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
