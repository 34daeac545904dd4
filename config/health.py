"""Whether this process lives, and whether it can serve: for supervisors and load balancers."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse


def say_alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def say_ready(request: HttpRequest) -> HttpResponse:
    """The database answers as well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whichever database: not ready is all that may be said here
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})
