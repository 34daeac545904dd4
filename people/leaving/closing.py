"""Closes an account for good: all that is about its person goes, or, if they let us, their work stays without a name.

What others rest on stays with them: a team's work, a verdict that somebody gave, a line of a diary.
"""

import secrets
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from people.accounts import trail
from people.accounts.languages import language_of
from people.accounts.mailing import find_address, post
from people.accounts.models import User
from people.cohorts import leaders
from people.cohorts.models import Role
from people.employers import claiming, consenting, disclosing, posts
from people.employers.following import announce_ended
from people.learners import repositories, sharing
from people.learners.models import Run, RunState
from people.learners.refusals import Refusal

# Work, and what it hangs on: all else that is somebody's own goes in any case.
KEPT: Final = frozenset(
    {
        "learners.Enrolment",
        "learners.Share",
        "learners.Contribution",
        "cohorts.Membership",
        "employers.Credential",
        "employers.Invite",
    }
)


def list_obstacles(user: User) -> list[str]:
    """What has to be done before; each in a sentence."""
    cohort = _("The cohort {title} would have no owner. Appoint another one there first.")
    employer = _("The employer {title} would have no owner. Make somebody else one there first.")
    return [
        *(cohort.format(title=one.title) for one in leaders.list_owned_alone(user)),
        *(employer.format(title=one.title) for one in posts.list_owned_alone(user)),
    ]


def close(user: User, keeps_work: bool) -> None:
    """There is no way back. Raises Refusal where a cohort or an employer would be left without an owner."""
    with transaction.atomic():
        person, address = User.objects.select_for_update().get(pk=user.pk), find_address(user)
        if obstacles := list_obstacles(person):
            raise Refusal("last-owner", "account", " ".join(obstacles), 409)
        trail.note(person, "closed the account", "and let the work stay" if keeps_work else "and all that was theirs")
        _take_back(person, keeps_work)
        sharing.hand_on(person)
        keys = list(person.enrolments.values_list("key", flat=True))
        _forget_in_log(person)
        if keeps_work:
            _unname(person)
        else:
            _erase(person)
        # Not before: where the rows come back, the commits must be there.
        transaction.on_commit(partial(_discard, keys))
        transaction.on_commit(partial(_say_goodbye, address, language_of(user), keeps_work))


def _take_back(person: User, keeps_work: bool) -> None:
    """As they could themselves, so that whoever was told of it is told that it is over."""
    disclosing.revoke_all(person)
    claiming.withdraw_all(person, only_named=keeps_work)
    if not keeps_work:
        consenting.withdraw_all(person)
    announce_ended(timezone.now())


def _forget_in_log(person: User) -> None:
    """The admin's own log calls whatever was changed there by its name."""
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
    about.update(object_repr=trail.name_account(person))


def _erase(person: User) -> None:
    # Runs first: a worker that writes a verdict down just now holds its run, and waits for the enrolment's row.
    Run.every.filter(submission__enrolment__user=person).exclude(state=RunState.DONE).delete()
    person.delete()


def _unname(person: User) -> None:
    """Leave a row that nobody can sign in by, under a name that says nothing."""
    for relation in list_own(KEPT):
        relation.related_model._base_manager.filter(**{relation.field.name: person}).delete()
    person.memberships.exclude(role=Role.LEARNER).delete()
    fresh = User(pk=person.pk, username=_choose_name(person), is_active=False, date_joined=person.date_joined)
    fresh.set_unusable_password()
    fresh.save(force_update=True)


def list_own(but: Collection[str]) -> list[Any]:
    """The relations by which rows are somebody's own, and would go with them; without these models."""
    fields: list[Any] = User._meta.get_fields(include_hidden=True)
    relations = [one for one in fields if one.auto_created and (one.one_to_many or one.one_to_one)]
    own = [one for one in relations if one.on_delete is models.CASCADE]
    return [one for one in own if one.related_model._meta.label not in but]


def _choose_name(person: User) -> str:
    name = f"closed-{person.pk}"
    return f"{name}-{secrets.token_hex(3)}" if User.objects.filter(username__iexact=name).exists() else name


def _discard(keys: Iterable[UUID]) -> None:
    for key in keys:
        repositories.discard(key)


def _say_goodbye(address: str, language: str, keeps_work: bool) -> None:
    """To whoever could read it before: if it was not them, they learn of it."""
    if not address:
        return
    with translation.override(language):
        text = render_to_string("mail/closed.txt", {"keeps_work": keeps_work})
        post(EmailMessage(_("Your account is closed"), text, to=[address]), "the last mail of a closed account")
