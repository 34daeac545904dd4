"""What employers and learners write down about evidence, by topic."""

from people.employers.models.countersigns import Countersign, Rationale
from people.employers.models.desks import POWERS, Employer, EmployerLine, Post, Power, Role
from people.employers.models.disclosures import Disclosure, Look

__all__ = [
    "POWERS",
    "Countersign",
    "Disclosure",
    "Employer",
    "EmployerLine",
    "Look",
    "Post",
    "Power",
    "Rationale",
    "Role",
]
