"""Writes to learners who want it what a run concluded: once for each run, and never of a shadow."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from people.accounts.languages import language_of
from people.accounts.mailing import Mailing, list_readers, send
from people.accounts.models import User
from people.accounts.zones import zone_of
from people.learners.models import DROPPED, SUPERSEDED, Run, RunState, Share, VerdictMail
from people.learners.retelling import retell

# What is older is no news: after a day without workers nobody gets a heap of mails.
NEWS = timedelta(days=1)
SUBJECTS = {
    "passed": pgettext_lazy("subject of a mail", "Passed: {kind} of {project}"),
    "failed": pgettext_lazy("subject of a mail", "Not passed yet: {kind} of {project}"),
    "broken": pgettext_lazy("subject of a mail", "It did not run: {kind} of {project}"),
}


def mail_verdicts(now: datetime) -> int:
    """Write of every run that has concluded since; says how many mails that were."""
    sent = 0
    busy = Share.objects.filter(left_at=None, enrolment__submissions__runs__finished_at__gte=now - NEWS)
    for user in list_readers(Mailing.VERDICTS).filter(pk__in=busy.values("user")):
        for run in list_news(user, now):
            # Noted before it is sent: a mail may be lost, and never comes twice.
            _mail, is_ours = VerdictMail.objects.get_or_create(run=run, user=user)
            if is_ours:
                with translation.override(language_of(user)), timezone.override(zone_of(user)):
                    write(user, run)
                sent += 1
    return sent


def list_news(user: User, now: datetime) -> Iterator[Run]:
    """The runs of this user's enrolments that have concluded since they wanted mails, and that no mail was about."""
    since = max(now - NEWS, user.verdict_mails_since or now)
    mine = {"submission__enrolment__shares__user": user, "submission__enrolment__shares__left_at": None}
    runs = Run.objects.filter(**mine, state=RunState.DONE, finished_at__gte=since)
    mailed = VerdictMail.objects.filter(run=OuterRef("pk"), user=user)
    fresh = runs.exclude(outcome__in=[SUPERSEDED, DROPPED]).filter(~Exists(mailed))
    yield from fresh.select_related("submission__enrolment__project").order_by(F("finished_at"), "pk")


def write(user: User, run: Run) -> None:
    submission, project = run.submission, run.submission.enrolment.project
    subject = str(SUBJECTS.get(run.outcome) or _("Not judged, which is our fault: {kind} of {project}"))
    words = {
        "run": run,
        "number": submission.number,
        "kind": submission.kind,
        "project": project.title,
        "sentence": retell(run.sentence),
        "page": settings.MILEPOST_ADDRESS + reverse("frontend:submission", args=[submission.pk]),
    }
    send(user, Mailing.VERDICTS, subject.format(**words), "mail/verdict.txt", words)
