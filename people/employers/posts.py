"""Offers posts by link, changes them, and ends them. One owner stays at all times."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.employers.desks import note
from people.employers.models import POWERS, Employer, Offer, Post, Power, Role
from people.learners.refusals import Refusal

MOST_OFFERS = 50


def list_colleagues(post: Post) -> QuerySet[Post]:
    return Post.objects.filter(employer=post.employer).select_related("user").order_by("pk")


def list_offers(post: Post) -> QuerySet[Offer]:
    """Those that somebody may still take up."""
    return Offer.objects.filter(employer=post.employer, expires_at__gt=timezone.now())


def access_colleague(post: Post, username: str) -> Post:
    found = Post.objects.filter(employer=post.employer, user__username=username).select_related("user").first()
    if found is None:
        raise Refusal("not-found", "username", _("Nobody of that name acts for this employer."), 404)
    return found


def offer(post: Post, role: str, meant_for: str = "") -> Offer:
    """A link for one person, by which they take up this post."""
    chosen, words = _choose_role(role), " ".join(meant_for.split())[:120]
    if list_offers(post).count() >= MOST_OFFERS:
        told = _("There are {most} open offers already; withdraw some first.").format(most=MOST_OFFERS)
        raise Refusal("too-many", "role", told, 409)
    with transaction.atomic():
        made = Offer.objects.create(employer=post.employer, role=chosen, meant_for=words, made_by=post.user)
        note(post.employer, post.user, "offered", words, chosen)
    return made


def withdraw(post: Post, pk: int) -> None:
    with transaction.atomic():
        found = Offer.objects.filter(employer=post.employer, pk=pk).first()
        if found is None:
            raise Refusal("not-found", "offer", _("There is no such offer."), 404)
        note(post.employer, post.user, "withdrew", found.meant_for, found.role)
        found.delete()


def access_offer(token: str) -> Offer:
    """What a link offers. One that ended, was taken up or never was is the same: not there."""
    found = Offer.objects.filter(token=token, expires_at__gt=timezone.now()).select_related("employer", "made_by")
    offered = found.first()
    if offered is None:
        raise _refuse_offer()
    return offered


def take_up(user: User, token: str) -> Post:
    """Act for an employer from now on; the link is used up."""
    with transaction.atomic():
        offered = access_offer(token)
        employer = lock(offered.employer)
        # Of two who come at once, one is second: what the first used up is no longer there.
        if not Offer.objects.filter(pk=offered.pk).delete()[0]:
            raise _refuse_offer()
        post, is_new = Post.objects.get_or_create(employer=employer, user=user, defaults={"role": offered.role})
        if not is_new:
            told = _("You act for this employer already, as {role}.").format(role=post.get_role_display())
            raise Refusal("already-here", "offer", told, 409, _("An owner can change your role."))
        note(employer, user, "took up", text=offered.role, whom=user)
    return post


def _refuse_offer() -> Refusal:
    return Refusal("not-found", "offer", _("This link offers nothing, or no longer. Ask for a new one."), 404)


def reappoint(post: Post, username: str, role: str) -> Post:
    with transaction.atomic():
        employer = lock(post.employer)
        changed = access_colleague(post, username)
        chosen = _choose_role(role)
        if chosen != Role.OWNER:
            _keep_an_owner(changed)
        changed.role = chosen
        changed.save(update_fields=["role"])
        note(employer, post.user, "reappointed", text=chosen, whom=changed.user)
    return changed


def dismiss(post: Post, username: str) -> None:
    """Let them act for it no longer: an owner anybody, and everybody themselves."""
    with transaction.atomic():
        employer = lock(post.employer)
        dismissed = access_colleague(post, username)
        if dismissed.pk != post.pk and post.power < Power.OWN:
            raise Refusal("not-yours-to-do", "username", _("Only an owner ends the post of somebody else."), 403)
        _keep_an_owner(dismissed)
        note(employer, post.user, "dismissed", text=dismissed.role, whom=dismissed.user)
        dismissed.delete()


def list_owned_alone(user: User) -> QuerySet[Employer]:
    """The employers that would have no owner without this user."""
    others = Post.objects.filter(employer=OuterRef("pk"), role=Role.OWNER).exclude(user=user)
    mine = Employer.objects.filter(posts__user=user, posts__role=Role.OWNER)
    return mine.exclude(Exists(others)).order_by("title", "pk")


def lock(employer: Employer) -> Employer:
    """Who changes an employer's people waits here for whoever does so already."""
    return Employer.objects.select_for_update().get(pk=employer.pk)


def _choose_role(named: str) -> Role:
    if named not in POWERS:
        told = _("Choose a role: {known}.").format(known=", ".join(POWERS))
        raise Refusal("unknown-role", "role", told)
    return Role(named)


def _keep_an_owner(leaving: Post) -> None:
    if list_owned_alone(leaving.user).filter(pk=leaving.employer_id).exists():
        told = _("{name} is the only owner; make somebody else one first.").format(name=leaving.user)
        raise Refusal("last-owner", "role", told, 409)
