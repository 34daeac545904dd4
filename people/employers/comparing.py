"""Sets candidates beside a role, one or several, on what they share today. Opening is written down each time."""

from collections.abc import Sequence
from dataclasses import dataclass

from people.accounts.models import User
from people.employers.candidates import Kept, open_candidate, tell_kept
from people.employers.closing import read_closers
from people.employers.disclosing import Shown
from people.employers.matching import Line, match
from people.employers.models import Candidate, Post
from people.employers.queries import read_skill_levels
from people.employers.role_files import Profile
from people.employers.tallies import read_tallies

MATCHED, COMPARED = "match", "comparison"


@dataclass(frozen=True, slots=True)
class Matched:
    """One candidate beside a role; `shown` is None, and there are no lines, once the link is dead."""

    kept: Kept
    shown: Shown | None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One skill that the role asks for, and each candidate's line in it, in their order; None for who has ended."""

    skill: str
    needed: int
    is_required: bool
    cells: tuple[Line | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Candidates side by side. There is no sum of it, and their order is whoever's who asked."""

    candidates: tuple[Matched, ...]
    rows: tuple[Row, ...]


def match_candidate(post: Post, candidate: Candidate, profile: Profile) -> Matched:
    return _match(post, [candidate], profile, MATCHED)[0]


def compare_candidates(post: Post, candidates: Sequence[Candidate], profile: Profile) -> Table:
    """What each shows of every skill that the role asks for."""
    matched = _match(post, candidates, profile, COMPARED)
    needs = [(skill, level, True) for skill, level in profile.required.items()]
    needs += [(skill, level, False) for skill, level in profile.wanted.items()]
    rows = [
        Row(skill, level, is_required, tuple(one.lines[number] if one.lines else None for one in matched))
        for number, (skill, level, is_required) in enumerate(needs)
    ]
    return Table(tuple(matched), tuple(rows))


def match_oneself(user: User, profile: Profile) -> list[Line]:
    """What a role would still ask of this learner, on all that they have shown; nobody else sees it."""
    return match(profile, read_skill_levels(user), read_closers(), read_tallies())


def _match(post: Post, candidates: Sequence[Candidate], profile: Profile, page: str) -> list[Matched]:
    """Each candidate costs as many queries as their evidence takes; milestones and counts are read once for all."""
    closers, tallies = read_closers(), read_tallies()
    found = []
    for candidate in candidates:
        shown = open_candidate(post, candidate, page)
        lines = tuple(match(profile, shown.levels, closers, tallies)) if shown else ()
        found.append(Matched(tell_kept(candidate), shown, lines))
    return found
