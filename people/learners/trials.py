"""Tries another edition on what was handed in, and moves enrolments over to it.

Until somebody moves, a trial changes nothing of anybody's record; and moving takes no pass away.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Project
from people.accounts.models import User
from people.accounts.trail import name_account
from people.learners import ledger, queries, repositories, tasks
from people.learners.draws import next_draw
from people.learners.facilities import store
from people.learners.models import Enrolment, Loan, Trial, Tried
from people.learners.refusals import Refusal
from people.ringing import call_after_commit


def begin_trial(
    edition: Project, enrolments: Sequence[Enrolment], asked_by: User, policy: str = Trial.Policy.PASSED
) -> Trial:
    """Have this edition judge in the background what these enrolments handed in before. The runs are shadows."""
    kinds = queries.milestone_kinds(edition.pk)
    with transaction.atomic():
        trial = Trial.objects.create(edition=edition, policy=policy, asked_by=asked_by)
        tried = {e.pk: Tried.objects.create(trial=trial, enrolment=e, before=e.project) for e in enrolments}
        runs = [run for run in queries.runs_to_try(enrolments, policy) if run.submission.kind in kinds]
        shadows = [ledger.enqueue_shadow(tried[r.submission.enrolment_id], r, name_account(asked_by)) for r in runs]
        # The sweep calls for the others.
        for shadow in shadows[: ledger.SHADOWS_AT_A_TIME]:
            call_after_commit(tasks.grade_this, shadow.pk)
    return trial


def try_edition(enrolment: Enrolment) -> None:
    """Begin the learner's own trial of the current edition; one that is being judged goes on, and is enough.

    Raises Refusal when they are in the current edition, or their data do not exist in it.
    """
    edition = require_other(enrolment)
    tried = queries.find_tried(enrolment, edition)
    if tried is None or not queries.unjudged_trials([tried]):
        _begin_own(enrolment, edition)


def drop_trial(enrolment: Enrolment) -> None:
    """Let the learner's own trial go; twice is no harm."""
    for tried in queries.own_trials([enrolment]):
        drop(tried, enrolment.user)


def move_over(enrolment: Enrolment) -> None:
    """Move the learner to the edition that they tried. Raises Refusal while they do not know what it says."""
    edition = require_other(enrolment)
    tried = queries.find_tried(enrolment, edition)
    if tried is None and queries.runs_to_try([enrolment], Trial.Policy.PASSED):
        sentence = _("Edition {number} has not judged your work yet.").format(number=edition.number)
        raise Refusal("not-tried", "edition", sentence, 409, _("Try it first: that changes nothing."))
    tried = tried or _begin_own(enrolment, edition)
    if queries.unjudged_trials([tried]):
        sentence = _("Edition {number} is still judging your work.").format(number=edition.number)
        raise Refusal("still-judged", "edition", sentence, 409, _("Move over when it is done."))
    move(tried, enrolment.user)


def take_note(enrolment: Enrolment) -> None:
    """The learner has read that somebody else moved them."""
    queries.unread_moves(enrolment).update(noted_at=timezone.now())


def drop(tried: Tried, actor: User) -> None:
    """End one enrolment's part of a trial; what still waits is not judged any more."""
    with transaction.atomic():
        if _close(tried, dropped_at=timezone.now()):
            ledger.drop_shadows(tried, name_account(actor))


def move(tried: Tried, actor: User) -> bool:
    """Move one enrolment to the trial's edition: what passed in it counts from now on; the rest keeps its old pass.

    False: it was moved or dropped already, or is no longer in the edition that the trial began from.
    """
    offer_starter(tried)
    return change_edition(tried, actor)


def offer_starter(tried: Tried) -> None:
    """A starter that changed becomes a branch of the learner's repository; what is theirs is not touched.

    To be done before `change_edition` locks rows: whoever hands in holds the repository first, and then the enrolment.
    """
    enrolment, edition = tried.enrolment, tried.trial.edition
    if enrolment.project.starter == edition.starter:
        return
    if repository := repositories.find_repository(enrolment):
        files = {entry.path: store().read(edition.starter, entry.path) for entry in store().entries(edition.starter)}
        with repositories.hold(repository):
            repositories.offer_branch(repository, branch_of(edition), files, f"Starter of {edition}")


def change_edition(tried: Tried, actor: User) -> bool:
    """The rows' part of moving, in one transaction."""
    enrolment, edition = tried.enrolment, tried.trial.edition
    with transaction.atomic():
        is_there = _lock(enrolment).project_id == tried.before_id
        if not is_there or not _close(tried, moved_at=timezone.now()):
            return False
        Enrolment.objects.filter(pk=enrolment.pk).update(project=edition)
        _lend_anew(enrolment, edition)
        ledger.adopt_shadows(tried, name_account(actor))
        draw = next_draw(len(queries.passed_kinds(enrolment)))
        call_after_commit(tasks.make_worlds, enrolment.pk, draw)
        return True


def require_other(enrolment: Enrolment) -> Project:
    """The edition that this enrolment could move to. Raises Refusal where there is none."""
    edition = queries.find_other_edition(enrolment)
    if edition is None:
        sentence = _("You are in the current edition of {title}; there is no other to try.")
        raise Refusal("no-other-edition", "edition", sentence.format(title=enrolment.project.title), 409)
    return edition


def branch_of(edition: Project) -> str:
    """The branch by which an edition's starter is offered in a learner's repository."""
    return f"edition-{edition.number}"


def _begin_own(enrolment: Enrolment, edition: Project) -> Tried:
    if enrolment.domain not in edition.domains:
        sentence = _("Edition {number} has no data told as “{domain}” any more, so you cannot move to it.")
        sentence = sentence.format(number=edition.number, domain=enrolment.domain)
        raise Refusal("domain-gone", "edition", sentence, 409, _("You can finish the edition that you are in."))
    with transaction.atomic():
        _lock(enrolment)
        drop_trial(enrolment)
        return begin_trial(edition, [enrolment], enrolment.user).tried.get()


def _lock(enrolment: Enrolment) -> Enrolment:
    # Two clicks at once: the later one sees what the earlier one did.
    return Enrolment.objects.select_for_update().get(pk=enrolment.pk)


def _lend_anew(enrolment: Enrolment, edition: Project) -> None:
    """What was lent is this edition's from now on, made again when it is next asked for; what it has not, ends."""
    lent = Loan.objects.filter(enrolment=enrolment, returned_at=None)
    lent.exclude(kind__in=queries.milestone_kinds(edition.pk)).update(returned_at=timezone.now())
    lent.update(artefact="")


def _close(tried: Tried, **closing: datetime) -> bool:
    """Whether this closed it; of two who close it at once, one does."""
    return Tried.objects.filter(pk=tried.pk, moved_at=None, dropped_at=None).update(**closing) == 1
