"""What every page may know about the site it is part of; asks no database."""

from django.conf import settings
from django.http import HttpRequest

from frontend.viewing import find_viewing
from frontend.words import DEMO_CAST
from people.cohorts.demo import PASSWORD


def describe_site(request: HttpRequest) -> dict[str, object]:
    """Its languages, each in its own words; who may be tried out on a demo site, and with which password."""
    told = {
        "languages": settings.LANGUAGES,
        "viewing": find_viewing(request),
        "oidc_name": settings.OIDC_NAME if settings.SOCIALACCOUNT_PROVIDERS else "",
    }
    if not settings.MILEPOST_DEMO:
        return {**told, "demo": False}
    return {
        **told,
        "demo": True,
        "demo_people": [{"username": name, "says": says} for name, says in DEMO_CAST.items()],
        "demo_password": PASSWORD,
    }
