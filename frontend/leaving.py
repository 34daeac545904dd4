"""Where somebody closes their account: what goes, what stays, and no way back without having read it."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from frontend.forms import ClosingForm
from people.accounts.models import User
from people.learners.refusals import Refusal
from people.leaving.closing import close, list_obstacles


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@never_cache
def close_account(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    if request.method != "POST":
        return _show(request, ClosingForm(user))
    form = ClosingForm(user, request.POST)
    if not form.is_valid():
        return _show(request, form, 400)
    try:
        close(user, keeps_work=form.cleaned_data["work"] == ClosingForm.KEEP)
    except Refusal as refusal:
        return _show(request, form, refusal.status)
    logout(request)
    messages.success(request, _("Your account is closed. Thank you for having been here."))
    return redirect("frontend:home")


def _show(request: HttpRequest, form: ClosingForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "obstacles": list_obstacles(cast(User, request.user))}
    return render(request, "learner/close.html", context, status=status)
