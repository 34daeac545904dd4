"""Sets what each milestone weighs in a cohort's totals, for those who may lead it."""

from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from people.cohorts.diary import note
from people.cohorts.gradebook import DEFAULT_WEIGHT, open_book
from people.cohorts.models import Cohort, Membership
from people.learners.refusals import Refusal

MOST: Final = 100


def set_weights(leader: Membership, given: Mapping[str, object]) -> None:
    """What each "project/milestone" weighs from now on; one that is not named stays as it was. Raises Refusal."""
    with transaction.atomic():
        cohort = Cohort.objects.select_for_update().get(pk=leader.cohort_id)
        before = {column.place: column.weight for column in open_book(cohort).columns}
        unknown = sorted(set(given) - set(before))
        if unknown:
            told = _("There is no milestone {place} in this cohort.").format(place=repr(unknown[0]))
            raise Refusal("unknown-milestone", unknown[0], told, remedy=_("Name it as project/milestone."))
        after = before | {place: _read_weight(place, value) for place, value in given.items()}
        if not any(after.values()):
            raise Refusal("nothing-counts", "weights", _("Let at least one milestone count: not all weights can be 0."))
        if after == before:
            return
        # What is said of milestones of another edition is kept: it may be current again.
        cohort.weights = cohort.weights | after
        cohort.save(update_fields=["weights"])
        changed = ", ".join(
            f"{place} {before[place]:g} -> {after[place]:g}" for place in given if after[place] != before[place]
        )
        note(cohort, leader.user, "weighed", text=changed)


def _read_weight(place: str, given: object) -> int:
    text = str(DEFAULT_WEIGHT if given in (None, "") else given).strip()
    if isinstance(given, bool) or not text.isascii() or not text.isdigit() or len(text) > 3 or int(text) > MOST:
        told = _("The weight of {place} is a whole number from 0 to {most}.").format(place=place, most=MOST)
        raise Refusal("bad-weight", place, told)
    return int(text)
