"""Who acts for an employer: to see, to offer posts by link, to change and to end them."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.hiring.access import find_posts, hire
from frontend.hiring.forms import OfferForm, PostForm
from frontend.leading.forms import attempt
from frontend.refusing import refusing
from people.accounts.models import User
from people.employers import posts
from people.employers.models import Post, Power
from people.learners.refusals import Refusal


@require_safe
@login_required
@refusing
def people(request: HttpRequest, slug: str) -> HttpResponse:
    return show(request, hire(request, slug))


def show(request: HttpRequest, post: Post, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "post": post,
        "employer": post.employer,
        "colleagues": [(one, PostForm(one)) for one in posts.list_colleagues(post)],
        "offers": _list_offers(request, post) if post.power >= Power.OWN else [],
        "offer_form": OfferForm(),
        **more,
    }
    return render(request, "employer/people.html", context, status=status)


def _list_offers(request: HttpRequest, post: Post) -> list[dict[str, Any]]:
    found = posts.list_offers(post)
    return [{"offer": one, "address": request.build_absolute_uri(f"/employers/offers/{one.token}/")} for one in found]


def act(request: HttpRequest, post: Post, done: str, deed: Callable[[], object]) -> HttpResponse:
    """Do it and say so, or say on the page of people why not."""
    try:
        deed()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return show(request, post, refusal.status, error=refusal.advice)
    messages.success(request, done)
    mine = any(one.employer_id == post.employer_id for one in find_posts(request))
    return redirect("frontend:colleagues", post.employer.slug) if mine else redirect("frontend:employers")


@require_POST
@login_required
@refusing
def make_offer(request: HttpRequest, slug: str) -> HttpResponse:
    post = hire(request, slug, Power.OWN)
    form = OfferForm(request.POST)
    if not attempt(form, lambda **told: posts.offer(post, **told)):
        return show(request, post, 400, offer_form=form)
    messages.success(request, _("The link is in the list below. Send it to one person."))
    return redirect("frontend:colleagues", slug)


@require_POST
@login_required
@refusing
def withdraw_offer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    post = hire(request, slug, Power.OWN)
    return act(request, post, _("Withdrawn: the link offers nothing any more."), lambda: posts.withdraw(post, pk))


@require_POST
@login_required
@refusing
def colleague(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    """Change somebody's role, or end their post."""
    if "dismiss" in request.POST:
        post = hire(request, slug)
        return act(request, post, _("The post has ended."), lambda: posts.dismiss(post, username))
    post = hire(request, slug, Power.OWN)
    role = request.POST.get(PostForm(posts.access_colleague(post, username)).add_prefix("role"), "")
    return act(request, post, _("The role is changed."), lambda: posts.reappoint(post, username, role))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """What a link offers; and to take it up."""
    offered = posts.access_offer(token)
    error = ""
    if request.method == "POST":
        try:
            post = posts.take_up(cast(User, request.user), token)
        except Refusal as refusal:
            error = refusal.advice
        else:
            find_posts(request)
            messages.success(request, _("You act for this employer from now on."))
            return redirect("frontend:employer", post.employer.slug)
    return render(request, "employer/offer.html", {"offer": offered, "error": error}, status=409 if error else 200)
