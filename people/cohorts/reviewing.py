"""Says something about a learner's work, in a comment on a line or by an override. Whoever calls has authorised.

What leaders do is in the cohort's diary; a learner's answer is not.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Comment, Membership
from people.learners import overriding
from people.learners.facilities import store
from people.learners.models import Override, Submission
from people.learners.refusals import Refusal
from people.learners.trees import shown

LONGEST_COMMENT = 4000
MOST_ANSWERS = 100


def comment(leader: Membership, submission: Submission, path: str, line: int | None, text: str) -> Comment:
    """Begin a thread about this line of a file, as it was handed in."""
    text = _require_text(text)
    line = _require_line(submission, path, line)
    with transaction.atomic():
        said = Comment.objects.create(
            cohort=leader.cohort, submission=submission, path=path, line=line, author=leader.user, text=text
        )
        _note(leader, said, "commented")
    return said


def answer(author: User, thread: Comment, text: str) -> Comment:
    """Answer in a thread, resolved or not: a learner in those about their own work, and who leads in any they see."""
    text = _require_text(text)
    if thread.answers.count() >= MOST_ANSWERS:
        told = _("This thread has {most} answers, and takes no more.").format(most=MOST_ANSWERS)
        raise Refusal("too-many-answers", "text", told, 409, _("Go on in a thread of its own, or talk."))
    return Comment.objects.create(
        cohort=thread.cohort,
        submission=thread.submission,
        parent=thread,
        path=thread.path,
        line=thread.line,
        author=author,
        text=text,
    )


def answer_as_leader(leader: Membership, thread: Comment, text: str) -> Comment:
    with transaction.atomic():
        said = answer(leader.user, thread, text)
        _note(leader, thread, "answered")
    return said


def resolve(leader: Membership, thread: Comment) -> None:
    """Nothing is left to do about it; twice is no harm."""
    _settle(leader, thread, "resolved", resolved_at=timezone.now(), resolved_by=leader.user)


def reopen(leader: Membership, thread: Comment) -> None:
    _settle(leader, thread, "reopened", resolved_at=None, resolved_by=None)


def mark_read(submission: Submission) -> None:
    """Note that the learner has read all that was said of this submission."""
    Comment.objects.filter(submission=submission, seen_at=None).update(seen_at=timezone.now())
    overriding.mark_seen(submission)


def override(leader: Membership, submission: Submission, check: str, outcome: str, reason: str) -> Override:
    """Set this leader's word beside the machine's."""
    with transaction.atomic():
        said = overriding.override(leader.user, submission, check, outcome, reason)
        told = f"{check or 'verdict'} of submission {submission.number}: {said.machine} to {outcome}. {said.reason}"
        note(leader.cohort, leader.user, "overrode", _learner_of(submission), _place_of(submission), told)
    return said


def undo(leader: Membership, said: Override) -> None:
    """Take an override back; twice is no harm."""
    work = said.submission
    with transaction.atomic():
        if overriding.undo(leader.user, said):
            told = f"override of {said.check_name or 'the verdict'} of submission {work.number}"
            note(leader.cohort, leader.user, "undid", _learner_of(work), _place_of(work), told)


def _settle(leader: Membership, thread: Comment, verb: str, **state: object) -> None:
    with transaction.atomic():
        was_open = verb == "resolved"
        if Comment.objects.filter(pk=thread.pk, resolved_at__isnull=was_open).update(**state):
            _note(leader, thread, verb)


def _note(leader: Membership, said: Comment, verb: str) -> None:
    work = said.submission
    place = f"submission {work.number}, {said.path}:{said.line}"
    note(leader.cohort, leader.user, verb, _learner_of(work), _place_of(work), place)


def _learner_of(submission: Submission) -> User:
    """Whoever handed it in: of a team, one of them."""
    return submission.by or submission.enrolment.user


def _place_of(submission: Submission) -> str:
    return f"{submission.enrolment.project.slug}/{submission.kind}"


def _require_text(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refusal("no-text", "text", _("Write something."))
    if len(text) > LONGEST_COMMENT:
        told = _("The text has {length} characters; at most {most} are taken.")
        raise Refusal("too-long", "text", told.format(length=len(text), most=LONGEST_COMMENT))
    return text


def _require_line(submission: Submission, path: str, line: int | None) -> int:
    """The line, if it is one of a text that was handed in."""
    if path not in {entry.path for entry in store().entries(submission.tree)}:
        told = _("Submission {number} holds no file {path}.").format(number=submission.number, path=shown(path))
        raise Refusal("unknown-file", "path", told)
    content = store().read(submission.tree, path)
    lines = 0 if b"\0" in content else len(content.removesuffix(b"\n").split(b"\n"))
    if line is None or not 1 <= line <= lines:
        told = _("{path} has lines 1 to {lines}; say one of them.").format(path=shown(path), lines=lines)
        raise Refusal("unknown-line", "line", told if lines else _("{path} is no text.").format(path=shown(path)))
    return line
