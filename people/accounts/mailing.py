"""The mails that people have asked for: who wants which, to which address, and how each is stopped by one click."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people.accounts.models import User

log = logging.getLogger(__name__)

SIGNER = Signer(salt="people.accounts.mailing")


class Mailing(models.TextChoices):
    VERDICTS = "verdicts", _("verdicts")
    DIGEST = "digest", _("digests of your cohorts")

    @property
    def field(self) -> str:
        """Where it is kept since when somebody wants it."""
        return {"verdicts": "verdict_mails_since", "digest": "digest_mails_since"}[self.value]


def choose_mails(user: User, wanted: Collection[str], now: datetime) -> None:
    """Send this user these mails from now on, and no others. What is wanted already is wanted since it was chosen."""
    for mailing in Mailing:
        since = getattr(user, mailing.field) if mailing.value in wanted else None
        setattr(user, mailing.field, since or (now if mailing.value in wanted else None))
    user.save(update_fields=[mailing.field for mailing in Mailing])


def list_wanted(user: User) -> list[Mailing]:
    return [mailing for mailing in Mailing if getattr(user, mailing.field)]


def list_readers(mailing: Mailing) -> QuerySet[User]:
    """Those who want it and have confirmed an address of theirs."""
    confirmed = EmailAddress.objects.filter(verified=True).values("user")
    return User.objects.filter(Q(**{f"{mailing.field}__isnull": False}), is_active=True, pk__in=confirmed)


def find_address(user: User) -> str:
    """The confirmed address to write to, the primary one if it is; empty without any."""
    found = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk").first()
    return found.email if found else ""


def send(user: User, mailing: Mailing, subject: str, template: str, words: Mapping[str, Any]) -> None:
    """Write to this user, in the language that is spoken just now."""
    stop = settings.MILEPOST_ADDRESS + reverse("frontend:stop_mails", args=[sign(user, mailing)])
    text = render_to_string(template, {**words, "name": str(user), "stop": stop})
    # One click in a mail program, as RFC 8058 has it.
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    # What people call themselves and their cohorts may stand in a subject, which is one line.
    mail = EmailMessage(" ".join(subject.split()), text, to=[find_address(user)], headers=headers)
    post(mail, f"the {mailing.value} mail of user {user.pk}")


def post(mail: EmailMessage, called: str) -> None:
    """A mail may be lost; nobody fails over it."""
    try:
        mail.send()
    except OSError:  # of which every fault of SMTP is one
        log.exception("%s was not sent", called)


def sign(user: User, mailing: Mailing) -> str:
    return SIGNER.sign(f"{mailing.value}-{user.pk}")


def read_link(token: str) -> tuple[Mailing, int] | None:
    """Which mailing, to whose account, a link is of; None where nobody of ours has signed it."""
    try:
        mailing, _dash, pk = SIGNER.unsign(token).partition("-")
    except BadSignature:
        return None
    return Mailing(mailing), int(pk)


def stop_mails(mailing: Mailing, pk: int) -> None:
    User.objects.filter(pk=pk).update(**{mailing.field: None})
