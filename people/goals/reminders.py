"""Reminds those who asked for it of a goal that they have not reached yet: by mail, and once a week at most."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from people.accounts.languages import language_of
from people.goals.models import Goal
from people.goals.queries import Progress, measure

log = logging.getLogger(__name__)

# Late enough to know how the week goes, early enough to do something about it.
THURSDAY, EVENING = 3, 17
SIGNER = Signer(salt="people.goals.reminders")


def remind_all(now: datetime) -> int:
    """Send what is due; says how many."""
    sent = 0
    for progress in list_behind(now):
        if claim(progress):
            with translation.override(language_of(progress.goal.user)):
                send(progress)
            sent += 1
    return sent


def list_behind(now: datetime) -> Iterator[Progress]:
    """Those who want to be reminded, have come to Thursday evening and not to their goal."""
    wanted = Goal.objects.filter(reminds=True, user__is_active=True).exclude(user__email="")
    for goal in wanted.select_related("user").iterator():
        progress = measure(goal, now)
        is_new = goal.reminded_week != progress.week.monday
        if is_new and now >= progress.week.at(THURSDAY, EVENING) and not progress.is_reached:
            yield progress


def claim(progress: Progress) -> bool:
    """Whether this mail is ours to send. Noted before it is sent: a mail may be lost, and never comes twice."""
    monday = progress.week.monday
    unsent = Q(reminded_week__isnull=True) | ~Q(reminded_week=monday)
    return Goal.objects.filter(unsent, pk=progress.goal.pk, reminds=True).update(reminded_week=monday) == 1


def send(progress: Progress) -> None:
    user = progress.goal.user
    stop = settings.MILEPOST_ADDRESS + reverse("frontend:stop_reminders", args=[SIGNER.sign(str(user.pk))])
    words = {"progress": progress, "name": str(user), "start": settings.MILEPOST_ADDRESS + "/", "stop": stop}
    subject = _("Your week on Milepost: %(done)s of %(number)s") % {
        "done": progress.done,
        "number": progress.goal.number,
    }
    # One click in a mail program, as RFC 8058 has it.
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = EmailMessage(subject, render_to_string("mail/reminder.txt", words), to=[user.email], headers=headers)
    try:
        mail.send()
    except OSError:  # of which every fault of SMTP is one
        log.exception("the reminder of user %s was not sent", user.pk)


def stop(token: str) -> bool:
    """Turn off the reminders that this link is of; False where nobody of ours has signed it."""
    if not is_ours(token):
        return False
    Goal.objects.filter(user=int(SIGNER.unsign(token))).update(reminds=False)
    return True


def is_ours(token: str) -> bool:
    try:
        return bool(SIGNER.unsign(token))
    except BadSignature:
        return False
