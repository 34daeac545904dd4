"""Shows who leads a learner's pages as the learner sees them: read-only, announced on each page, within one cohort.

Nobody is signed in as anybody else: the request stays its leader's, and only the pages named here ask `find_reader`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.models import Cohort, Membership
from people.cohorts.queries import access_member_submission
from people.cohorts.viewing import access_viewed
from people.learners.queries import access_submission
from people.learners.refusals import Refusal

KEY: Final = "viewing"
SAFE: Final = frozenset({"GET", "HEAD"})
# The pages that are shown; whatever is not named is refused.
SHOWN: Final = frozenset(
    f"frontend:{name}" for name in ("home", "start_live", "project", "project_live", "milestone", "submission", "live")
)
# What remains the leader's own to do meanwhile.
WAYS_OUT: Final = frozenset({"frontend:stop_viewing", "account_logout"})


@dataclass(frozen=True, slots=True)
class Viewing:
    """A leader who looks at a learner's pages."""

    leader: Membership
    learner: User

    @property
    def cohort(self) -> Cohort:
        return self.leader.cohort


def find_viewing(request: HttpRequest) -> Viewing | None:
    return getattr(request, KEY, None)


def find_reader(request: HttpRequest) -> User:
    """Whose page this is: the learner's who is looked at, or else that of whoever is signed in."""
    viewing = find_viewing(request)
    return viewing.learner if viewing else cast(User, request.user)


def find_slugs(request: HttpRequest) -> Sequence[str] | None:
    """The projects that may be shown: the cohort's alone while somebody looks; None for all."""
    viewing = find_viewing(request)
    return viewing.cohort.project_slugs if viewing else None


def begin(request: HttpRequest, leader: Membership, member: Membership) -> None:
    request.session[KEY] = {"cohort": leader.cohort.slug, "learner": member.user.username}


def stop(request: HttpRequest) -> str:
    """The cohort that was looked at, if one was."""
    return str(request.session.pop(KEY, {}).get("cohort", ""))


class ViewingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> None:
        told = request.session.get(KEY)
        if told and request.user.is_authenticated:
            self._look(request, told, kwargs)

    def _look(self, request: HttpRequest, told: Mapping[str, str], kwargs: Mapping[str, Any]) -> None:
        """Let the request through as a look at the learner's page, or not at all."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in WAYS_OUT:
            return
        try:
            leader, member = access_viewed(cast(User, request.user), told["cohort"], told["learner"])
        except Refusal as refusal:
            stop(request)
            raise PermissionDenied(_("You can no longer look at this learner's pages.")) from refusal
        member.user.is_looked_at = True
        viewing = Viewing(leader, member.user)
        setattr(request, KEY, viewing)
        if request.method not in SAFE:
            raise PermissionDenied(_("You are only looking: nothing can be changed. Stop looking first."))
        if name not in SHOWN:
            raise PermissionDenied(_("This page is not shown while you look at a learner's. Stop looking first."))
        _refuse_elsewhere(viewing, kwargs)


def _refuse_elsewhere(viewing: Viewing, kwargs: Mapping[str, Any]) -> None:
    """What is not of this cohort's projects does not exist while somebody looks."""
    if "slug" in kwargs and kwargs["slug"] not in viewing.cohort.project_slugs:
        raise Http404
    try:
        if "pk" in kwargs:
            access_submission(viewing.learner, access_member_submission(viewing.leader, kwargs["pk"]).pk)
    except Refusal as refusal:
        raise Http404(refusal.sentence) from refusal
