"""Answers with a gradebook as a file, sent while it is written."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from people.cohorts.exporting import FORMATS, name_file
from people.cohorts.gradebook import list_graded, open_book, read_batches
from people.cohorts.models import Membership
from people.cohorts.ordering import order_members
from people.learners.refusals import Refusal


def answer_gradebook(request: HttpRequest, leader: Membership, extension: str) -> StreamingHttpResponse:
    """The lines that this leader sees, of one section if `section` names it, in the order of `sort`. Raises Refusal."""
    if extension not in FORMATS:
        told = _("The gradebook comes as {formats}.").format(formats=", ".join(FORMATS))
        raise Refusal("unknown-format", "format", told, 404)
    book = open_book(leader.cohort)
    members = list_graded(leader, request.GET.get("section", ""))
    numbers = order_members(book, members, request.GET.get("sort", "name"))
    chosen = FORMATS[extension]
    parts = chosen.write(book, read_batches(book, list(numbers)))
    name = name_file(book, extension, timezone.now())
    return StreamingHttpResponse(
        _flow_together(parts) if isinstance(request, ASGIRequest) else parts,
        content_type=chosen.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _step(parts: Iterator[bytes]) -> bytes | None:
    return next(parts, None)


async def _flow_together(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    # Under ASGI parts that are not awaited would be gathered before the first is sent.
    step = sync_to_async(_step)
    while (part := await step(parts)) is not None:
        yield part
