"""Helps a learner on: opens hints and the reference, lends a milestone and takes it back; writes who was allowed what.

Everything taken is a row that the evidence is read with. Says no in sentences, and then nothing was changed.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from curriculum.hints import read_hints
from curriculum.models import Milestone
from people.accounts.models import User
from people.learners import intake, queries, tasks
from people.learners.aid import CheckHints
from people.learners.models import Enrolment, Help, Loan, Permit
from people.learners.refusals import Refusal
from people.learners.standing import read_standing
from people.ringing import call_after_commit


def open_hint(enrolment: Enrolment, milestone: Milestone, check: str, tier: int) -> None:
    """Open the hints of a check one at a time, in their order; what is open stays open, so asking twice is no harm."""
    intake.refuse_closed(enrolment, milestone.kind)
    tiers = read_hints(milestone.hints).get(check, [])
    if not tiers:
        raise Refusal("unknown-check", "check", gettext("No check of that name has hints here."), 404)
    opened = queries.opened_hints(enrolment, milestone.kind).get(check, 0)
    if not 1 <= tier <= len(tiers):
        told = gettext("This check has hints 1 to %(all)d, and no hint %(tier)d.") % {"all": len(tiers), "tier": tier}
        raise Refusal("unknown-hint", "tier", told, 404)
    if tier > opened + 1:
        told = gettext("Hint %(next)d comes before hint %(tier)d; open that one first.")
        raise Refusal("out-of-order", "tier", told % {"next": opened + 1, "tier": tier}, 409)
    _note(enrolment, milestone.kind, Help.What.HINT, check, tier)


def read_check_hints(milestone: Milestone, enrolment: Enrolment) -> list[CheckHints]:
    """Each check that has hints, in the order of asking, with those that this learner has opened."""
    tiers = read_hints(milestone.hints)
    opened = queries.opened_hints(enrolment, milestone.kind)
    return [
        CheckHints(
            check=one["name"],
            question=one["question"],
            opened=tuple(tiers[one["name"]][: opened.get(one["name"], 0)]),
            all=len(tiers[one["name"]]),
        )
        for one in milestone.questions
        if tiers.get(one["name"])
    ]


def may_take_reference(enrolment: Enrolment, kind: str) -> bool:
    """Whether an instructor lets this learner read the reference before their own pass, and they have not yet."""
    is_early = queries.newest_pass(enrolment, kind) is None and not queries.has_read_reference(enrolment, kind)
    return is_early and Permit.What.REFERENCE in queries.permits_of(enrolment, kind)


def open_reference(enrolment: Enrolment, kind: str) -> None:
    """Note that a learner reads the reference before their own pass, where an instructor allows it."""
    intake.refuse_closed(enrolment, kind)
    if may_take_reference(enrolment, kind):
        _note(enrolment, kind, Help.What.REFERENCE)


def _note(enrolment: Enrolment, kind: str, what: str, check: str = "", tier: int = 0) -> None:
    # Two clicks at once: the second finds what the first made.
    Help.objects.get_or_create(enrolment=enrolment, kind=kind, what=what, check_name=check, tier=tier)


def lend(enrolment: Enrolment, kind: str) -> Loan:
    """Let the reference do this milestone until the learner passes it; asking twice is no harm."""
    refuse_loan(enrolment, kind)
    with transaction.atomic():
        loan, is_new = Loan.objects.get_or_create(enrolment=enrolment, kind=kind, returned_at=None)
        if is_new:
            call_after_commit(tasks.make_loan, loan.pk)
    return loan


def lend_before(enrolment: Enrolment, kinds: Iterable[str]) -> None:
    """Let the reference do these from the beginning, for somebody who is assessed in what comes after them."""
    for kind in kinds:
        loan = Loan.objects.create(enrolment=enrolment, kind=kind)
        call_after_commit(tasks.make_loan, loan.pk)


def refuse_loan(enrolment: Enrolment, kind: str) -> None:
    """Say why this milestone cannot be lent, if it cannot."""
    intake.refuse_closed(enrolment, kind)
    kinds = queries.milestone_kinds(enrolment.project_id)
    standing = read_standing(enrolment, kinds, kind)
    if standing.passed_at and standing.word:
        told = gettext("%(kind)s counts as passed, and the reference stands in for it already.") % {"kind": kind}
        raise Refusal("passed", "milestone", told, 409)
    if standing.passed_at:
        told = gettext("Your own %(kind)s has passed, so there is nothing to lend.") % {"kind": kind}
        raise Refusal("passed", "milestone", told, 409)
    if kind == kinds[-1]:
        told = gettext("Nothing builds on %(kind)s, so going on without it leads nowhere.") % {"kind": kind}
        raise Refusal("last", "milestone", told, 409)
    missing = settings.MILEPOST_TRIES_BEFORE_LOAN - standing.wrong_tries
    if missing > 0 and not standing.is_lent and Permit.What.LOAN not in queries.permits_of(enrolment, kind):
        told = gettext("%(kind)s can be lent after %(all)d different tries that did not pass: %(missing)d to go.")
        told = told % {"kind": kind, "all": settings.MILEPOST_TRIES_BEFORE_LOAN, "missing": missing}
        raise Refusal("too-early", "milestone", told, 409, gettext("An instructor may allow it sooner."))


def take_back(enrolment: Enrolment, kind: str) -> None:
    """End a loan while nothing has passed on it; without one, there is nothing to do."""
    loan = queries.find_loan(enrolment, kind)
    if loan is None:
        return
    if enrolment.occasion:
        told = gettext("You are being assessed, and what is lent to you stays so.")
        raise Refusal("assessed", "milestone", told, 409)
    if kind in queries.passed_kinds(enrolment) & queries.lent_kinds(enrolment):
        told = gettext("%(kind)s counts as passed by an instructor's word, and that is why it is lent.")
        remedy = gettext("Hand in work of your own for %(kind)s: when it passes, it takes the place of what is lent.")
        raise Refusal("overridden", "milestone", told % {"kind": kind}, 409, remedy % {"kind": kind})
    if later := queries.passed_on_loan(loan):
        told = gettext("Your %(later)s has passed on the %(kind)s that is lent to you, so it cannot be given back.")
        remedy = gettext("Hand in work of your own for %(kind)s: when it passes, it takes the place of what is lent.")
        words = {"kind": kind, "later": later}
        raise Refusal("built-on", "milestone", told % words, 409, remedy % words)
    if now := queries.judged_on_loan(loan):
        told = gettext("Your %(kind)s is being judged, on what is lent to you.") % {"kind": now}
        raise Refusal("being-judged", "milestone", told, 409, gettext("Give it back when the verdict is there."))
    Loan.objects.filter(pk=loan.pk).update(returned_at=timezone.now())


def permit(by: User, learners: list[User], slug: str, kind: str, what: str) -> None:
    """Let these learners do this before its time."""
    asked = [Permit(user=learner, slug=slug, kind=kind, what=what, by=by) for learner in learners]
    Permit.objects.bulk_create(asked, ignore_conflicts=True)


def withdraw(learners: list[User], slug: str, kind: str, what: str) -> None:
    """Let them no longer; what they have taken meanwhile stays in their evidence."""
    Permit.objects.filter(user__in=learners, slug=slug, kind=kind, what=what).delete()
