"""Where people look after their account: their zone, their goal, and the tokens that stand for them elsewhere."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.calendars import address_of_feed
from frontend.forms import GoalForm, MailsForm, TokenForm, ZoneForm
from frontend.wheel import wheel_name
from people.accounts import mailing
from people.accounts.languages import choose_language, is_spoken
from people.accounts.models import User
from people.accounts.tokens import issue_token, revoke_token
from people.cohorts.queries import list_led
from people.goals import reminders, setting
from people.goals.queries import find_goal
from people.learners.addresses import address_of_repository
from people.learners.queries import current_projects, list_enrolments
from people.lti.queries import list_identities

REFUSED = gettext_lazy("Nothing was changed. What is wrong is said beside the field.")


def example_project(user: User) -> str:
    """A slug for the instructions: what this user works on, or what they could."""
    enrolment = list_enrolments(user).first()
    project = enrolment.project if enrolment else current_projects().first()
    return project.slug if project else "chargeback-watch"


def owner(request: HttpRequest) -> User:
    """Whose account it is: but for the reminders' link, every view below is behind log-in."""
    return cast(User, request.user)


def show(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    user = owner(request)
    example = example_project(user)
    context = {
        "token_form": TokenForm(),
        "zone_form": ZoneForm(initial={"zone": user.zone}),
        "goal_form": GoalForm(user, find_goal(user)),
        "mails_form": MailsForm(user, list_led(user).exists()),
        "identities": list_identities(user),
        "wheel": request.build_absolute_uri(reverse("frontend:wheel", args=[wheel_name()])),
        "tokens": user.tokens.all(),
        "calendar": address_of_feed(request, user),
        "server": request.build_absolute_uri("/").rstrip("/"),
        "example": example,
        "repository": address_of_repository(request, cast(User, request.user), example),
        **more,
    }
    return render(request, "learner/account.html", context, status=status)


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    return show(request)


@require_POST
@login_required
@never_cache
def create_token(request: HttpRequest) -> HttpResponse:
    """The page once more, with the new token in it: it is in this one answer and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return show(request, status=400, token_form=form)
    return show(request, status=201, new_token=issue_token(owner(request), **form.cleaned_data))


@require_POST
@login_required
def withdraw_token(request: HttpRequest, pk: int) -> HttpResponse:
    if revoke_token(owner(request), pk):
        messages.success(request, _("The token is taken back; what used it is signed out."))
    return redirect("frontend:account")


@require_POST
@never_cache
def set_language(request: HttpRequest) -> HttpResponse:
    """Speak this language from now on, in this browser and to whoever is signed in; an empty one: ask the browser."""
    language = request.POST.get("language", "")
    if language and not is_spoken(language):
        known = ", ".join(name for _code, name in settings.LANGUAGES)
        messages.error(request, _("We do not speak that language yet; there are %(known)s.") % {"known": known})
        return redirect(_way_back(request))
    if isinstance(request.user, User):
        choose_language(request.user, language)
    answer = redirect(_way_back(request))
    if not language:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return answer
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _way_back(request: HttpRequest) -> str:
    """The page that they chose it on; never one of another site."""
    wanted = request.POST.get("next", "")
    allowed = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=allowed, require_https=request.is_secure())
    return wanted if is_ours else reverse("frontend:home")


@require_POST
@login_required
def set_zone(request: HttpRequest) -> HttpResponse:
    form = ZoneForm(request.POST)
    if not form.is_valid():
        messages.error(request, REFUSED)
        return show(request, status=400, zone_form=form)
    user = owner(request)
    user.zone = form.cleaned_data["zone"]
    user.save(update_fields=["zone"])
    messages.success(request, _("Times are shown in your zone from now on."))
    return redirect("frontend:account")


@require_POST
@login_required
def set_goal(request: HttpRequest) -> HttpResponse:
    user = owner(request)
    form = GoalForm(user, find_goal(user), request.POST)
    if not form.is_valid():
        messages.error(request, REFUSED)
        return show(request, status=400, goal_form=form)
    if form.cleaned_data["unit"]:
        setting.set_goal(user, **form.cleaned_data)
        messages.success(request, _("Your goal is set. Your start page shows how the week goes."))
    else:
        setting.drop_goal(user)
        messages.success(request, _("You have no weekly goal now, and nobody reminds you of one."))
    return redirect("frontend:account")


@require_POST
@login_required
def set_mails(request: HttpRequest) -> HttpResponse:
    user = owner(request)
    form = MailsForm(user, list_led(user).exists(), request.POST)
    if not form.is_valid():
        messages.error(request, REFUSED)
        return show(request, status=400, mails_form=form)
    mailing.choose_mails(user, [name for name, wanted in form.cleaned_data.items() if wanted], timezone.now())
    messages.success(request, _("Kept. Each of these mails says how to stop it."))
    return redirect("frontend:account")


# Mail programs post to the next two and have no cookie: the signature in the link says whose mails it stops.
# They stop at a POST only: what scans mail for bad links follows every link there is.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mails(request: HttpRequest, token: str) -> HttpResponse:
    found = mailing.read_link(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        mailing.stop_mails(*found)
    context = {"is_stopped": request.method == "POST", "mailing": found[0].label}
    return render(request, "account/stop_mails.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reminders(request: HttpRequest, token: str) -> HttpResponse:
    is_stopped = request.method == "POST" and reminders.stop(token)
    if not is_stopped and not reminders.is_ours(token):
        raise Http404
    return render(request, "account/stop_reminders.html", {"is_stopped": is_stopped})
