"""What every page may know about the site it is part of; asks no database."""

from django.conf import settings
from django.http import HttpRequest


def describe_site(request: HttpRequest) -> dict[str, object]:
    """`demo_people` are {"username": ..., "says": ...}, shown only on a demo site."""
    if not settings.MILEPOST_DEMO:
        return {"demo": False}
    return {
        "demo": True,
        "demo_people": getattr(settings, "DEMO_PEOPLE", ()),
        "demo_password": getattr(settings, "DEMO_PASSWORD", ""),
    }
