"""What employers and learners write down about evidence, by topic."""

from people.employers.models.assessments import Assessment, DomainFile, Invite, MoreTime, box_of
from people.employers.models.countersigns import Countersign, Rationale
from people.employers.models.credentials import (
    ENTRIES,
    Algorithm,
    Credential,
    Kind,
    Reason,
    SigningKey,
    StatusList,
)
from people.employers.models.desks import POWERS, Employer, EmployerLine, Post, Power, Role
from people.employers.models.disclosures import Disclosure, Look
from people.employers.models.hooks import Attempt, Delivery, Event, Webhook
from people.employers.models.offers import Offer
from people.employers.models.roles import Candidate, RoleProfile, Tally

__all__ = [
    "ENTRIES",
    "POWERS",
    "Algorithm",
    "Assessment",
    "Attempt",
    "Candidate",
    "Countersign",
    "Credential",
    "Delivery",
    "Disclosure",
    "DomainFile",
    "Employer",
    "EmployerLine",
    "Event",
    "Invite",
    "Kind",
    "Look",
    "MoreTime",
    "Offer",
    "Post",
    "Power",
    "Rationale",
    "Reason",
    "Role",
    "RoleProfile",
    "SigningKey",
    "StatusList",
    "Tally",
    "Webhook",
    "box_of",
]
