"""Hands out what pages are dressed in, and lets every other request pass in the thread that it came in."""

from collections.abc import Callable

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def serve_static(get_response: GetResponse) -> GetResponse:
    """ServeStatic speaks asynchronously only, and none of its neighbours does: a loop is begun for files alone."""
    serve: GetResponse = async_to_sync(ServeStaticMiddleware(sync_to_async(get_response)))

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.STATIC_URL):
            return serve(request)
        return get_response(request)

    return answer
