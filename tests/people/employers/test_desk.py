"""An employer's desk: created by who may, its posts taken up by link, and one owner who stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from people.accounts.models import User
from people.employers.models import Employer, Offer, Post

Api = Callable[[User], APIClient]


def test_everybody_creates_an_employer_unless_the_site_says_no(
    erin: User, charlie: User, api: Api, settings: Any
) -> None:
    made = api(erin).post("/api/employers", {"title": "  Northwind   Payments ", "website": "https://example.org"})
    assert (made.status_code, made.json()["slug"], made.json()["role"]) == (201, "northwind-payments", "owner")
    again = api(charlie).post("/api/employers", {"title": "Northwind Payments"})
    assert again.json()["slug"].startswith("northwind-payments-")
    for body, field in (({"title": " "}, "title"), ({"title": "A", "website": "javascript:x"}, "website")):
        refused = api(erin).post("/api/employers", body)
        assert refused.status_code == 400
        assert field in str(refused.json())
    settings.MILEPOST_OPEN_EMPLOYERS = False
    assert api(erin).post("/api/employers", {"title": "Acme"}).status_code == 403
    assert Employer.objects.count() == 2


def test_a_post_is_taken_up_once_and_by_link_only(desk: Post, bob: User, charlie: User, api: Api) -> None:
    made = api(desk.user).post("/api/employers/northwind/offers", {"role": "recruiter", "meant_for": "Bob"}).json()
    token = made["address"].rstrip("/").rsplit("/", 1)[1]
    assert api(bob).post(f"/api/offers/{token}").json()["role"] == "recruiter"
    late = api(charlie).post(f"/api/offers/{token}")
    never = api(charlie).post("/api/offers/never-was-one")
    assert (late.status_code, late.json()["detail"]) == (404, never.json()["detail"])
    # A recruiter keeps candidates, and appoints nobody.
    assert api(bob).post("/api/employers/northwind/offers", {"role": "owner"}).status_code == 403
    assert api(charlie).get("/api/employers/northwind").status_code == 404


def test_an_offer_ends(desk: Post, bob: User, api: Api) -> None:
    offer = Offer.objects.create(employer=desk.employer, role="reader")
    Offer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert api(bob).post(f"/api/offers/{offer.token}").status_code == 404
    assert api(bob).get("/api/employers").json()["results"] == []


def test_one_owner_stays_and_everybody_may_leave(desk: Post, bob: User, api: Api) -> None:
    Post.objects.create(employer=desk.employer, user=bob, role="reader")
    erin = api(desk.user)
    for refused in (
        erin.delete("/api/employers/northwind/people/erin"),
        erin.put("/api/employers/northwind/people/erin", {"role": "reader"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "last-owner")
    assert api(bob).delete("/api/employers/northwind/people/erin").status_code == 403
    assert erin.put("/api/employers/northwind/people/bob", {"role": "owner"}).json()["role"] == "owner"
    assert erin.delete("/api/employers/northwind/people/erin").status_code == 204
    told = api(bob).get("/api/employers/northwind/diary").json()["results"]
    assert [line["verb"] for line in told] == ["dismissed", "reappointed"]


@pytest.mark.usefixtures("desk")
def test_the_menu_leads_there_whoever_hires_and_nobody_else(
    erin: User, alice: User, log_in: Callable[[User], Any]
) -> None:
    hers, others = log_in(erin), log_in(alice)
    for client in (hers, others):
        client.get("/employers/")
    assert 'href="/employers/"' in hers.get("/me/roles/").text
    assert 'href="/employers/"' not in others.get("/me/roles/").text
    assert "Northwind" in hers.get("/").text
