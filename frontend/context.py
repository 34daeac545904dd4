"""What every page may know about the site it is part of; asks no database."""

from django.conf import settings
from django.http import HttpRequest

from frontend.words import DEMO_CAST
from people.cohorts.demo import PASSWORD


def describe_site(request: HttpRequest) -> dict[str, object]:
    """Who may be tried out on a demo site, and with which password; elsewhere, that it is none."""
    if not settings.MILEPOST_DEMO:
        return {"demo": False}
    return {
        "demo": True,
        "demo_people": [{"username": name, "says": says} for name, says in DEMO_CAST.items()],
        "demo_password": PASSWORD,
    }
