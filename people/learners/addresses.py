"""Where things are, as whole addresses: for those who read them outside a browser."""

from django.http import HttpRequest
from django.urls import reverse

from people.accounts.models import User
from people.learners.models import Submission


def address_of_repository(request: HttpRequest, owner: User, slug: str) -> str:
    """Where this learner clones this project from, and pushes it to."""
    refs = reverse("git-refs", args=[owner.username, slug])
    return request.build_absolute_uri(refs.removesuffix("/info/refs"))


def address_of_page(request: HttpRequest, submission: Submission) -> str:
    return request.build_absolute_uri(reverse("frontend:submission", args=[submission.pk]))
