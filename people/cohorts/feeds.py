"""Secret addresses of calendars: made, found, taken back; and what a calendar reads there.

The address is signed: whoever reads the database without the server's secret cannot tell it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.accounts.zones import tell_instant
from people.accounts.zones import zone_of as zone_of_user
from people.cohorts.calendars import Event, write_calendar
from people.cohorts.clocks import zone_of
from people.cohorts.dates import Place, read_own_dates, read_timings
from people.cohorts.lateness import Dates, choose_kindest
from people.cohorts.models import Cohort, Extension, Feed, Membership, Role, Timing
from people.cohorts.queries import access_cohort
from people.learners.queries import current_projects
from people.learners.refusals import Refusal

SIGNER = Signer(salt="people.cohorts.feeds")


def find_feed(user: User, cohort: Cohort | None = None) -> Feed | None:
    return Feed.objects.filter(user=user, cohort=cohort).first()


def renew_feed(user: User, cohort: Cohort | None = None) -> Feed:
    """A new secret address; the one before it, if there was one, is good for nothing any more."""
    Feed.objects.filter(user=user, cohort=cohort).delete()
    return Feed.objects.create(user=user, cohort=cohort)


def revoke_feed(user: User, cohort: Cohort | None = None) -> None:
    Feed.objects.filter(user=user, cohort=cohort).delete()


def sign(feed: Feed) -> str:
    return SIGNER.sign(feed.key.hex)


def access_feed(token: str) -> Feed:
    """The feed of this signed token, while its owner may read it."""
    gone = Refusal("not-found", "calendar", _("There is no such calendar, or its address was taken back."), 404)
    try:
        key = UUID(SIGNER.unsign(token))
    except (BadSignature, ValueError):
        raise gone from None
    feed = Feed.objects.select_related("user", "cohort").filter(key=key, user__is_active=True).first()
    if feed is None:
        raise gone
    if feed.cohort:
        access_cohort(feed.user, feed.cohort.slug)
    return feed


def write_feed(feed: Feed) -> bytes:
    """The calendar; the same bytes until a date changes."""
    if feed.cohort:
        name, events = feed.cohort.title, list_cohort_events(feed.cohort)
    else:
        name, events = _("Milepost: my dates"), list_own_events(feed.user)
    return write_calendar(name, events, find_last_change(feed))


def find_last_change(feed: Feed) -> datetime:
    """When a date that this feed tells was set, extended or taken back for the last time."""
    parts = Membership.objects.filter(user=feed.user, role=Role.LEARNER)
    cohorts = [feed.cohort_id] if feed.cohort_id else list(parts.values_list("cohort", flat=True))
    told = Timing.objects.filter(cohort__in=cohorts).aggregate(last=Max("changed_at"))
    extensions = Extension.objects.filter(membership__user=feed.user, membership__cohort__in=cohorts)
    told.update(extensions.aggregate(granted=Max("granted_at"), withdrawn=Max("withdrawn_at")))
    return max(filter(None, told.values()), default=feed.made_at)


def list_own_events(user: User) -> Iterator[Event]:
    """What is due for a learner, by the kindest of their cohorts, extensions counted."""
    own = read_own_dates(user)
    titles = read_titles(slug for slug, _kind in own)
    for place, several in own.items():
        dates = choose_kindest(one.dates for one in several)
        event = _Told("own", place, titles[place], dates, reverse("frontend:milestone", args=place))
        yield from event.tell(zone_of_user(user))


def list_cohort_events(cohort: Cohort) -> Iterator[Event]:
    """What is due for a cohort, without what single learners have."""
    titles, timings = read_titles(cohort.project_slugs), read_timings(cohort)
    url = reverse("frontend:dates", args=[cohort.slug])
    for place in titles:
        if timing := timings.get(place):
            dates = Dates(timing.opens_at, timing.due_at, timing.closes_at)
            yield from _Told(f"cohort-{cohort.pk}", place, titles[place], dates, url).tell(zone_of(cohort))


def read_titles(slugs: Iterable[str]) -> dict[Place, tuple[str, str]]:
    """What people read of each milestone of these projects: the project's title and its own."""
    projects = current_projects(dict.fromkeys(slugs))
    return {
        (project.slug, one.kind): (project.title, one.title) for project in projects for one in project.milestones.all()
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """What is due at one place, as an event tells it."""

    scope: str
    place: Place
    titles: tuple[str, str]
    dates: Dates
    path: str

    def tell(self, zone: tzinfo) -> Iterator[Event]:
        """When it is due, or else when it closes; nothing where it does neither."""
        dates, told = self.dates, {"project": self.titles[0], "milestone": self.titles[1]}
        if at := dates.due_at or dates.closes_at:
            title = _("{milestone} is due ({project})") if dates.due_at else _("{milestone} closes ({project})")
            host = urlsplit(settings.MILEPOST_ADDRESS).hostname
            uid = "-".join((self.scope, *self.place)) + f"@{host}"
            text = "\n".join(self._list_remarks(zone))
            yield Event(uid, at, title.format_map(told), text, settings.MILEPOST_ADDRESS + self.path)

    def _list_remarks(self, zone: tzinfo) -> Iterator[str]:
        if self.dates.is_extended:
            yield _("You were given more time.")
        if self.dates.opens_at:
            yield _("It opens on {instant}.").format(instant=tell_instant(self.dates.opens_at, zone))
        if self.dates.due_at and self.dates.closes_at:
            yield _("It closes on {instant}.").format(instant=tell_instant(self.dates.closes_at, zone))
