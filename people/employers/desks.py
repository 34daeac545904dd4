"""Reads employers. `access_*` fetches and authorises at once; who acts comes as their post."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.employers.models import Employer, EmployerLine, Post, Power
from people.learners.refusals import Refusal


def list_posts(user: User) -> QuerySet[Post]:
    """This user's part in each employer that they act for."""
    return Post.objects.filter(user=user).select_related("employer", "user").order_by("employer__title")


def is_employed(user: User) -> bool:
    """Whether they act for any employer."""
    return list_posts(user).exists()


def access_employer(user: User, slug: str, power: Power = Power.READ) -> Post:
    """The user's part in an employer; for anybody else there is none. Raises Refusal below this power."""
    post = list_posts(user).filter(employer__slug=slug).first()
    if post is None:
        raise Refusal("not-found", "employer", _("There is no such employer that you act for."), 404)
    if post.power < power:
        told = _("As {role} of this employer you may not do this.").format(role=post.get_role_display())
        raise Refusal("not-yours-to-do", "employer", told, 403, _("Ask an owner of it."))
    return post


def note(employer: Employer, actor: User, verb: str, about: str = "", text: str = "", whom: User | None = None) -> None:
    """Write down what was done, to what or to whom; whoever changes something calls this in the same transaction."""
    EmployerLine.objects.create(employer=employer, actor=actor, verb=verb, about=about[:120], text=text, whom=whom)


def list_lines(post: Post) -> QuerySet[EmployerLine]:
    """Who did what for the employer, newest first."""
    return EmployerLine.objects.filter(employer=post.employer).select_related("actor", "whom").order_by("-pk")
