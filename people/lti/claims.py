"""Reads what a platform's message says, once it is known to be the platform's."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pylti1p3.roles import ObserverRole, TeacherRole, TeachingAssistantRole

from people.cohorts.models import Role

Claims = Mapping[str, Any]
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
# The lesser first: platforms call an assistant an instructor besides.
ROLES: Final[Sequence[tuple[Any, Role]]] = (
    (TeachingAssistantRole, Role.ASSISTANT),
    (TeacherRole, Role.INSTRUCTOR),
    (ObserverRole, Role.OBSERVER),
)
MAY_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def read_part(claims: Claims, name: str) -> Claims:
    """A claim that should be a mapping; an empty one where it is none."""
    found = claims.get(name)
    return found if isinstance(found, Mapping) else {}


def read_text(claims: Claims, name: str, most: int = 255) -> str:
    """What of a text can be kept."""
    found = claims.get(name)
    return "".join(filter(str.isprintable, found))[:most] if isinstance(found, str) else ""


def read_context(claims: Claims) -> str:
    return read_text(read_part(claims, LTI + "context"), "id")


def read_name(claims: Claims) -> str:
    both = f"{read_text(claims, 'given_name')} {read_text(claims, 'family_name')}"
    return (read_text(claims, "name") or both).strip()[:150]


def read_person(claims: Claims, name: str = "sub") -> str:
    """The platform's own number of somebody; empty where it is none that is kept whole, and so could be another's."""
    said = str(claims.get(name, ""))
    return said if said == read_text({name: said}, name) else ""


def read_milestone(claims: Claims) -> str:
    """ "project/milestone", as a link that was made here carries it."""
    return read_text(read_part(claims, LTI + "custom"), "milestone", 80)


def read_column(claims: Claims) -> str:
    """Where scores for this link go; empty where the platform takes none from us."""
    endpoint = read_part(claims, AGS)
    return read_text(endpoint, "lineitem", 500) if MAY_SCORE in (endpoint.get("scope") or []) else ""


def read_role(claims: Claims) -> Role:
    """What somebody is in the platform's course; what they are elsewhere in its institution is not asked."""
    roles = claims.get(LTI + "roles")
    said = {LTI + "roles": [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []}
    return next((role for kind, role in ROLES if kind(said).check()), Role.LEARNER)
