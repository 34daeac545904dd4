"""Names the lane of an assessment, in which its candidates' runs wait for workers. The ledger asks, by LANE_RULES."""

from people.employers.models import Invite
from people.learners.models import Enrolment, Occasion


def name_lane(enrolment: Enrolment) -> str:
    if enrolment.occasion != Occasion.ASSESSMENT:
        return ""
    invite = Invite.objects.filter(enrolment=enrolment).values_list("assessment", flat=True).first()
    return f"assessment {invite}" if invite else ""
