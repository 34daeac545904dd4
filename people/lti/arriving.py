"""Opens tickets: who comes from a platform becomes a person here, by their own word, and a member of the cohort.

An account is never found by its mail address or its name, which a platform may say as it likes: whoever registers a
platform would come in as anybody. It is found by the platform's own number of the person, and joined to an account that
existed before only by whoever is signed in to that.
"""

import re
import secrets
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Membership, Role
from people.cohorts.reservations import seat
from people.learners.refusals import Refusal
from people.lti.launching import digest_of
from people.lti.models import Identity, Launch

TIME_TO_OPEN: Final = timedelta(minutes=5)
TIME_TO_CHOOSE: Final = timedelta(minutes=30)


def open_ticket(ticket: str) -> Launch:
    """The launch that this ticket is of; it opens once. Raises Refusal."""
    now = timezone.now()
    mine = Launch.objects.filter(ticket=digest_of(ticket), platform__withdrawn_at=None)
    taken = mine.filter(opened_at=None, received_at__gt=now - TIME_TO_OPEN).update(opened_at=now)
    found = _with_all().filter(ticket=digest_of(ticket)).first() if taken else None
    if found is None:
        raise _too_late()
    return found


def access_opened(pk: int) -> Launch:
    """A launch whose ticket this browser has opened, and which nobody has entered by yet. Raises Refusal."""
    opened = _with_all().filter(pk=pk, entered_at=None, opened_at__gt=timezone.now() - TIME_TO_CHOOSE)
    found = opened.filter(platform__withdrawn_at=None).first()
    if found is None:
        raise _too_late()
    if found.platform.cohort.archived_at and not is_known(found):
        raise Refusal("archived", "ticket", _("This cohort is archived and takes nobody in."), 410)
    return found


def is_known(launch: Launch) -> bool:
    """Whether this person has said which account is theirs, and is in the cohort: then there is nothing to ask."""
    user = _whose(launch).user
    return user is not None and Membership.objects.filter(cohort=launch.platform.cohort_id, user=user).exists()


def begin_account(launch: Launch) -> User:
    """A new account for whoever comes: it has no password and no mail address, and is entered from the platform."""
    with transaction.atomic():
        name = _whose(launch).name
        user = User.objects.create_user(username=_invent_username(name), first_name=name)
        _join(_whose(launch), user)
    return user


def join_account(launch: Launch, user: User) -> User:
    """From now on whoever comes as this launch's person comes in as this user, who is signed in and has said so."""
    try:
        with transaction.atomic():
            _require_plain(user)
            _join(_whose(launch), user)
    except IntegrityError as taken:
        told = _("Your account belongs to somebody else in that course already.")
        raise Refusal("taken", "account", told, 409, _("Go on with a new account.")) from taken
    return user


def enter(launch: Launch, user: User) -> Membership | None:
    """Let them in, once: a learner becomes a member; an instructor leads only where the registration says so."""
    _require_plain(user)
    with transaction.atomic():
        if not Launch.objects.filter(pk=launch.pk, entered_at=None).update(entered_at=timezone.now()):
            raise _too_late()
        cohort, role = launch.platform.cohort, Role(launch.role)
        part = Membership.objects.filter(cohort=cohort, user=user).first()
        if part or not (role == Role.LEARNER or launch.platform.instructors_lead):
            return part
        part, is_new = Membership.objects.get_or_create(cohort=cohort, user=user, defaults={"role": role})
        if is_new:
            note(cohort, user, "joined", user, text=f"{launch.platform.issuer}: {role}")
            seat(part)
    return part


def part(user: User, pk: int) -> None:
    """From now on nobody comes in as this user from there, until they join it again. Twice is no harm."""
    if not user.has_usable_password():
        told = _("This account is entered from your course only, and has no password.")
        raise Refusal("no-password", "account", told, 409, _("Set a password first, so that you can still sign in."))
    Identity.objects.filter(pk=pk, user=user).update(user=None)


def _require_plain(user: User) -> None:
    """What a platform can enter is no more than a learner's or a leader's account."""
    if user.is_staff or user.is_superuser or not user.is_active:
        told = _("This account cannot be entered from a learning platform.")
        raise Refusal("not-allowed", "account", told, 403, _("Go on with an account that administers nothing here."))


def _with_all() -> QuerySet[Launch]:
    return Launch.objects.select_related("platform__cohort", "identity__user", "placement")


def _whose(launch: Launch) -> Identity:
    if launch.identity is None:
        raise _too_late()
    return launch.identity


def _join(identity: Identity, user: User) -> None:
    """Only while it is nobody's: two tabs of one launch make no two accounts."""
    if not Identity.objects.filter(pk=identity.pk, user=None).update(user=user):
        raise _too_late()
    identity.user = user


def _invent_username(name: str) -> str:
    """Readable, and nobody's yet: the name of an account that exists says nothing about who comes."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "learner"
    return f"{stem}-{secrets.token_hex(3)}"


def _too_late() -> Refusal:
    told = _("This way in has been used, or is too old.")
    return Refusal("used-up", "ticket", told, 410, _("Open the link in your course once more."))
