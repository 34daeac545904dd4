"""Puts a gradebook's learners in an order. For the one by totals everybody's are needed, so those are remembered.

With each total stand the marks of all that it hangs on for this learner: the revision of each enrolment of theirs,
which the database moves when a run or a leader's word begins or ceases to count, their extensions, and extra time.
Whose marks have changed is graded anew, as in any line; whoever did it, in whatever cohort. What weights, dates or
editions say is everybody's: when that changes, all are graded anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from people.cohorts.dates import read_timings
from people.cohorts.gradebook import Book, Numbers, read_batches
from people.cohorts.lateness import read_policy
from people.cohorts.models import Extension, Membership
from people.cohorts.queries import COUNTED
from people.learners.own import own_shares
from people.learners.refusals import Refusal

NAME: Final = ("user__last_name", "user__first_name", "user__username")
TOTAL: Final = "total"
ORDERS: Final = {
    "name": NAME,
    "section": (F("section__title").asc(nulls_last=True), *NAME),
}
# It is never stale, so this only says when what nobody looks at is thrown away.
REMEMBERED_S: Final = 7 * 24 * 60 * 60
# As many as are graded at a time when all are: four times a page's batch asks a quarter of the queries.
BATCH: Final = 1000
# What a learner's total hangs on, told apart from what it was before; never read, only compared.
Mark = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What was graded, by membership, and on what it hung: for everybody alike, and for each."""

    basis: Mark
    marks: list[Mark]
    totals: dict[int, float | None]


def order_members(book: Book, members: QuerySet[Membership], order: str) -> Numbers:
    """The numbers of these memberships in this order: name, section or total, the other way round after a minus."""
    backwards, by = order.startswith("-"), order.removeprefix("-")
    if by not in (*ORDERS, TOTAL):
        raise Refusal("unknown-order", "sort", _("Sort by name, section or total; a minus before it turns it round."))
    found = members.order_by(*ORDERS.get(by, NAME)).values_list("pk", flat=True)
    if by != TOTAL:
        return found.reverse() if backwards else found
    totals = _read_totals(book)
    return sorted(found, key=lambda pk: totals.get(pk) or 0.0, reverse=backwards)


def _read_totals(book: Book) -> dict[int, float | None]:
    """Everybody's totals as they are now; only those whose marks are others than remembered are graded."""
    key = f"totals-of-{book.cohort.pk}"
    # Before anything is graded: what changes meanwhile has another mark the next time.
    basis, marks = _mark_all(book), _mark_each(book)
    known: Totals | None = cache.get(key)
    if known is None or known.basis != basis:
        known = Totals(basis, [], {})
    if known.marks == marks:
        return known.totals
    before, now = _gather(known.marks), _gather(marks)
    changed = [pk for pk, mark in now.items() if before.get(pk) != mark]
    graded = {line.member.pk: line.total for lines in read_batches(book, changed, BATCH) for line in lines}
    totals = {pk: graded[pk] if pk in graded else known.totals.get(pk) for pk in now}
    cache.set(key, Totals(basis, marks, totals), REMEMBERED_S)
    return totals


def _mark_all(book: Book) -> Mark:
    timings = sorted(read_timings(book.cohort).items())
    dates = [(place, one.opens_at, one.due_at, one.closes_at) for place, one in timings]
    return (book.weights, read_policy(book.cohort), book.cohort.made_at, dates)


def _mark_each(book: Book) -> list[Mark]:
    """The marks of each membership, which they begin with. Two queries, however many they are.

    Who has no part in any work has nothing to grade, and no mark.
    """
    counted, slugs = {"cohort": book.cohort, **COUNTED}, {column.slug for column in book.columns}
    works = own_shares().filter(slug__in=slugs, **_of("user__memberships", counted)).order_by("user__memberships", "pk")
    extensions = Extension.objects.filter(withdrawn_at=None, **_of("membership", counted)).order_by("membership", "pk")
    return [
        *works.values_list("user__memberships", "user__memberships__extra_percent", "enrolment", "enrolment__revision"),
        *extensions.values_list("membership", "pk", "due_at"),
    ]


def _of(relation: str, wanted: Mapping[str, object]) -> dict[str, object]:
    return {f"{relation}__{name}": value for name, value in wanted.items()}


def _gather(marks: Iterable[Mark]) -> dict[int, list[Mark]]:
    by_member: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_member[mark[0]].append(mark)
    return by_member
