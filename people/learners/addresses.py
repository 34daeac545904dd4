"""Where things are, as whole addresses: for those who read them outside a browser."""

from django.http import HttpRequest
from django.urls import reverse

from people.learners.models import Submission


def address_of_repository(request: HttpRequest, slug: str) -> str:
    """Where whoever asks clones this project from, and pushes it to."""
    refs = reverse("git-refs", args=[request.user.get_username(), slug])
    return request.build_absolute_uri(refs.removesuffix("/info/refs"))


def address_of_page(request: HttpRequest, submission: Submission) -> str:
    return request.build_absolute_uri(reverse("frontend:submission", args=[submission.pk]))
