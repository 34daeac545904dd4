"""Dead letters: writes down the tasks that failed for good, and what operators do about them."""

import json
import logging
from collections.abc import Iterable
from typing import Any, Final

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.learners.refusals import Refusal
from people.operators.masking import mask
from people.operators.models import DeadLetter
from people.ringing import call

log = logging.getLogger(__name__)

LONGEST_ERROR: Final = 500
RING, DISMISS = "ring", "dismiss"


def note_letter(task: str, arguments: Iterable[Any], fault: DeadLetter.Fault, error: str) -> None:
    """One more of these: into the open row of its equals, or a new one."""
    given = [one for one in arguments if isinstance(one, int)]
    key = {"task": task, "asked": _as_text(given), "fault": fault, "closed_at": None}
    told, now = mask(error)[:LONGEST_ERROR], timezone.now()

    def add_to_open() -> int:
        return DeadLetter.objects.filter(**key).update(count=F("count") + 1, last_at=now, error=told)

    if not add_to_open():
        try:
            with transaction.atomic():
                DeadLetter.objects.create(**key, arguments=given, error=told, first_at=now, last_at=now)
        except IntegrityError:  # somebody else wrote down the first of them in this moment
            add_to_open()


def close_healed(task: str, arguments: Iterable[Any]) -> None:
    """A task that succeeds after all needs nobody any more. That a worker was lost by it stays to be looked at."""
    asked = _as_text([one for one in arguments if isinstance(one, int)])
    open_letters = DeadLetter.objects.filter(task=task, asked=asked, closed_at=None)
    open_letters.exclude(fault=DeadLetter.Fault.LOST).update(closed_at=timezone.now())


def close_letter(user: User, pk: int, deed: str) -> DeadLetter:
    """Ring for a dead letter's task again, or dismiss it. Closed once, by one: who comes second is told so."""
    if deed not in (RING, DISMISS):
        raise Refusal("invalid", "deed", _("Say what to do: ring or dismiss."))
    letter = DeadLetter.objects.filter(pk=pk).first()
    if letter is None:
        raise Refusal("not-found", "letter", _("There is no such dead letter."), 404)
    told = {"closed_at": timezone.now(), "closed_by": user, "rung": deed == RING}
    if not DeadLetter.objects.filter(pk=pk, closed_at=None).update(**told):
        raise Refusal("closed", "letter", _("Somebody has dealt with this one already."), 409)
    if deed == RING:
        _ring(letter)
    letter.refresh_from_db()
    log.info("dead letter %s (%s): %s by user %s", pk, letter, deed, user.pk)
    return letter


def _ring(letter: DeadLetter) -> None:
    """Or leave it open, where nobody can be rung for."""
    if not call(current_app.signature(letter.task), *letter.arguments):
        DeadLetter.objects.filter(pk=letter.pk).update(closed_at=None, closed_by=None, rung=False)
        sentence = _("The broker does not answer, so nobody could be rung for. Try again when it does.")
        raise Refusal("no-broker", "deed", sentence, 503)


def _as_text(arguments: list[int]) -> str:
    return json.dumps(arguments)
