"""Reads cohorts. `access_*` fetches and authorises at once: whoever leads, by their role and their sections.

Who leads comes as their membership, `leader`: it says which cohort, what they may do, and which learners they see.
"""

from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.models import POWERS, Cohort, Membership, Power, Reservation, Role, Section
from people.learners.models import Submission
from people.learners.own import own_work
from people.learners.queries import current_projects
from people.learners.refusals import Refusal

# Of memberships: those whom grades and comparisons are of.
COUNTED: Final = {"role": Role.LEARNER, "is_test": False}


def list_led(user: User) -> QuerySet[Membership]:
    """This user's part in each cohort that they lead, without archived ones."""
    return list_ever_led(user).filter(cohort__archived_at=None)


def is_leader(user: User) -> bool:
    """Whether they lead any cohort, be it archived."""
    return list_ever_led(user).exists()


def list_archived(user: User) -> QuerySet[Membership]:
    return list_ever_led(user).filter(cohort__archived_at__isnull=False)


def list_ever_led(user: User) -> QuerySet[Membership]:
    """The same with archived ones, which can be looked at."""
    led = Membership.objects.filter(user=user, role__in=POWERS).select_related("cohort")
    return led.order_by("cohort__title")


def access_cohort(user: User, slug: str, power: Power = Power.LOOK) -> Membership:
    """The user's part in a cohort that they lead; for anybody else there is none. Raises Refusal below this power."""
    leader = list_ever_led(user).select_related("user").filter(cohort__slug=slug).first()
    if leader is None:
        raise Refusal("not-found", "cohort", _("There is no such cohort that you lead."), 404)
    if leader.power is None or leader.power < power:
        if leader.cohort.archived_at:
            told = _("This cohort is archived: it can be read, and nothing in it is changed.")
            raise Refusal("archived", "cohort", told, 409, _("An owner can bring it back."))
        told = _("As {role} of this cohort you may not do this.").format(role=leader.get_role_display())
        raise Refusal("not-yours-to-do", "cohort", told, 403, _("Ask an owner of the cohort."))
    return leader


def list_counted(cohort: Cohort) -> QuerySet[Membership]:
    """All of a cohort's learners but the test learner: those whom grades and comparisons are of."""
    return Membership.objects.filter(cohort=cohort, **COUNTED)


def list_members(leader: Membership) -> QuerySet[Membership]:
    """The cohort's learners whom this leader sees, by name: an assistant those of their sections, others all.

    Without the test learner: whoever does not ask for it by name never counts it.
    """
    return list_everyone(leader).filter(is_test=False)


def list_everyone(leader: Membership) -> QuerySet[Membership]:
    """The same with the test learner, whose work is reviewed as anybody's."""
    members = Membership.objects.filter(cohort=leader.cohort, role=Role.LEARNER).select_related("user", "section")
    if leader.role == Role.ASSISTANT:
        members = members.filter(section__in=leader.assists.all())
    return members.order_by("user__username")


def list_learners(leader: Membership) -> list[User]:
    return [membership.user for membership in list_members(leader)]


def access_member(leader: Membership, username: str) -> Membership:
    """One of the learners whom this leader sees, or the test learner."""
    found = list_everyone(leader).filter(user__username=username).first()
    if found is None:
        raise Refusal("unknown-learner", "learner", _("There is no such learner whom you lead here."), 404)
    return found


def list_led_learners(user: User) -> QuerySet[Membership, int]:
    """The ids of all whom this user teaches, in whatever cohort; test learners are nobody. For COUNTERSIGNERS."""
    teaching = [role for role, power in POWERS.items() if power >= Power.LEAD]
    led = list_led(user).filter(role__in=teaching).order_by().values("cohort")
    learners = Membership.objects.filter(cohort__in=led, role=Role.LEARNER, is_test=False)
    return learners.values_list("user_id", flat=True)


def list_leaders(cohort: Cohort) -> list[Membership]:
    """Who leads the cohort, owners first, each with the sections that they assist."""
    leaders = Membership.objects.filter(cohort=cohort, role__in=POWERS).select_related("user")
    found = leaders.prefetch_related("assists").order_by("user__username")
    return sorted(found, key=lambda leader: -POWERS[Role(leader.role)])


def access_leader(leader: Membership, username: str) -> Membership:
    """Somebody who leads the same cohort."""
    leaders = Membership.objects.filter(cohort=leader.cohort_id, role__in=POWERS).select_related("user", "cohort")
    found = leaders.filter(user__username=username).first()
    if found is None:
        raise Refusal("not-found", "leader", _("Nobody of that name leads this cohort."), 404)
    return found


