"""Writes to leaders who want it, each Monday, how their cohorts begin the week: who may need somebody, what is due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from people.accounts.languages import language_of
from people.accounts.mailing import Mailing, list_readers, send
from people.accounts.models import User
from people.accounts.zones import zone_of
from people.cohorts.dates import read_timings
from people.cohorts.models import Cohort, Membership
from people.cohorts.queries import list_led
from people.cohorts.risks import AtRisk, read_at_risk
from people.learners.queries import current_projects

# Where the leader is. Whoever asks for it in the middle of a week gets the first one on the next Monday.
MORNING = 7
WEEK = timedelta(days=7)
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class DueThisWeek:
    """A milestone of the cohort that is due within the week, extensions apart."""

    project: str
    milestone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """What a digest says of one cohort; those at risk beyond the first are counted only."""

    cohort: Cohort
    url: str
    at_risk: Sequence[AtRisk]
    others: int
    dues: Sequence[DueThisWeek]


def mail_digests(now: datetime) -> int:
    """Send what is due; says how many."""
    sent = 0
    for user in list_readers(Mailing.DIGEST):
        monday = find_monday(user, now)
        led = list(list_led(user).select_related("user")) if monday else []
        if monday and led and claim(user, monday):
            with translation.override(language_of(user)), timezone.override(zone_of(user)):
                write(user, [build_part(leader, now) for leader in led])
            sent += 1
    return sent


def find_monday(user: User, now: datetime) -> date | None:
    """The Monday whose digest is due: its morning has come, and they had asked for it before."""
    local = now.astimezone(zone_of(user))
    monday = local.date() - timedelta(days=local.weekday())
    begins = datetime.combine(monday, time(MORNING), local.tzinfo)
    asked = user.digest_mails_since
    return monday if asked and asked < begins <= now and user.digested_week != monday else None


def claim(user: User, monday: date) -> bool:
    """Whether this mail is ours to send. Noted before it is sent: a mail may be lost, and never comes twice."""
    unsent = Q(digested_week__isnull=True) | ~Q(digested_week=monday)
    wanting = User.objects.filter(unsent, pk=user.pk, digest_mails_since__isnull=False)
    return wanting.update(digested_week=monday) == 1


def build_part(leader: Membership, now: datetime) -> Part:
    at_risk = read_at_risk(leader, now)
    url = settings.MILEPOST_ADDRESS + reverse("frontend:cohort", args=[leader.cohort.slug])
    others = max(len(at_risk) - MOST_NAMED, 0)
    return Part(leader.cohort, url, at_risk[:MOST_NAMED], others, list(_list_dues(leader.cohort, now)))


def write(user: User, parts: Sequence[Part]) -> None:
    count = sum(len(part.at_risk) + part.others for part in parts)
    subject = ngettext("Your cohorts: %(count)d may need you", "Your cohorts: %(count)d may need you", count)
    send(user, Mailing.DIGEST, subject % {"count": count}, "mail/digest.txt", {"parts": parts})


def _list_dues(cohort: Cohort, now: datetime) -> Iterator[DueThisWeek]:
    """In the order of their dates."""
    titles = {
        (project.slug, one.kind): (project.title, one.title)
        for project in current_projects(cohort.project_slugs)
        for one in project.milestones.all()
    }
    dues = [(timing.due_at, place) for place, timing in read_timings(cohort).items() if timing.due_at]
    for at, place in sorted(dues):
        if place in titles and now <= at < now + WEEK:
            yield DueThisWeek(*titles[place], at)
