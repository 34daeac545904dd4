"""What has to be entered at a platform: where it sends people, and where our keys are."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Addresses:
    """`launch` is the redirection address, the target link and the one of deep linking."""

    login: str
    launch: str
    keys: str


def tell_addresses(request: HttpRequest, key: UUID) -> Addresses:
    """Those of the platform with this key, on the host that is asked."""
    paths = (
        reverse("frontend:lti_login", args=[key]),
        reverse("frontend:lti_launch", args=[key]),
        reverse("frontend:lti_keys"),
    )
    return Addresses(*(request.build_absolute_uri(path) for path in paths))