def find_part(user: User | AnonymousUser, cohort: Cohort) -> Membership | None:
    """The user's part in this cohort, whatever it is."""
    return Membership.objects.filter(cohort=cohort, user=user.pk).select_related("cohort").first()


def list_sections(cohort: Cohort) -> list[Section]:
    """The cohort's sections, each with how many learn in it as `learners`."""
    counted = Count("members", filter=Q(members__role=Role.LEARNER))
    return list(cohort.sections.annotate(learners=counted).order_by("title"))


def search_members(leader: Membership, name: str = "", section: str = "") -> QuerySet[Membership]:
    """The learners whom this leader sees, but for those of another section or whose name has no such letters."""
    found = list_members(leader)
    if name:
        named = Q(user__username__icontains=name) | Q(user__first_name__icontains=name)
        found = found.filter(named | Q(user__last_name__icontains=name))
    return found.filter(section__title=section) if section else found


def list_reservations(leader: Membership, name: str = "", section: str = "") -> QuerySet[Reservation]:
    """The places that rosters keep in this cohort; they hold addresses, which only who leads learners sees."""
    if leader.power is None or leader.power < Power.LEAD:
        return Reservation.objects.none()
    found = Reservation.objects.filter(cohort=leader.cohort_id).select_related("section")
    if name:
        found = found.filter(Q(username__icontains=name) | Q(email__icontains=name))
    return found.filter(section__title=section) if section else found


def list_taken(user: User) -> list[Membership]:
    """The cohorts in which this user learns, each with who leads it as `cohort.leaders`."""
    leaders = Membership.objects.filter(role__in=POWERS).select_related("user").order_by("user__username")
    taken = Membership.objects.filter(user=user, role=Role.LEARNER).select_related("cohort", "section")
    found = taken.prefetch_related(Prefetch("cohort__memberships", leaders, to_attr="leaders"))
    return list(found.order_by("cohort__title"))


def access_membership(user: User, slug: str) -> Membership:
    """The user's own part, as a learner, in this cohort, with who leads it."""
    found = [member for member in list_taken(user) if member.cohort.slug == slug]
    if not found:
        raise Refusal("not-found", "cohort", _("There is no such cohort in which you learn."), 404)
    return found[0]


def list_reserved(user: User) -> list[Reservation]:
    """The places that rosters keep for this user: their account's, their confirmed addresses', or their name's."""
    free, confirmed = Q(user=None), EmailAddress.objects.filter(user=user, verified=True)
    by_address = free & Q(email__in=confirmed.values(small=Lower("email")))
    by_name = free & Q(email="", username=user.username.lower())
    kept = (
        Reservation.objects.filter(Q(user=user) | by_address | by_name)
        .exclude(cohort__in=_led_by(user))
        .filter(cohort__archived_at=None)
    )
    leaders = Membership.objects.filter(role__in=POWERS).select_related("user").order_by("user__username")
    found = kept.select_related("cohort", "section")
    return list(found.prefetch_related(Prefetch("cohort__memberships", leaders, to_attr="leaders")).order_by("pk"))


def _led_by(user: User) -> QuerySet[Membership, int]:
    return list_ever_led(user).order_by().values_list("cohort", flat=True)


def access_member_submission(leader: Membership, pk: int) -> Submission:
    """A submission, in one of the cohort's projects, of a learner whom this leader sees, or the test one."""
    found = (
        Submission.objects.select_related("enrolment__project", "enrolment__user")
        .filter(pk=pk, enrolment__project__slug__in=leader.cohort.project_slugs, **own_work())
        .filter(enrolment__shares__user__in=list_everyone(leader).values("user"))
        .first()
    )
    if found is None:
        raise Refusal("not-found", "submission", _("There is no such submission in this cohort."), 404)
    return found


def find_test_learner(leader: Membership) -> Membership | None:
    return list_everyone(leader).filter(is_test=True).first()


def choose_milestone(cohort: Cohort, named: str) -> tuple[str, str]:
    """The slug and the kind of "project/milestone", if it is one of this cohort's. Raises Refusal."""
    for project in current_projects(cohort.project_slugs):
        for milestone in project.milestones.all():
            if named == f"{project.slug}/{milestone.kind}":
                return project.slug, milestone.kind
    raise Refusal("unknown-milestone", "milestone", _("Choose one of this cohort's milestones."))
