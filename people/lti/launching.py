"""Lets somebody come in from a platform: the message is checked, and a ticket to open Milepost with is made.

Nobody is signed in by the message itself. It arrives in a frame, where browsers keep no cookie of ours, and it is bound
to no browser; the ticket is opened in a tab of its own, by whoever was shown whose it is.
"""

import hashlib
import secrets
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from pylti1p3.contrib.django.message_launch import DjangoMessageLaunch
from pylti1p3.exception import LtiException, OIDCException

from people.cohorts.models import Role
from people.cohorts.queries import choose_milestone
from people.learners.refusals import Refusal
from people.lti import claims as reading
from people.lti.claims import Claims
from people.lti.handshakes import begin_handshake, end_handshake
from people.lti.models import Identity, Launch, Placement, Platform, SyncLine
from people.lti.outgoing import origins_of
from people.lti.sync_log import note_line
from people.outgoing import origin_of

LEADING = (Role.INSTRUCTOR, Role.ASSISTANT)


@dataclass(frozen=True, slots=True)
class Received:
    """A message that was checked: a launch with its ticket, or an instructor who chooses what to link to."""

    platform: Platform
    message: DjangoMessageLaunch
    launch: Launch
    ticket: str = ""


def begin(request: HttpRequest, platform: Platform, launch_url: str) -> str:
    """Where to send the browser, so that the platform says who it is. Raises Refusal."""
    try:
        return begin_handshake(request, platform, launch_url)
    except (LtiException, OIDCException) as fault:
        raise _refuse(platform, str(fault)) from fault


def receive(request: HttpRequest, platform: Platform) -> Received:
    """Check the platform's message, and make a ticket if it is a launch. Raises Refusal."""
    try:
        message, launch = end_handshake(request, platform)
    except (LtiException, OIDCException) as fault:
        raise _refuse(platform, str(fault)) from fault
    claims: Claims = message.get_launch_data()
    _bind_course(platform, claims)
    _learn_services(platform, claims)
    if message.is_deep_link_launch():
        _require_leader(claims)
        return Received(platform, message, launch)
    if not message.is_resource_launch():
        raise _refuse(platform, "Only links to resources and deep linking are understood.")
    return Received(platform, message, launch, _make_ticket(platform, launch, claims))


def digest_of(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def _refuse(platform: Platform, reason: str) -> Refusal:
    """The reason is for those who lead, in the log; whoever stands at the door learns that it stays shut."""
    note_line(platform, SyncLine.What.LAUNCH, SyncLine.Outcome.REFUSED, reason)
    told = _("Your learning platform's message could not be accepted.")
    remedy = _(
        "Open the link in your course once more. If it happens again, tell whoever leads it: the log has the reason."
    )
    return Refusal("not-accepted", "launch", told, 400, remedy)


def _bind_course(platform: Platform, claims: Claims) -> None:
    """A registration is of one course: the first that an instructor comes from."""
    context = reading.read_context(claims)
    if not platform.context_id and context and reading.read_role(claims) in LEADING:
        Platform.objects.filter(pk=platform.pk, context_id="").update(context_id=context)
        platform.refresh_from_db(fields=["context_id"])
    if platform.context_id and platform.context_id == context:
        return
    if not platform.context_id:
        told = _("This course is not connected yet.")
        raise Refusal("not-connected", "launch", told, 403, _("Its instructor opens the link once, and then you can."))
    note_line(platform, SyncLine.What.LAUNCH, SyncLine.Outcome.REFUSED, "The launch is from another course.")
    told = _("This link belongs to another course of your learning platform.")
    raise Refusal("another-course", "launch", told, 403, _("Open it in the course that it was made for."))


def _learn_services(platform: Platform, claims: Claims) -> None:
    """Where the platform's roster is: it says so at each launch, and may move it on its own hosts."""
    url = reading.read_text(reading.read_part(claims, reading.NRPS), "context_memberships_url", 500)
    if url != platform.memberships_url and url and origin_of(url) in origins_of(platform):
        platform.memberships_url = url
        platform.save(update_fields=["memberships_url"])


def _require_leader(claims: Claims) -> None:
    if reading.read_role(claims) not in LEADING:
        raise Refusal("not-yours-to-do", "launch", _("Only an instructor of the course links to milestones."), 403)


def _make_ticket(platform: Platform, launch: Launch, claims: Claims) -> str:
    ticket = secrets.token_urlsafe(32)
    launch.identity = _know(platform, claims)
    launch.placement = _place(platform, claims)
    launch.role, launch.ticket, launch.received_at = reading.read_role(claims), digest_of(ticket), timezone.now()
    launch.save(update_fields=["identity", "placement", "role", "ticket", "received_at"])
    place = f"{launch.placement.slug}/{launch.placement.kind}" if launch.placement else ""
    note_line(platform, SyncLine.What.LAUNCH, SyncLine.Outcome.DONE, identity=launch.identity, place=place)
    return ticket


def _know(platform: Platform, claims: Claims) -> Identity:
    """Whoever comes, by the platform's own number of them; what it calls them is kept as it is now."""
    known, _made = Identity.objects.get_or_create(platform=platform, sub=claims["sub"])
    name = reading.read_name(claims)
    if (name and name != known.name) or known.left_at:
        known.name, known.left_at = name or known.name, None
        known.save(update_fields=["name", "left_at"])
    return known


def _place(platform: Platform, claims: Claims) -> Placement | None:
    """The milestone that the link leads to; None for a link to the cohort as a whole. Raises Refusal on another's."""
    named = reading.read_milestone(claims)
    if not named:
        return None
    try:
        slug, kind = choose_milestone(platform.cohort, named)
    except Refusal as refusal:
        note_line(
            platform, SyncLine.What.LAUNCH, SyncLine.Outcome.REFUSED, "The cohort has no such milestone.", place=named
        )
        told = _("This link leads to a milestone that the cohort does not have.")
        raise Refusal("unknown-milestone", "launch", told, 404, _("Tell whoever leads the course.")) from refusal
    link = reading.read_text(reading.read_part(claims, reading.LTI + "resource_link"), "id")
    column = reading.read_column(claims)
    fields = {"slug": slug, "kind": kind, "column_url": column if origin_of(column) in origins_of(platform) else ""}
    return Placement.objects.update_or_create(platform=platform, link=link, defaults=fields)[0]
