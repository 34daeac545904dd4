"""Refuses what no database keeps in a text, the letter NUL and halves of letters, before anybody looks for it.

SQLite would take a NUL, and PostgreSQL fails over it. What programs send is refused field by field where it is read.
"""

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict

NUL: Final = "\0"
# Where no page is: what these send is read elsewhere, and may be large.
PROGRAMS: Final = ("/api/", "/git/")


class Unkept(BadRequest):
    """This field of an address or of a form holds what nothing is called."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class UnkeptMiddleware:
    """An address with a NUL in its path leads nowhere; one in its query, or in a form of a page, is refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if NUL in request.path:
            raise Http404
        _refuse_unkept(request.GET)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if not request.path.startswith(PROGRAMS):
            _refuse_unkept(request.POST)


def _refuse_unkept(sent: QueryDict) -> None:
    for name, values in sent.lists():
        if NUL in "".join([name, *values]):
            raise Unkept(name)


def is_kept(text: str) -> bool:
    return NUL not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def find_unkept(sent: Any, sentence: str) -> Any:
    """This sentence at each place of a body where there is such a text, as a serializer says it; None where none is."""
    if isinstance(sent, str):
        return None if is_kept(sent) else [sentence]
    if isinstance(sent, list):
        sent = dict(enumerate(sent))
    if not isinstance(sent, dict):
        return None
    if any(not is_kept(str(name)) for name in sent):
        return [sentence]
    inner = {str(name): find_unkept(one, sentence) for name, one in sent.items()}
    return {name: fault for name, fault in inner.items() if fault} or None
