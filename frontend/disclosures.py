"""The links by which learners show their evidence: to make, to look after and to take back; and what they show."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.forms import DisclosureForm
from frontend.leading.forms import make
from frontend.profiles import build_levels
from frontend.refusing import refusing
from people.accounts.models import User
from people.employers import disclosing
from people.employers.disclosing import Shown
from people.employers.models import Disclosure
from people.learners.refusals import Refusal

MOST_LOOKS = 100
# Nobody finds such a page by searching, and no page that is linked from it learns its address.
SECRECY = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store, private",
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def disclosures(request: HttpRequest) -> HttpResponse:
    """The reader's links and how often each was opened; and a form for another."""
    user = cast(User, request.user)
    form = DisclosureForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (made := make(form, lambda **told: _disclose(user, **told))):
        messages.success(request, _("The link is made. Whoever has it sees what you chose, until it ends."))
        return redirect("frontend:disclosure", made.pk)
    context = {"form": form, "links": disclosing.list_disclosures(user)}
    return render(request, "learner/disclosures.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
@refusing
def disclosure(request: HttpRequest, pk: int) -> HttpResponse:
    """One link: its address, what it shows, and who opened it."""
    found = disclosing.access_disclosure(cast(User, request.user), pk)
    context = {
        "link": found,
        "address": request.build_absolute_uri(reverse("frontend:shared", args=[found.token])),
        "looks": disclosing.list_looks(found)[:MOST_LOOKS],
    }
    return render(request, "learner/disclosure.html", context)


@require_POST
@login_required
@refusing
def revoke_disclosure(request: HttpRequest, pk: int) -> HttpResponse:
    found = disclosing.revoke(cast(User, request.user), pk)
    messages.success(request, _("Taken back: from now on the link shows nothing to anybody."))
    return redirect("frontend:disclosure", found.pk)


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody shows of themselves, to whoever has the link."""
    return _show(request, token, "learner/shared.html", "")


@require_safe
def shared_story(request: HttpRequest, token: str, slug: str) -> HttpResponse:
    """The story of one project in the scope of a link."""
    return _show(request, token, "learner/shared_story.html", slug)


def _show(request: HttpRequest, token: str, template: str, slug: str) -> HttpResponse:
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        # A browser that only guesses gets nothing: what it kept would be read without being written down.
        return _keep_secret(HttpResponse(status=503))
    try:
        shown = _open(request, token, slug)
        told = {"story": shown.find_story(slug)} if slug else {"page": build_levels(shown.label, shown.levels)}
    except Refusal as refusal:
        return _keep_secret(render(request, "learner/shared_dead.html", {"refusal": refusal}, status=404))
    return _keep_secret(render(request, template, {"shown": shown, "token": token, **told}))


def _open(request: HttpRequest, token: str, slug: str) -> Shown:
    if request.method == "HEAD":
        return disclosing.read_shown(disclosing.find_disclosure(token))
    viewer = request.user if isinstance(request.user, User) else None
    return disclosing.open_disclosure(token, viewer, slug or disclosing.LEVELS_PAGE)


def _keep_secret(answer: HttpResponse) -> HttpResponse:
    for name, value in SECRECY.items():
        answer[name] = value
    return answer


def _disclose(user: User, shows: str, called: str, **told: Any) -> Disclosure:
    return disclosing.disclose(user, shows_evidence=shows == "evidence", shows_name=called == "name", **told)
