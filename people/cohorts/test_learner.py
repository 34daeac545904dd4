"""A learner that is nobody: made for who leads to try their cohort with. No statistics count it, nobody can sign in."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Cohort, Membership, Role
from people.cohorts.queries import choose_milestone, find_test_learner
from people.learners import intake
from people.learners.models import Run
from people.learners.queries import access_edition
from people.learners.refusals import Refusal


def make_test_learner(leader: Membership) -> Membership:
    """The cohort's test learner; twice is no harm."""
    with transaction.atomic():
        # Two clicks at once: the second finds what the first made.
        Cohort.objects.select_for_update().get(pk=leader.cohort_id)
        if known := find_test_learner(leader):
            return known
        # Somebody may have taken any name that one could guess.
        user = User(username=f"test-{leader.cohort.slug}-{secrets.token_hex(4)}", is_active=False)
        user.first_name = _("Test learner")
        user.set_unusable_password()
        user.save()
        made = Membership.objects.create(cohort=leader.cohort, user=user, role=Role.LEARNER, is_test=True)
        note(leader.cohort, leader.user, "made the test learner", user)
    return made


def hand_in_for_test(leader: Membership, milestone: str, files: dict[str, bytes]) -> Run:
    """Have these files judged as the test learner's work at "project/milestone"."""
    member = find_test_learner(leader)
    if member is None:
        raise Refusal("no-test-learner", "learner", _("This cohort has no test learner yet; make one first."), 409)
    slug, kind = choose_milestone(leader.cohort, milestone)
    run = intake.submit(intake.enrol(member.user, access_edition(member.user, slug)), kind, files, "web")
    note(leader.cohort, leader.user, "handed in", member.user, milestone, f"submission {run.submission.number}")
    return run
