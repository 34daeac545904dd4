"""What employers and learners write down about evidence, by topic."""

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

__all__ = [
    "ENTRIES",
    "POWERS",
    "Algorithm",
    "Countersign",
    "Credential",
    "Disclosure",
    "Employer",
    "EmployerLine",
    "Kind",
    "Look",
    "Post",
    "Power",
    "Rationale",
    "Reason",
    "Role",
    "SigningKey",
    "StatusList",
]
