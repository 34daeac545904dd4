"""Creates employers and settles what they are called. The name is their own word; the site vouches for none."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.employers.desks import note
from people.employers.models import Employer, Post, Role
from people.learners.refusals import Refusal
from people.slugs import choose_slug

LONGEST_TITLE = 120
MOST_OWNED = 10
# Addresses below /employers/ that are pages of their own.
TAKEN = frozenset({"new", "offers"})
check_website = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Naming:
    """What an employer is called, and where it is on the web."""

    title: str
    website: str = ""


def may_found(user: User) -> bool:
    """Everybody with an account, where the site says so; else staff."""
    return settings.MILEPOST_OPEN_EMPLOYERS or user.is_staff


def require_founder(user: User) -> None:
    if not may_found(user):
        told = _("Here, employers are created by staff.")
        raise Refusal("not-yours-to-do", "employer", told, 403, _("Ask whoever runs this site."))
    if Post.objects.filter(user=user, role=Role.OWNER).count() >= MOST_OWNED:
        told = _("You own {most} employers already, which is as many as one person may.").format(most=MOST_OWNED)
        raise Refusal("too-many", "employer", told, 403, _("Hand one of them to another owner first."))


def found(user: User, naming: Naming) -> Post:
    """A new employer, which this user owns. Raises Refusal."""
    require_founder(user)
    title, website = _read(naming)
    with transaction.atomic():
        employer = Employer.objects.create(slug=choose_slug(title, "employer", _is_taken), title=title, website=website)
        owner = Post.objects.create(employer=employer, user=user, role=Role.OWNER)
        note(employer, user, "created", title)
    return owner


def settle(post: Post, naming: Naming) -> None:
    """Change what the employer is called; its address stays."""
    employer = post.employer
    employer.title, employer.website = _read(naming)
    with transaction.atomic():
        employer.save(update_fields=["title", "website"])
        note(employer, post.user, "settled", employer.title, employer.website)


def _read(naming: Naming) -> tuple[str, str]:
    title = " ".join(naming.title.split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        told = _("Give the employer a name of 1 to {most} characters.").format(most=LONGEST_TITLE)
        raise Refusal("invalid", "title", told)
    website = naming.website.strip()
    try:
        if website:
            check_website(website)
    except ValidationError:
        told = _("Give the whole address, such as https://example.org, or leave it empty.")
        raise Refusal("invalid", "website", told) from None
    return title, website


def _is_taken(slug: str) -> bool:
    return slug in TAKEN or Employer.objects.filter(slug=slug).exists()
