"""Keeps what employers need of people: role profiles of their own, and those that come with Milepost."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from people.employers.desks import note
from people.employers.models import Post, RoleProfile
from people.employers.role_files import Profile, check_profile, read_ready
from people.learners.refusals import Refusal
from people.slugs import choose_slug

MOST_ROLES = 100
# Addresses below roles/ that are pages of their own.
TAKEN = frozenset({"new", "upload", "import"})


def list_roles(post: Post) -> QuerySet[RoleProfile]:
    return RoleProfile.objects.filter(employer=post.employer)


def tell_profile(role: RoleProfile) -> Profile:
    return Profile(role.title, role.summary, role.occupation, role.required, role.wanted, role.slug)


def list_profiles(post: Post) -> list[Profile]:
    """The employer's own, then those that come with Milepost."""
    return [*(tell_profile(role) for role in list_roles(post)), *read_ready().values()]


def find_profile(post: Post, slug: str) -> Profile:
    """One of the employer's own, or one that comes with Milepost."""
    return read_ready().get(slug) or tell_profile(access_role(post, slug))


def find_ready(slug: str) -> Profile:
    found = read_ready().get(slug)
    if found is None:
        raise Refusal("not-found", "role", _("There is no such role."), 404)
    return found


def access_role(post: Post, slug: str) -> RoleProfile:
    """One of the employer's own, which may be changed."""
    found = list_roles(post).filter(slug=slug).first()
    if found is None:
        raise Refusal("not-found", "role", _("This employer has no such role of its own."), 404)
    return found


def keep_role(post: Post, profile: Profile) -> RoleProfile:
    """A new role of the employer's own. Raises Refusal."""
    told = check_profile(profile)
    if list_roles(post).count() >= MOST_ROLES:
        said = _("This employer has {most} roles, which is as many as may be.").format(most=MOST_ROLES)
        raise Refusal("too-many", "title", said, 409, _("Delete one first."))
    with transaction.atomic():
        made = RoleProfile(employer=post.employer, slug=_choose_slug(post, told.title))
        _fill(made, told)
        note(post.employer, post.user, "kept a role", made.title)
    return made


def change_role(post: Post, slug: str, profile: Profile) -> RoleProfile:
    role = access_role(post, slug)
    told = check_profile(profile)
    with transaction.atomic():
        _fill(role, told)
        note(post.employer, post.user, "changed a role", role.title)
    return role


def delete_role(post: Post, slug: str) -> None:
    role = access_role(post, slug)
    with transaction.atomic():
        note(post.employer, post.user, "deleted a role", role.title)
        role.delete()


def _fill(role: RoleProfile, told: Profile) -> None:
    role.title, role.summary, role.occupation = told.title, told.summary, told.occupation
    role.required, role.wanted = dict(told.required), dict(told.wanted)
    role.save()


def _choose_slug(post: Post, title: str) -> str:
    ready, own = read_ready(), list_roles(post)
    return choose_slug(title, "role", lambda slug: slug in TAKEN or slug in ready or own.filter(slug=slug).exists())
