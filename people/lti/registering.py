"""Connects a cohort to one course of a learning platform, and ends that. For owners of the cohort."""

from dataclasses import dataclass, fields
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from people.cohorts.diary import note
from people.cohorts.leaders import lock
from people.cohorts.models import Cohort, Membership
from people.learners.refusals import Refusal
from people.lti.models import LONGEST_URL, Platform, Score
from people.lti.outgoing import is_allowed
from people.outgoing import origin_of

ADDRESSES = ("site_url", "auth_url", "token_url", "jwks_url")
NAMES = ("issuer", "client_id", "deployment_id")
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the platform says of itself, as somebody has typed it in."""

    site_url: str = ""
    issuer: str = ""
    client_id: str = ""
    deployment_id: str = ""
    auth_url: str = ""
    token_url: str = ""
    jwks_url: str = ""
    audience: str = ""


def register(leader: Membership, wanted: Wanted, instructors_lead: bool) -> Platform:
    """Raises Refusal on what is missing, and on an address that we may not go to."""
    for name in NAMES:
        _require_text(name, getattr(wanted, name), LONGEST)
    for name in ADDRESSES:
        _require_address(name, getattr(wanted, name))
    if len(wanted.audience) > LONGEST_URL:
        raise _refuse("audience", _("This is too long."))
    told = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    with transaction.atomic():
        cohort = lock(leader.cohort)
        platform = Platform.objects.create(
            cohort=cohort, key=next_key(cohort), registered_by=leader.user, instructors_lead=instructors_lead, **told
        )
        note(cohort, leader.user, "connected", text=f"{platform.pk}: {wanted.issuer}")
    return platform


def next_key(cohort: Cohort) -> UUID:
    """What will be in the addresses of the cohort's next platform: most ask for those before they say who they are."""
    number = Platform.objects.filter(cohort=cohort).count()
    return UUID(bytes=salted_hmac("people.lti.registering", f"{cohort.pk}/{number}").digest()[:16])


def withdraw(leader: Membership, platform: Platform) -> None:
    """Nobody comes in by it any more, and nothing is sent. Accounts and work stay."""
    with transaction.atomic():
        if Platform.objects.filter(pk=platform.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
            note(leader.cohort, leader.user, "disconnected", text=f"{platform.pk}: {platform.issuer}")


def send_again(leader: Membership, platform: Platform) -> int:
    """Have every score sent once more, also those that were given up; says how many."""
    with transaction.atomic():
        scores = Score.objects.filter(placement__platform=platform)
        count = scores.update(sent_at=None, given_up_at=None, tries=0, next_at=timezone.now())
        note(leader.cohort, leader.user, "sent again", text=f"{platform.pk}: {count}")
    return count


def _require_text(field: str, typed: str, most: int) -> None:
    if not typed or len(typed) > most or not typed.isprintable():
        raise _refuse(
            field, _("Fill this in as your learning platform shows it, in at most {most} letters.").format(most=most)
        )


def _require_address(field: str, typed: str) -> None:
    _require_text(field, typed, LONGEST_URL)
    if not is_allowed(typed):
        told = _("{address} cannot be reached from here: it must begin with https:// and be on a public host.")
        remedy = _("For a platform in your own network, the operator names its host in MILEPOST_LTI_PRIVATE_HOSTS.")
        raise Refusal("not-reachable", field, told.format(address=origin_of(typed)), 400, remedy)


def _refuse(field: str, sentence: str) -> Refusal:
    return Refusal("invalid", field, sentence)
