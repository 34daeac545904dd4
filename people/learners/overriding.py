"""Sets a leader's word beside the machine's, and takes it back; says no in sentences, and then nothing was changed.

Whoever calls this has made sure that the leader may. What follows from a word is worked out by queries and standing.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.accounts.trail import name_account
from people.learners import queries, tasks, words
from people.learners.models import (
    SUPERSEDED,
    AuditLine,
    CheckAnswer,
    Enrolment,
    Judgement,
    Loan,
    Override,
    Run,
    RunState,
    Submission,
)
from people.learners.refusals import Refusal
from people.ringing import call_after_commit

LONGEST_REASON = 2000
PASSED, HELD, FAILED = Override.Outcome.PASSED, Override.Outcome.HELD, Override.Outcome.FAILED


def override(by: User, submission: Submission, check: str, outcome: str, reason: str) -> Override:
    """Let the submission's verdict, or with a name this check's answer, count as this, whatever the machine said.

    A verdict that passes by it has the reference stand in for the milestone in later runs, as a loan has.
    """
    run = _require_verdict(submission)
    machine = _find_answer(run, check).answer if check else run.outcome
    reason = _require_reason(reason)
    _refuse_outcome(check, machine, outcome)
    with transaction.atomic():
        # Two leaders at once: the later one sees what the earlier one said.
        Enrolment.objects.select_for_update().get(pk=submission.enrolment_id)
        if words.list_overrides(submission).filter(check_name=check, undone_at=None).exists():
            told = _("Somebody has overridden this already. Undo that first.")
            raise Refusal("overridden", "check" if check else "outcome", told, 409)
        said = Override.objects.create(
            submission=submission, check_name=check, outcome=outcome, machine=machine, reason=reason, by=by
        )
        _audit(run, by, "overrode", f"{check or submission.kind}: {machine} to {outcome}. {reason}")
        if outcome == PASSED:
            _stand_in(said)
    return said


def undo(by: User, said: Override) -> bool:
    """Let the machine's answer count again. What passed meanwhile keeps its pass. False: it was undone before."""
    with transaction.atomic():
        enrolment = Enrolment.objects.select_for_update().get(pk=said.submission.enrolment_id)
        undone = Override.objects.filter(pk=said.pk, undone_at=None).update(undone_by=by, undone_at=timezone.now())
        if undone:
            _audit(queries.newest_run(said.submission), by, "undid", f"{said.check_name or said.submission.kind}")
            _stand_in_no_longer(said, enrolment)
    return undone == 1


def mark_seen(submission: Submission) -> None:
    """Note that the learner has read what leaders said of it."""
    Override.objects.filter(submission=submission, seen_at=None).update(seen_at=timezone.now())


def _require_verdict(submission: Submission) -> Run:
    run = queries.latest_run(submission)
    if run.state != RunState.DONE or run.outcome == SUPERSEDED:
        told = _("This submission has no verdict that could be overridden.")
        raise Refusal("no-verdict", "submission", told, 409, _("Wait for it, or choose the one that was judged."))
    return run


def find_judged(run: Run) -> Judgement | None:
    """The judgement whose answers are shown and may be overridden: of the milestone that the chain ended at."""
    return next(reversed(run.judgements.all()), None)


def _find_answer(run: Run, check: str) -> CheckAnswer:
    judged = find_judged(run)
    answers = judged.answers.all() if judged else []
    found = next((answer for answer in answers if answer.name == check), None)
    if found is None:
        told = _("No check {check} was asked here; there are {known}.")
        known = ", ".join(answer.name for answer in answers) or _("none")
        raise Refusal("unknown-check", "check", told.format(check=repr(check[:80]), known=known))
    return found


def _require_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refusal("no-reason", "reason", _("Give the reason: the learner and whoever leads with you read it."))
    if len(reason) > LONGEST_REASON:
        told = _("The reason has {length} characters; at most {most} are taken.")
        raise Refusal("too-long", "reason", told.format(length=len(reason), most=LONGEST_REASON))
    return reason


def _refuse_outcome(check: str, machine: str, outcome: str) -> None:
    allowed = (HELD, FAILED) if check else (PASSED, FAILED)
    if outcome not in allowed:
        told = _("It can count as {known}.").format(known=" / ".join(allowed))
        raise Refusal("unknown-outcome", "outcome", told)
    if machine == outcome or (not check and machine == "broken" and outcome == FAILED):
        told = _("That is what the machine says already; there is nothing to override.")
        raise Refusal("same-outcome", "outcome", told, 409)


def _stand_in(said: Override) -> None:
    work = said.submission
    if work.kind == queries.milestone_kinds(work.enrolment.project_id)[-1]:
        return
    loan, is_new = Loan.objects.get_or_create(
        enrolment=work.enrolment, kind=work.kind, returned_at=None, defaults={"override": said}
    )
    if is_new:
        call_after_commit(tasks.make_loan, loan.pk)


def _stand_in_no_longer(said: Override, enrolment: Enrolment) -> None:
    loans = Loan.objects.filter(override=said, returned_at=None)
    others = words.list_words([enrolment.pk]).filter(submission__kind=said.submission.kind, outcome=PASSED)
    if other := others.last():
        loans.update(override=other)
    else:
        loans.update(returned_at=timezone.now())


def _audit(run: Run, by: User, verb: str, text: str) -> None:
    AuditLine.objects.create(actor=name_account(by), verb=verb, run=run, text=text)
