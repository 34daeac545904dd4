"""The link that lets people in: what it says first, whom it lets in, and how it ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from people.accounts.models import User
from people.cohorts.invitations import invite, join, sign
from people.cohorts.models import Cohort, Invitation, Membership, Reservation, Role, Section
from people.learners.models import Enrolment
from people.learners.refusals import Refusal

LogIn = Callable[[User], Client]
API = "/api/cohorts/autumn/invitations"
JSON = {"content_type": "application/json"}


def test_the_page_says_which_cohort_and_who_will_see_what_and_joins_nobody_by_itself(
    log_in: LogIn, charlie: User, autumn: Cohort, link: str
) -> None:
    shown = log_in(charlie).get(link).content.decode()
    assert "<h1>Autumn</h1>" in shown
    assert "Dana" in shown
    assert "They see what you hand in" in shown
    assert "Join as Charlie" in shown
    assert not Membership.objects.filter(user=charlie).exists()


def test_who_joins_is_a_learner_enrolled_in_nothing_yet(
    log_in: LogIn, charlie: User, autumn: Cohort, link: str, invitation: Invitation
) -> None:
    landed = log_in(charlie).post(link)
    assert landed["Location"] == "/me/cohorts/autumn/"
    assert Membership.objects.get(user=charlie).role == Role.LEARNER
    assert not Enrolment.objects.filter(user=charlie).exists()
    assert [(line.verb, line.learner) for line in autumn.lines.order_by("pk")] == [
        ("invited", None),
        ("joined", charlie),
    ]
    shown = log_in(charlie).get("/me/cohorts/autumn/").content.decode()
    assert "Look at it, and enrol" in shown


def test_joining_twice_is_no_harm_and_counts_once(
    log_in: LogIn, charlie: User, link: str, invitation: Invitation
) -> None:
    client = log_in(charlie)
    for _time in range(2):
        client.post(link)
        assert client.post(link.replace("/join", "/api/join").rstrip("/")).status_code == 200
    invitation.refresh_from_db()
    assert invitation.used == 1
    assert "You are in this cohort already." in client.get(link).content.decode()


def test_who_leads_is_told_so_and_stays_what_they_are(log_in: LogIn, dana: User, link: str, owner: Membership) -> None:
    client = log_in(dana)
    assert "You lead this cohort, so there is nothing to join." in client.get(link).content.decode()
    assert client.post(link).status_code == 200
    assert client.post(link.replace("/join", "/api/join").rstrip("/")).status_code == 409
    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_who_has_no_account_signs_up_and_comes_back(link: str, invitation: Invitation) -> None:
    visitor = Client()
    shown = visitor.get(link).content.decode()
    assert f"/accounts/signup/?next={link.replace(':', '%3A')}" in shown
    assert f"/accounts/login/?next={link.replace(':', '%3A')}" in shown
    assert visitor.post(link).status_code == 200
    told = {"username": "newcomer", "password1": "a long password", "password2": "a long password", "next": link}
    landed = visitor.post("/accounts/signup/", told)
    assert landed["Location"] == link
    assert visitor.post(link)["Location"] == "/me/cohorts/autumn/"
    assert Membership.objects.get(user__username="newcomer").role == Role.LEARNER


@pytest.mark.parametrize(
    ("changed", "code", "sentence"),
    [
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, "expired", "This invitation has expired."),
        ({"revoked_at": timezone.now()}, "revoked", "This invitation was taken back."),
        ({"used": 2}, "used-up", "This invitation is used up: as many came in as it was for."),
    ],
)
def test_what_is_over_says_how_and_lets_nobody_in(
    log_in: LogIn,
    charlie: User,
    alice: User,
    link: str,
    invitation: Invitation,
    changed: dict[str, Any],
    code: str,
    sentence: str,
) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(**changed)
    client = log_in(charlie)
    for answer in (client.get(link), client.post(link), Client().get(link)):
        assert answer.status_code == 410
        assert sentence in answer.content.decode()
        assert "Ask whoever sent it to you for another one." in answer.content.decode()
    for answer in (client.get(f"/api{link[:-1]}"), client.post(f"/api{link[:-1]}")):
        assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (410, code, sentence)
    assert not Membership.objects.filter(user=charlie).exists()
    # Who came in by it is still led to what they have.
    assert log_in(alice).get(link).status_code == 200


@pytest.mark.parametrize("spoil", [lambda token: "1", lambda token: token + "x", lambda token: "9" + token])
def test_a_link_that_is_not_ours_leads_nowhere(
    log_in: LogIn, charlie: User, invitation: Invitation, spoil: Callable[[str], str]
) -> None:
    token = spoil(sign(invitation))
    assert log_in(charlie).get(f"/join/{token}/").status_code == 404
    assert log_in(charlie).post(f"/join/{token}/").status_code == 404
    assert log_in(charlie).post(f"/api/join/{token}").status_code == 404


def test_joining_asks_for_the_forms_own_token(charlie: User, link: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(charlie)
    assert browser.post(link).status_code == 403


def test_a_link_is_made_shown_again_and_revoked(log_in: LogIn, dana: User, charlie: User, autumn: Cohort) -> None:
    Section.objects.create(cohort=autumn, title="North")
    client = log_in(dana)
    later = (timezone.now() + timedelta(days=3)).isoformat()
    made = client.post(API, {"expires_at": later, "cap": 5, "section": "North"}, **JSON)
    assert made.status_code == 201
    assert client.get(API).json() == [made.json()]
    path = made.json()["url"].removeprefix("http://testserver")
    log_in(charlie).post(path)
    assert Membership.objects.get(user=charlie).section == Section.objects.get()
    assert client.delete(f"{API}/{made.json()['id']}").json()["closed"] == "revoked"
    assert client.delete(f"{API}/{made.json()['id']}").status_code == 200
    assert client.get(API).json()[0]["used"] == 1
    assert list(autumn.lines.order_by("pk").values_list("verb", flat=True)) == ["invited", "joined", "revoked"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"cap": 0}, "cap"),
        ({"cap": 10_001}, "cap"),
        ({"section": "South"}, "section"),
    ],
)
def test_a_link_that_cannot_be_is_refused_by_its_field(
    log_in: LogIn, dana: User, autumn: Cohort, changed: dict[str, Any], field: str
) -> None:
    asked = {"expires_at": (timezone.now() + timedelta(days=3)).isoformat(), "cap": 5, **changed}
    refused = log_in(dana).post(API, asked, **JSON)
    assert (refused.status_code, refused.json()["field"]) == (400, field)
    assert not Invitation.objects.exists()


def test_an_invitation_of_another_cohort_is_not_revoked_from_here(log_in: LogIn, dana: User, autumn: Cohort) -> None:
    spring = Cohort.objects.create(slug="spring", title="Spring")
    other = Invitation.objects.create(cohort=spring, expires_at=timezone.now() + timedelta(days=1), cap=1)
    assert log_in(dana).delete(f"{API}/{other.pk}").status_code == 404
    assert log_in(dana).post(f"/cohorts/autumn/invitations/{other.pk}/revoke/").status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


def test_who_joins_by_a_link_gets_what_a_roster_says_of_them(
    log_in: LogIn, charlie: User, autumn: Cohort, link: str
) -> None:
    north = Section.objects.create(cohort=autumn, title="North")
    Reservation.objects.create(
        cohort=autumn, user=charlie, username="charlie", external_id="S-3", section=north, extra_percent=25
    )
    log_in(charlie).post(link)
    part = Membership.objects.get(user=charlie)
    assert (part.external_id, part.section, part.extra_percent) == ("S-3", north, 25)
    assert not Reservation.objects.exists()


def test_the_database_decides_who_is_the_last(owner: Membership, make_user: Callable[[str], User]) -> None:
    """Each has read the row before anybody was counted, as requests do that come at the same moment."""
    made = invite(owner, timezone.now() + timedelta(days=1), 3)
    people = [make_user(f"person{number}") for number in range(5)]
    read = [Invitation.objects.select_related("cohort").get(pk=made.pk) for _person in people]

    def come(user: User, invitation: Invitation) -> str:
        try:
            join(user, invitation)
        except Refusal as refusal:
            return refusal.code
        return "in"

    assert [come(*one) for one in zip(people, read, strict=True)] == ["in"] * 3 + ["used-up"] * 2
    made.refresh_from_db()
    assert made.used == Membership.objects.filter(cohort=owner.cohort, user__in=people).count() == 3
