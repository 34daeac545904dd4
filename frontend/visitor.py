"""What anybody may see without an account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from frontend import learner


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page; who is signed in begins where they left off."""
    if request.user.is_authenticated:
        return learner.start(request)
    return render(request, "visitor/home.html")
