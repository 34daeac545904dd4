"""Regrades a cohort: another edition judges, in the shadow, what was handed in; then leaders move learners over.

Until then nothing of anybody's record changes, and by moving no pass is lost. What an instructor overrode hangs on the
submission, not on a run of it, so it stands in either edition.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from curriculum.models import Project
from people.cohorts.diary import note
from people.cohorts.models import Cohort, Membership, Regrade
from people.cohorts.movers import Part, Policy, find_undecided, read_progress, read_prospect, read_roll
from people.learners import queries, trials
from people.learners.models import Trial
from people.learners.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Applied:
    """How many learners moved by a policy, and how many are still to be decided upon."""

    moved: int
    left: int


def begin(leader: Membership, slug: str) -> Regrade:
    """Have the project's current edition judge the newest pass and refusal of each milestone of each learner behind."""
    edition = require_edition(leader, slug)
    with transaction.atomic():
        # A write, before anything is read: of two leaders who begin at once, the later one sees the earlier one's.
        Cohort.objects.filter(pk=leader.cohort_id).update(slug=F("slug"))
        if undecided := find_undecided(leader, slug):
            sentence = _("Edition {number} is being tried on this cohort already.")
            told = sentence.format(number=undecided.trial.edition.number)
            raise Refusal("undecided", "project", told, 409, _("Apply it or drop it first."))
        roll = read_roll(leader, edition)
        if not roll.behind:
            sentence = _("No learner of this cohort could move to edition {number} of {title}.")
            told = sentence.format(number=edition.number, title=edition.title)
            raise Refusal("nobody-behind", "project", told, 409, _("Publish another edition first."))
        trial = trials.begin_trial(edition, roll.behind, leader.user, Trial.Policy.JUDGED)
        regrade = Regrade.objects.create(cohort=leader.cohort, trial=trial)
        told = f"edition {edition.number}, {roll.behind_count} learners, {read_progress(regrade).asked} runs"
        note(leader.cohort, leader.user, "began a regrade", place=slug, text=told)
    return regrade


def apply(leader: Membership, slug: str, policy: str) -> Applied:
    """Move whom the policy lets; the others are still to be decided upon, so it can be called again, and with another.

    Whoever left the cohort or changed their edition themselves is let go. Raises Refusal while runs are unjudged.
    """
    prospect = read_prospect(leader, require_undecided(leader, slug))
    if policy not in Policy.values:
        told = _("Say who moves by one of: {known}.").format(known=", ".join(Policy.values))
        raise Refusal("unknown-policy", "policy", told)
    if not prospect.progress.is_judged:
        told = _("Edition {number} is still judging this cohort's work.").format(number=prospect.edition.number)
        raise Refusal("still-judged", "policy", told, 409, _("Apply it when all is judged."))
    for stray in prospect.strays:
        trials.drop(stray, leader.user)
    allowed = [part for part in prospect.parts if part.moves_by(policy)]
    moved = sum(len(part.people) for part in allowed if _move(leader, part, policy))
    return Applied(moved, sum(len(part.people) for part in prospect.parts if part not in allowed))


def drop(leader: Membership, slug: str) -> int:
    """Let all who are not decided upon stay where they are; says how many. What waits is not judged any more."""
    regrade = require_undecided(leader, slug)
    with transaction.atomic():
        left = regrade.trial.tried.filter(moved_at=None, dropped_at=None).select_related("trial", "enrolment")
        count = sum(map(len, queries.list_people(tried.enrolment for tried in left).values()))
        for tried in left:
            trials.drop(tried, leader.user)
        told = f"edition {regrade.trial.edition.number}, {count} learners stay"
        note(leader.cohort, leader.user, "dropped a regrade", place=slug, text=told)
    return count


def require_edition(leader: Membership, slug: str) -> Project:
    """The current edition of one of the cohort's projects."""
    edition = queries.current_editions([slug] if slug in leader.cohort.project_slugs else []).first()
    if edition is None:
        raise Refusal("not-found", "project", _("There is no such project in this cohort."), 404)
    return edition


def require_undecided(leader: Membership, slug: str) -> Regrade:
    """The project's regrade that waits for a decision."""
    require_edition(leader, slug)
    regrade = find_undecided(leader, slug)
    if regrade is None:
        told = _("No other edition of this project is being tried on this cohort.")
        raise Refusal("no-regrade", "project", told, 409, _("Begin a regrade first."))
    return regrade


def _move(leader: Membership, part: Part, policy: str) -> bool:
    """Move a learner or a team, end what they tried of this edition themselves, and say so in the diary."""
    tried = part.tried
    trials.offer_starter(tried)
    with transaction.atomic():
        moved = trials.change_edition(tried, leader.user)
        if moved:
            for own in queries.own_trials([tried.enrolment]):
                trials.drop(own, leader.user)
            edition = tried.trial.edition
            told = f"edition {edition.number}, {policy}"
            for person in part.people:
                note(leader.cohort, leader.user, "moved to another edition", person, edition.slug, told)
    return moved
