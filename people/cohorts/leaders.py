"""Appoints who leads a cohort, changes their role, and dismisses them. One owner stays at all times."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.accounts.queries import find_account
from people.cohorts.diary import note
from people.cohorts.models import POWERS, Cohort, Membership, Role, Section
from people.cohorts.queries import access_leader
from people.learners.refusals import Refusal


def appoint(leader: Membership, named: str, role: str, sections: Sequence[str] = ()) -> Membership:
    """Let the account of this user name, or of this confirmed e-mail address, lead the cohort in this role."""
    with transaction.atomic():
        cohort = lock(leader.cohort)
        user = _choose_account(cohort, named.strip())
        chosen = _choose_sections(cohort, _choose_role(role), sections)
        made = Membership.objects.create(cohort=cohort, user=user, role=role)
        made.assists.set(chosen)
        note(cohort, leader.user, "appointed", user, text=_describe(made, chosen))
    return made


def reappoint(leader: Membership, username: str, role: str, sections: Sequence[str] = ()) -> Membership:
    """Change the role of somebody who leads, and the sections that an assistant sees."""
    with transaction.atomic():
        cohort = lock(leader.cohort)
        changed = access_leader(leader, username)
        chosen = _choose_sections(cohort, _choose_role(role), sections)
        if role != Role.OWNER:
            _keep_an_owner(changed)
        changed.role = role
        changed.save(update_fields=["role"])
        changed.assists.set(chosen)
        note(cohort, leader.user, "reappointed", changed.user, text=_describe(changed, chosen))
    return changed


def dismiss(leader: Membership, username: str) -> None:
    """Let them lead no longer; what they wrote and granted stays."""
    with transaction.atomic():
        cohort = lock(leader.cohort)
        dismissed = access_leader(leader, username)
        _keep_an_owner(dismissed)
        note(cohort, leader.user, "dismissed", dismissed.user, text=dismissed.role)
        dismissed.delete()


def list_owned_alone(user: User) -> QuerySet[Cohort]:
    """The cohorts that would have no owner without this user."""
    others = Membership.objects.filter(cohort=OuterRef("pk"), role=Role.OWNER).exclude(user=user)
    mine = Cohort.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
    return mine.exclude(Exists(others)).order_by("title", "pk")


def lock(cohort: Cohort) -> Cohort:
    """Who changes the cohort's people waits here for whoever does so already."""
    return Cohort.objects.select_for_update().get(pk=cohort.pk)


def _choose_account(cohort: Cohort, named: str) -> User:
    user = find_account(named) if named else None
    if user is None:
        told = _("Nobody here has the user name or the confirmed e-mail address {named}.").format(named=repr(named))
        remedy = _(
            "Ask them for the name at the top of their pages, or to confirm their address on their account page."
        )
        raise Refusal("unknown-account", "account", f"{told} {remedy}")
    part = Membership.objects.filter(cohort=cohort, user=user).first()
    if part is not None:
        says = (
            _("{name} learns in this cohort; remove them as a learner first.")
            if part.role == Role.LEARNER
            else _("{name} leads this cohort already; change their role in the list.")
        )
        raise Refusal("already-here", "account", says.format(name=user), 409)
    return user


def _choose_role(named: str) -> Role:
    if named not in POWERS:
        told = _("Choose a role: {known}.").format(known=", ".join(str(role) for role in POWERS))
        raise Refusal("unknown-role", "role", told)
    return Role(named)


def _choose_sections(cohort: Cohort, role: Role, named: Sequence[str]) -> list[Section]:
    """The sections of these titles, for an assistant; in every other role somebody sees all."""
    if role != Role.ASSISTANT:
        return []
    known = {section.title: section for section in cohort.sections.all()}
    unknown = [title for title in named if title not in known]
    if unknown:
        told = _("There is no section {section} in this cohort.").format(section=repr(unknown[0]))
        raise Refusal("unknown-section", "sections", told)
    return [known[title] for title in dict.fromkeys(named)]


def _keep_an_owner(leaving: Membership) -> None:
    if list_owned_alone(leaving.user).filter(pk=leaving.cohort_id).exists():
        told = _("{name} is the only owner; appoint another one first.").format(name=leaving.user)
        raise Refusal("last-owner", "role", told, 409)


def _describe(leader: Membership, sections: list[Section]) -> str:
    titles = ", ".join(section.title for section in sections)
    return f"{leader.role}: {titles}" if titles else leader.role
