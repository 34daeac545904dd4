"""Has what a learner saved last checked on their practice world: what `milepost check` does at home, by a worker here.

It is no submission: nothing is spent, opened, passed or shown to anybody else by it.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from people.learners import intake, pushes, queries, rehearsals, repositories, tasks
from people.learners.facilities import store
from people.learners.models import Enrolment, Rehearsal
from people.learners.refusals import Refusal
from people.ringing import call_after_commit


def rehearse_saved(enrolment: Enrolment, kind: str) -> Rehearsal:
    """Ask the checks of an open milestone about what was saved last; the same files are judged once.

    Raises Refusal on a locked milestone, and while something else of this enrolment is being judged so.
    """
    intake.refuse_closed(enrolment, kind)
    repository = repositories.open_repository(enrolment)
    with repositories.hold(repository):
        commit = repositories.read_head(repository)
        tree = store().put_files(pushes.read_tree(repository, commit))
    with transaction.atomic():
        # Two clicks at once: the later one sees what the earlier one asked.
        enrolment = Enrolment.objects.select_for_update(of=("self",)).select_related("project").get(pk=enrolment.pk)
        lent = queries.lent_before(enrolment, kind)
        return _enter(
            enrolment, {"edition": enrolment.project, "kind": kind, "tree": tree, "commit": commit, "lent": lent}
        )


def is_behind(rehearsal: Rehearsal) -> bool:
    """Whether something of what was asked is another by now: the files, the edition, what is lent."""
    enrolment = rehearsal.enrolment
    if rehearsal.edition_id != enrolment.project_id or rehearsal.lent != queries.lent_before(enrolment, rehearsal.kind):
        return True
    return repositories.read_head(repositories.open_repository(enrolment)) != rehearsal.commit


def _enter(enrolment: Enrolment, asked: rehearsals.Asked) -> Rehearsal:
    known = queries.find_rehearsal(enrolment)
    if known and rehearsals.is_known(known, asked):
        Rehearsal.objects.filter(pk=known.pk).update(commit=asked["commit"])
        return known
    if not rehearsals.enqueue(enrolment, asked):
        sentence = _("Something that was saved before is being checked at this moment; one thing at a time is.")
        raise Refusal(
            "being-checked", "milestone", sentence, 409, _("What you saved now is kept; check it after that.")
        )
    rehearsal = Rehearsal.objects.get(enrolment=enrolment)
    call_after_commit(tasks.rehearse, rehearsal.pk)
    return rehearsal
