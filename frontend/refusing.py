"""Turns a refusal from people into a page: what is not there is a 404, what may not be is a 403."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from people.learners.refusals import Refusal

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def refusing(view: View[P]) -> View[P]:
    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            if refusal.status == 404:
                raise Http404(refusal.sentence) from refusal
            raise PermissionDenied(refusal.sentence) from refusal

    return answer
