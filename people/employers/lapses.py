"""Revokes what stands on nothing any more: found and not announced, and never before its learner was told.

Learners' code knows of no credential. A regrade, a leader's word and a level that fell are noticed alike, and so is
their end: what is back before the date stays.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from people.accounts.languages import language_of
from people.accounts.mailing import Mailing, list_readers, send
from people.accounts.models import User
from people.accounts.zones import zone_of
from people.employers.claiming import revoke
from people.employers.grounds import GONE, SUSPENDED, judge_ground, read_grounds
from people.employers.models import Credential, Reason


def look_after(now: datetime) -> int:
    """Look at all credentials that stand; says to how many something was done."""
    holders = User.objects.filter(credentials__revoked_at=None, credentials__isnull=False).distinct()
    return sum(look_after_one(user, now) for user in holders.iterator())


def look_after_one(user: User, now: datetime) -> int:
    grounds, changed = read_grounds(user), 0
    for credential in Credential.objects.filter(user=user, revoked_at=None).select_related("user", "status_list"):
        changed += _follow(credential, judge_ground(credential, grounds), now)
    return changed


def _follow(credential: Credential, state: str, now: datetime) -> bool:
    if credential.suspended != (state == SUSPENDED):
        Credential.objects.filter(pk=credential.pk).update(suspended=state == SUSPENDED)
    if state != GONE:
        return credential.noticed_at is not None and _take_back(credential)
    if credential.revokes_at is None:
        return _give_notice(credential, now)
    if credential.revokes_at <= now:
        revoke(credential, Reason.GROUND_GONE, now)
        return True
    return False


def _give_notice(credential: Credential, now: datetime) -> bool:
    ends = now + timedelta(days=settings.MILEPOST_REVOCATION_GRACE_DAYS)
    # Written down before it is mailed: a mail may be lost, and never comes twice.
    told = Credential.objects.filter(pk=credential.pk, noticed_at=None)
    if not told.update(noticed_at=now, revokes_at=ends):
        return False
    credential.revokes_at = ends
    user = credential.user
    if list_readers(Mailing.VERDICTS).filter(pk=user.pk).exists():
        with translation.override(language_of(user)), timezone.override(zone_of(user)):
            _write(user, credential)
    return True


def _write(user: User, credential: Credential) -> None:
    subject = _("To be revoked: {credential}").format(credential=credential.title)
    page = settings.MILEPOST_ADDRESS + reverse("frontend:credentials")
    send(user, Mailing.VERDICTS, subject, "mail/revocation.txt", {"credential": credential, "page": page})


def _take_back(credential: Credential) -> bool:
    return bool(Credential.objects.filter(pk=credential.pk).update(noticed_at=None, revokes_at=None))


def list_noticed(user: User) -> QuerySet[Credential]:
    """What of this user's will be revoked, the soonest first."""
    return Credential.objects.filter(user=user, revoked_at=None, noticed_at__isnull=False).order_by("revokes_at", "pk")
