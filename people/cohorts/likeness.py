"""What leaders ask about likeness and what they are shown of it: a prompt for a conversation, and never a verdict.

Asking is a line in the diary. Looking at a pair is none: who may, may read both submissions anyhow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts import tasks
from people.cohorts.diary import note
from people.cohorts.models import Likeness, Membership
from people.cohorts.queries import access_member_submission, choose_milestone, list_members
from people.learners.facilities import store
from people.learners.fingerprints import Side, split_lines
from people.learners.models import Submission
from people.learners.own import own_work
from people.learners.queries import list_people
from people.learners.refusals import Refusal
from people.ringing import call_after_commit

# After so long a worker has died over it, and it may be asked for again.
PATIENCE = timedelta(minutes=20)
# A stretch is shown with so many lines around it, and no more lines than these.
AROUND, MOST_LINES = 3, 300


@dataclass(frozen=True, slots=True)
class Work:
    """A submission and whose it is."""

    submission: Submission
    people: Sequence[User]

    def __str__(self) -> str:
        return self.submission.enrolment.team or ", ".join(map(str, self.people)) or str(self.submission.enrolment.user)


@dataclass(frozen=True, slots=True)
class Alike:
    """Two works, and the share of the smaller one's own code that the other has too."""

    first: Work
    second: Work
    share: float
    stretches: int


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to tell of a milestone: what was compared, what is alike, and what could not be read."""

    row: Likeness
    pairs: Sequence[Alike]
    artefacts: Sequence[Sequence[Work]]
    skipped: Sequence[tuple[Work, str, str]]

    @property
    def hidden(self) -> int:
        """How many pairs there are beyond those that the report keeps."""
        return int(self.row.report["pairs_count"]) - len(self.row.report["pairs"])


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of one file, each with its number and whether it is a part of the stretch; some may be left out."""

    path: str
    lines: Sequence[tuple[int, str, bool]]
    cut: int


@dataclass(frozen=True, slots=True)
class Beside:
    """Two submissions beside each other, stretch by stretch."""

    alike: Alike
    row: Likeness
    stretches: Sequence[tuple[Excerpt, Excerpt]]


def ask(leader: Membership, named: str) -> Likeness:
    """Have a worker compare "project/milestone". Raises Refusal; what is being compared is not asked for twice."""
    slug, kind = choose_milestone(leader.cohort, named)
    now = timezone.now()
    place = {"cohort": leader.cohort, "slug": slug, "kind": kind}
    asked = {"asked_by": leader.user, "asked_at": now, "finished_at": None}
    with transaction.atomic():
        row, is_new = Likeness.objects.select_for_update().get_or_create(**place, defaults=asked)
        if not is_new and is_waiting(row, now):
            return row
        Likeness.objects.filter(pk=row.pk).update(**asked)
        note(leader.cohort, leader.user, "compared", place=f"{slug}/{kind}")
        call_after_commit(tasks.compare, row.pk)
    return row


def is_waiting(row: Likeness, now: datetime) -> bool:
    """Whether somebody is comparing still, as far as one can tell."""
    return row.finished_at is None and now - row.asked_at < PATIENCE


def find_likeness(leader: Membership, slug: str, kind: str) -> Likeness | None:
    found = Likeness.objects.filter(cohort=leader.cohort_id, slug=slug, kind=kind)
    return found.select_related("asked_by").first()


def read_found(leader: Membership, row: Likeness) -> Found | None:
    """The last report, of those who are in the cohort still; None where there is none yet. Two queries."""
    told = row.report
    if not told:
        return None
    pairs, artefacts = told["pairs"], told["artefacts"]
    numbers = {pk for pair in pairs for pk in (pair["first"], pair["second"])} | {pk for one in artefacts for pk in one}
    works = _read_works(leader, numbers | {pk for pk, _path, _reason in told["skipped"]})
    return Found(
        row,
        [_read_alike(pair, works) for pair in pairs if works.keys() >= {pair["first"], pair["second"]}],
        [[works[pk] for pk in one if pk in works] for one in artefacts if len(works.keys() & set(one)) > 1],
        [(works[pk], path, reason) for pk, path, reason in told["skipped"] if pk in works],
    )


def access_pair(leader: Membership, first: int, second: int) -> Beside:
    """Two submissions that the last report calls alike, stretch by stretch. Raises Refusal."""
    submission = access_member_submission(leader, first)
    row = find_likeness(leader, submission.enrolment.project.slug, submission.kind)
    pairs = row.report.get("pairs", []) if row else []
    pair = next((one for one in pairs if (one["first"], one["second"]) == (first, second)), None)
    works = _read_works(leader, [first, second])
    if row is None or pair is None or len(works) < 2:
        raise Refusal("not-found", "pair", _("The last comparison has no such pair in it."), 404)
    texts: dict[tuple[str, str], list[str]] = {}
    stretches = [
        (
            _excerpt(works[first].submission.tree, Side(**mine), texts),
            _excerpt(works[second].submission.tree, Side(**theirs), texts),
        )
        for mine, theirs in pair["stretches"]
    ]
    return Beside(_read_alike(pair, works), row, stretches)


def _read_works(leader: Membership, numbers: Iterable[int]) -> dict[int, Work]:
    """Those of these submissions that are of learners whom this leader sees, by number."""
    shared = {"enrolment__shares__user__in": list_members(leader).values("user")}
    found = Submission.objects.filter(pk__in=list(numbers), **shared, **own_work()).distinct()
    submissions = list(found.select_related("enrolment__user", "enrolment__project"))
    people = list_people([one.enrolment for one in submissions])
    return {one.pk: Work(one, people.get(one.enrolment_id, [])) for one in submissions}


def _read_alike(pair: dict[str, Any], works: dict[int, Work]) -> Alike:
    return Alike(works[pair["first"]], works[pair["second"]], pair["share"], pair["stretches_count"])


def _excerpt(tree: str, side: Side, texts: dict[tuple[str, str], list[str]]) -> Excerpt:
    """The lines of a stretch with some around it; each file is read once."""
    place = (tree, side.path)
    if place not in texts:
        texts[place] = split_lines(store().read(*place))
    start = max(side.first - AROUND, 1)
    shown = texts[place][start - 1 : side.last + AROUND][:MOST_LINES]
    lines = [(number, text, side.first <= number <= side.last) for number, text in enumerate(shown, start)]
    return Excerpt(side.path, lines, max(side.last - (start + len(shown) - 1), 0))
