"""Puts a gradebook's learners in an order. For the one by totals everybody's are needed, so those are remembered.

With each total stands the mark of all that it hangs on for this learner: their runs, their share in enrolments, what
leaders let count, extensions and extra time. Whose mark has changed is graded anew, as in any line; whoever did it, in
whatever cohort. What weights, dates or editions say is everybody's: when that changes, all are graded anew.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Count, F, Max, QuerySet, Sum
from django.utils.translation import gettext as _

from people.cohorts.dates import read_timings
from people.cohorts.gradebook import Book, Numbers, of_judged, read_batches
from people.cohorts.lateness import read_policy
from people.cohorts.models import Extension, Membership
from people.cohorts.queries import list_counted
from people.learners.models import Override, Run
from people.learners.own import OWN, own_shares
from people.learners.refusals import Refusal

NAME: Final = ("user__last_name", "user__first_name", "user__username")
TOTAL: Final = "total"
ORDERS: Final = {
    "name": NAME,
    "section": (F("section__title").asc(nulls_last=True), *NAME),
}
REMEMBERED_S: Final = 24 * 60 * 60
# As many as are graded at a time when all are: four times a page's batch asks a quarter of the queries.
BATCH: Final = 1000
# What a learner's total hangs on, told apart from what it was before; never read, only compared.
Mark = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What was graded, and on what it hung: for everybody alike, and for each membership."""

    basis: Mark
    marks: dict[int, Mark]
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
    """Everybody's totals as they are now; only those whose mark is another than remembered are graded."""
    key = f"totals-{book.cohort.pk}"
    # Before anything is graded: what changes meanwhile has another mark the next time.
    basis, marks = _mark_all(book), _mark_each(book)
    known: Totals | None = cache.get(key)
    if known is None or known.basis != basis:
        known = Totals(basis, {}, {})
    changed = [pk for pk, mark in marks.items() if known.marks.get(pk) != mark]
    if not changed and known.marks.keys() == marks.keys():
        return known.totals
    graded = {line.member.pk: line.total for lines in read_batches(book, changed, BATCH) for line in lines}
    totals = {pk: graded[pk] if pk in graded else known.totals.get(pk) for pk in marks}
    cache.set(key, Totals(basis, marks, totals), REMEMBERED_S)
    return totals


def _mark_all(book: Book) -> Mark:
    timings = sorted(read_timings(book.cohort).items())
    dates = [(place, one.opens_at, one.due_at, one.closes_at) for place, one in timings]
    return (book.weights, read_policy(book.cohort), book.cohort.made_at, dates)


def _mark_each(book: Book) -> dict[int, Mark]:
    """By membership. Five queries, however many they are.

    Rows come with a higher number, and may go: of what is in force now the sum and the highest tell any two apart.
    """
    members = list_counted(book.cohort)
    wanted = {"user__in": members.values("user"), "slug__in": {column.slug for column in book.columns}}
    shares = own_shares().filter(**wanted)
    # In one filter, since each is about the same share.
    own = {**OWN, **wanted}
    theirs = {f"submission__enrolment__shares__{name}": value for name, value in own.items()}
    user = "submission__enrolment__shares__user"
    extensions = Extension.objects.filter(membership__in=members.values("pk"), withdrawn_at=None)
    of_user: dict[int, list[Any]] = defaultdict(list)
    for number, found in enumerate(
        (
            _tell(shares, "user"),
            # A run that was a shadow until now is an old one: their count tells it as well.
            _tell(of_judged(Run.objects.filter(**theirs)), user),
            _tell(Override.objects.filter(**theirs, undone_at=None), user),
        )
    ):
        for pk, *mark in found:
            of_user[pk].append((number, *mark))
    extended = {pk: mark for pk, *mark in _tell(extensions, "membership")}
    return {
        pk: (extra, extended.get(pk), *of_user.get(user_id, ()))
        for pk, user_id, extra in members.values_list("pk", "user_id", "extra_percent")
    }


def _tell(rows: QuerySet[Any], whose: str) -> Iterable[tuple[Any, ...]]:
    told: Iterable[tuple[Any, ...]] = rows.order_by().values_list(whose).annotate(Count("pk"), Sum("pk"), Max("pk"))
    return told
