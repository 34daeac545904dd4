"""An employer's webhooks: to add and change them, and to read what each was told and how that went."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from frontend.hiring.access import hire
from frontend.leading.forms import attempt, make
from frontend.refusing import refusing
from people.employers import hooks
from people.employers.models import Event, Post, Power, Webhook
from people.learners.refusals import Refusal

PER_PAGE = 25
STATES = {
    "": gettext_lazy("All"),
    "waiting": gettext_lazy("Waiting"),
    "delivered": gettext_lazy("Taken"),
    "given-up": gettext_lazy("Given up"),
}


class WebhookForm(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("Where your system takes messages, such as https://hooks.example.org/milepost."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What is it told?"), choices=Event.choices, widget=forms.CheckboxSelectMultiple
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@refusing
def webhooks(request: HttpRequest, slug: str) -> HttpResponse:
    """What there is, and a form for another, whose answer shows its secret."""
    post = hire(request, slug, Power.OWN)
    form = WebhookForm(request.POST if request.method == "POST" else None, initial={"events": Event.values})
    if request.method == "POST" and (made := make(form, lambda **told: hooks.add(post, **told))):
        hook, secret = made
        return _show(request, post, hook, 201, secret=secret)
    context = {"post": post, "employer": post.employer, "hooks": hooks.list_hooks(post), "form": form}
    return render(request, "employer/webhooks.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def webhook(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One of them: its log, and what it is told."""
    post = hire(request, slug, Power.OWN)
    hook = hooks.access_hook(post, pk)
    form = _fill(hook, request.POST if request.method == "POST" else None)
    if request.method == "POST" and attempt(form, lambda **told: hooks.change(post, hook, **told)):
        messages.success(request, _("Kept."))
        return redirect("frontend:webhook", slug, pk)
    return _show(request, post, hook, 400 if form.errors else 200, form=form)


@require_POST
@login_required
@never_cache
@refusing
def act(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Its buttons."""
    post = hire(request, slug, Power.OWN)
    hook = hooks.access_hook(post, pk)
    if "rotate" in request.POST:
        return _show(request, post, hook, 201, secret=hooks.rotate(post, hook))
    if "remove" in request.POST:
        hooks.remove(post, hook)
        messages.success(request, _("Removed: it is told nothing any more."))
        return redirect("frontend:webhooks", slug)
    deeds: dict[str, tuple[str, Callable[[], object]]] = {
        "test": (_("A test is on its way: look in the log in a moment."), lambda: hooks.send_test(post, hook)),
        "pause": (_("Paused: what happens meanwhile waits."), lambda: hooks.pause(post, hook)),
        "resume": (_("It goes on."), lambda: hooks.resume(post, hook)),
    }
    chosen = next((name for name in deeds if name in request.POST), None)
    if chosen is None:
        raise Refusal("unknown-act", "form", _("There is no such button."), 403)
    return _do(request, post, hook, *deeds[chosen])


@require_POST
@login_required
@refusing
def again(request: HttpRequest, slug: str, pk: int, delivery: int) -> HttpResponse:
    post = hire(request, slug, Power.OWN)
    hook = hooks.access_hook(post, pk)
    found = hooks.access_delivery(hook, delivery)
    return _do(request, post, hook, _("It is sent once more."), lambda: hooks.send_again(hook, found))


def _do(request: HttpRequest, post: Post, hook: Webhook, done: str, deed: Callable[[], object]) -> HttpResponse:
    """Do it and say so, or say on the page of the webhook why not."""
    try:
        deed()
    except Refusal as refusal:
        return _show(request, post, hook, refusal.status, error=refusal.advice)
    messages.success(request, done)
    return redirect("frontend:webhook", post.employer.slug, hook.pk)


def _fill(hook: Webhook, data: Any = None) -> WebhookForm:
    return WebhookForm(data, initial={"address": hook.address, "events": hook.events})


def _show(request: HttpRequest, post: Post, hook: Webhook, status: int = 200, **more: Any) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = asked if asked in STATES else ""
    context = {
        "post": post,
        "employer": post.employer,
        "hook": hook,
        "form": _fill(hook),
        "state": state,
        "states": STATES.items(),
        "told": [(_name(event), event) for event in hook.events],
        "deliveries": Paginator(hooks.list_deliveries(hook, state), PER_PAGE).get_page(request.GET.get("page")),
        "query": f"state={state}" if state else "",
        **more,
    }
    return render(request, "employer/webhook.html", context, status=status)


def _name(event: str) -> str:
    return str(Event(event).label)
