"""Where people come in from a learning platform: in a frame of its page first, then in a tab of their own.

What is shown in the frame keeps nothing in the browser and needs no cookie; only the registered platform may frame it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from frontend.refusing import refusing
from frontend.security import HEADER, POLICY, build_policy
from people.accounts.models import User
from people.cohorts.models import Membership
from people.cohorts.queries import list_leaders
from people.learners.refusals import Refusal
from people.lti import arriving, launching
from people.lti.deep_linking import find_return_address, sign_answers
from people.lti.keys import list_published
from people.lti.models import Launch, Platform
from people.lti.queries import find_milestone, find_platform
from people.outgoing import origin_of

P = ParamSpec("P")
# In the session of a tab of our own: the launch that it has opened.
OPENED: Final = "opened-launch"


@require_safe
def lti_keys(request: HttpRequest) -> HttpResponse:
    """Our public keys. Platforms look here again when they meet a new one."""
    return JsonResponse({"keys": list(list_published())}, headers={"Cache-Control": "max-age=3600"})


def framed(view: Callable[[HttpRequest, Platform], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """A page in the platform's frame, or a refusal in its place."""

    @csrf_exempt  # what comes is signed by the platform, or changes nothing
    @xframe_options_exempt
    @never_cache
    @refusing
    @wraps(view)
    def answer(request: HttpRequest, key: str) -> HttpResponse:
        platform = find_platform(key)
        try:
            response = view(request, platform)
        except Refusal as refusal:
            context = {"refusal": refusal, "cohort": platform.cohort}
            response = render(request, "lms/refused.html", context, status=refusal.status)
        return _let_frame(response, platform)

    return answer


@require_http_methods(["GET", "POST"])
@framed
def lti_login(request: HttpRequest, platform: Platform) -> HttpResponse:
    """Send the browser back to the platform with a fresh state, so that it says who comes."""
    launch_url = request.build_absolute_uri(reverse("frontend:lti_launch", args=[platform.key]))
    return HttpResponseRedirect(launching.begin(request, platform, launch_url))


@require_POST
@framed
def lti_launch(request: HttpRequest, platform: Platform) -> HttpResponse:
    """Take the platform's message: show the way into a tab of our own, or what an instructor may link to."""
    received = launching.receive(request, platform)
    if received.ticket:
        way_in = reverse("frontend:lti_open", args=[received.ticket])
        milestone = find_milestone(received.launch.placement)
        shown = {"launch": received.launch, "milestone": milestone, "ticket_url": way_in}
        return render(request, "lms/launch.html", shown)
    url = find_return_address(received)
    launch_url = request.build_absolute_uri(request.path)
    context = {"answers": list(sign_answers(received, launch_url)), "url": url, "cohort": platform.cohort}
    return _let_frame(render(request, "lms/links.html", context), platform, origin_of(url))


def _let_frame(response: HttpResponse, platform: Platform, form_action: str = "'self'") -> HttpResponse:
    policy = {**POLICY, "frame-ancestors": [origin_of(platform.site_url)], "form-action": [form_action]}
    response.headers.setdefault(HEADER, build_policy(policy))
    return response


def unframed(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page of a tab of our own, or a refusal in its place."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            context = {"refusal": refusal, "cohort": ""}
            return render(request, "learner/not_open.html", context, status=refusal.status)

    return answer


# GET only: a HEAD is from something that looks at links, and would use the ticket up.
@require_GET
@unframed
def lti_open(request: HttpRequest, ticket: str) -> HttpResponse:
    """Use the ticket: straight on for whoever came before, or else a page that asks once."""
    launch = arriving.open_ticket(ticket)
    user = launch.identity.user if launch.identity else None
    if user and arriving.is_known(launch) and request.user in (user, *_nobody(request)):
        return _let_in(request, launch, user)
    request.session[OPENED] = launch.pk
    return redirect("frontend:lti_arrive")


@require_http_methods(["GET", "HEAD", "POST"])
@unframed
def lti_arrive(request: HttpRequest) -> HttpResponse:
    """Whose account it is, who leads the cohort and what they will see. Nobody comes in but by a button here."""
    launch = arriving.access_opened(int(request.session.get(OPENED, 0)))
    if request.method == "POST":
        user = _choose_account(request, launch)
        if user:
            del request.session[OPENED]
            return _let_in(request, launch, user)
    context = {"launch": launch, "cohort": launch.platform.cohort, "leaders": list_leaders(launch.platform.cohort)}
    return render(request, "lms/arrive.html", context)


@require_POST
@login_required
def part_lms(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        arriving.part(cast(User, request.user), pk)
    except Refusal as refusal:
        messages.error(request, refusal.advice)
    else:
        messages.success(request, _("Parted: nobody comes in as you from there. Your work and your cohort stay."))
    return redirect("frontend:account")


def _nobody(request: HttpRequest) -> tuple[Any, ...]:
    return () if request.user.is_authenticated else (request.user,)


def _choose_account(request: HttpRequest, launch: Launch) -> User | None:
    """The account that the button was for; None for a button that is not on the page any more."""
    known = launch.identity.user if launch.identity else None
    if known:
        return known
    if "mine" in request.POST and isinstance(request.user, User):
        return arriving.join_account(launch, request.user)
    return arriving.begin_account(launch) if "new" in request.POST else None


def _let_in(request: HttpRequest, launch: Launch, user: User) -> HttpResponse:
    part = arriving.enter(launch, user)
    if part is None:
        messages.info(request, _("You are signed in. An owner of the cohort can make you one of those who lead it."))
    onward = _lead_on(launch, part) if part else redirect("frontend:home")
    if request.user == user:
        return onward
    # What a platform says stands for the password, never for the second factor.
    answer: HttpResponse = perform_login(request, user, redirect_url=onward["Location"])
    return answer


def _lead_on(launch: Launch, part: Membership) -> HttpResponse:
    if launch.placement:
        return redirect("frontend:milestone", launch.placement.slug, launch.placement.kind)
    return redirect("frontend:cohort" if part.power else "frontend:membership", launch.platform.cohort.slug)
