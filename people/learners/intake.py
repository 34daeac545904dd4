"""Takes work in: enrols learners and makes submissions. Says no in sentences; knows not how work is judged."""

from functools import partial

from django.db import transaction
from django.db.models import Max

from curriculum import gate
from curriculum.models import Project
from people.accounts.models import User
from people.learners import ledger, queries, tasks
from people.learners.draws import next_draw
from people.learners.facilities import store
from people.learners.models import Enrolment, Run, Submission
from people.learners.refusals import Refusal


def enrol(user: User, project: Project) -> Enrolment:
    """The user's enrolment in this project, made if need be; their worlds are made ahead in the background."""
    with transaction.atomic():
        existing = queries.find_enrolment(user, project.slug)
        if existing:
            return existing
        # Two clicks at once: the second finds what the first made.
        enrolment, is_new = Enrolment.objects.get_or_create(
            user=user, project=project, defaults={"domain": project.domains[0]}
        )
        if is_new:
            transaction.on_commit(partial(tasks.make_worlds.delay, enrolment.pk, 1))
    return enrolment


def submit(enrolment: Enrolment, kind: str, files: dict[str, bytes], via: str) -> Run:
    """Keep the tree, make the submission and its run, and ring for a worker. Raises Refusal on a locked milestone."""
    kinds = queries.milestone_kinds(enrolment.project_id)
    if kind not in kinds:
        raise Refusal(
            "unknown-milestone", "milestone", f"There is no milestone {kind!r}; there are {', '.join(kinds)}.", 404
        )
    passed = queries.passed_kinds(enrolment)
    if opener := gate.opener(kinds, passed, kind):
        raise _refuse_locked(kinds, kind, opener)
    tree = store().put_files(files)
    with transaction.atomic():
        submission = _number_submission(enrolment, kind, tree, via)
        run = ledger.enqueue(submission, next_draw(len(passed)), actor=enrolment.user.username)
        transaction.on_commit(partial(tasks.grade_run.delay, run.pk))
    return run


def _refuse_locked(kinds: list[str], kind: str, opener: str) -> Refusal:
    before = kinds[kinds.index(kind) - 1]
    sentence = f"{kind} is locked: it opens when {before} has passed."
    return Refusal("locked", "milestone", sentence, 409, remedy=f"The milestone to hand in now is {opener}.")


def _number_submission(enrolment: Enrolment, kind: str, tree: str, via: str) -> Submission:
    # The enrolment's row is locked so that two uploads at once get two numbers.
    Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    last = Submission.objects.filter(enrolment=enrolment).aggregate(last=Max("number"))["last"] or 0
    return Submission.objects.create(enrolment=enrolment, number=last + 1, kind=kind, tree=tree, via=via)
