"""Keeps milestones shut before they open for a learner and after they close. Intake asks, by INTAKE_RULES."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.zones import tell_instant, zone_of
from people.cohorts.dates import read_enrolled_dates, read_voids
from people.cohorts.lateness import Dates, choose_kindest, is_untimely
from people.learners.models import Enrolment
from people.learners.refusals import Refusal


def find_untimely(enrolment: Enrolment, kind: str) -> Refusal | None:
    """Why nothing is taken in for this milestone now: no cohort of its learner or team has opened it, or all closed it.

    It is the server's clock that counts, at the moment when work comes in.
    """
    slug = enrolment.project.slug
    own = read_enrolled_dates([enrolment.pk]).get((slug, kind))
    if own is None:
        return None
    now, dates = timezone.now(), choose_kindest(one.dates for one in own)
    voids = read_voids([enrolment.actor.pk], [slug]).get((enrolment.actor.pk, slug, kind), [])
    return _refuse(enrolment, kind, is_untimely(now, dates, voids), dates, now)


def _refuse(enrolment: Enrolment, kind: str, why: str, dates: Dates, now: datetime) -> Refusal | None:
    zone = zone_of(enrolment.actor)
    if why == "not-open-yet" and dates.opens_at:
        told = _("{kind} opens on {instant}.").format(kind=kind, instant=tell_instant(dates.opens_at, zone))
        remedy = _("Read ahead and check at home meanwhile; hand in again then.")
        seconds = max(1, round((dates.opens_at - now).total_seconds()))
        return Refusal(why, "milestone", told, 409, remedy, retry_after=seconds)
    if why == "closed" and dates.closes_at:
        told = _("{kind} closed on {instant}.").format(kind=kind, instant=tell_instant(dates.closes_at, zone))
        return Refusal(why, "milestone", told, 409, _("Ask whoever leads your cohort for an extension."))
    return None
