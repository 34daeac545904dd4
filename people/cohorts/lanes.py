"""Names the lane of a cohort, in which its learners' runs wait for workers. The ledger asks, by LANE_RULES."""

from people.cohorts.models import Membership, Role
from people.learners.models import Enrolment
from people.learners.own import own_shares


def name_lane(enrolment: Enrolment) -> str:
    """That of the cohort in which its learner, or somebody of its team, takes the project; of several, the oldest."""
    people = own_shares().filter(enrolment=enrolment).values("user")
    parts = Membership.objects.filter(user__in=people, role=Role.LEARNER, cohort__archived_at=None)
    taken = parts.order_by("cohort").values_list("cohort", "cohort__project_slugs")
    slug = enrolment.project.slug
    return next((f"cohort {pk}" for pk, slugs in taken if slug in slugs), "")
