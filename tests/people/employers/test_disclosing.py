"""A learner shows a part of their evidence by a link: exactly that, to whoever has it, until it ends."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from people.accounts.models import User
from people.employers.disclosing import MOST_OPEN, disclose, list_looks, open_disclosure, read_shown, revoke
from people.employers.models import Disclosure, Employer, Look
from people.learners.refusals import Refusal

LogIn = Callable[[User], Client]
MINE = "/me/disclosures/"
FORM = {"skills": ["acquire-data"], "projects": ["tiny"], "shows": "evidence", "called": "name", "days": "30"}


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.fixture
def link(shown: User) -> Disclosure:
    return disclose(shown, ["acquire-data"], ["tiny"])


def address_of(link: Disclosure) -> str:
    return f"/shared/{link.token}/"


def test_what_is_disclosed_is_shown_to_whoever_has_the_link_and_no_more(link: Disclosure, shown: User) -> None:
    told = read(Client(), address_of(link))
    for seen in ("Alice", "Acquire data", "Level 4 of 5", "Step 4", "Tiny", "passed at try 2", "c" * 64):
        assert seen in told
    for hidden in ("Engineer features", "/submissions/", "alice@", "shop"):
        assert hidden not in told
    story = read(Client(), f"{address_of(link)}projects/tiny/")
    assert "passed" in story
    assert "0.97" in story
    assert "b" * 64 in story
    assert Client().get(f"{address_of(link)}projects/other/").status_code == 404


def test_levels_alone_are_shown_without_evidence_and_without_a_name(shown: User) -> None:
    link = disclose(shown, ["acquire-data"], ["tiny"], shows_evidence=False, shows_name=False)
    told = read(Client(), address_of(link)) + read(Client(), f"{address_of(link)}projects/tiny/")
    assert re.search(r"Candidate [0-9A-F]{4}", told)
    assert "Level 4 of 5" in told
    for hidden in ("Alice", "alice", "Step 4", "0.97", "b" * 64, "c" * 64):
        assert hidden not in told
    other = disclose(shown, ["acquire-data"], [], shows_name=False)
    assert read_shown(other).label != read_shown(link).label


def test_a_link_that_shows_nothing_is_answered_the_same_whyever(link: Disclosure, shown: User) -> None:
    expired, gone = disclose(shown, ["clean"], []), disclose(shown, ["clean"], [])
    Disclosure.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    revoke(shown, gone.pk)
    tokens = ("unknown", expired.token, gone.token)
    pages = [Client().get(f"/shared/{token}/") for token in tokens]
    programs = [APIClient().get(f"/api/shared/{token}") for token in tokens]
    assert [answer.status_code for answer in (*pages, *programs)] == [404] * 6
    assert (
        len(
            {
                re.sub(r'value="[^"]*"', "", page.content.decode().replace(token, ""))
                for page, token in zip(pages, tokens, strict=True)
            }
        )
        == 1
    )
    assert len({program.content for program in programs}) == 1
    assert "Ask whoever sent it" in pages[0].content.decode()
    assert Look.objects.count() == 0


def test_every_opening_is_written_down_but_for_ones_own_and_for_guesses(
    link: Disclosure, shown: User, erin: User, charlie: User, northwind: Employer, log_in: LogIn
) -> None:
    address = address_of(link)
    for client in (log_in(shown), Client(headers={"Sec-Purpose": "prefetch;prerender"})):
        client.get(address)
    assert Client(headers={"Purpose": "prefetch"}).get(address).content == b""
    assert Client().head(address).status_code == 200
    assert list_looks(link).count() == 0
    for client, page in ((Client(), ""), (log_in(erin), "projects/tiny/"), (log_in(charlie), "")):
        read(client, address + page)
    looks = [(look.viewer, look.employer, look.page) for look in list_looks(link)]
    assert looks == [(charlie, None, "levels"), (erin, northwind, "tiny"), (None, None, "levels")]
    log = read(log_in(shown), f"{MINE}{link.pk}/")
    for told in ("Northwind", "somebody with an account", "somebody without an account"):
        assert told in log
    assert "Erin" not in log


def test_no_machine_keeps_or_finds_such_a_page(link: Disclosure) -> None:
    answers: list[HttpResponse] = [Client().get(address_of(link)), Client().get("/shared/unknown/")]
    for answer in answers:
        assert "noindex" in answer["X-Robots-Tag"]
        assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store, private")


def test_alice_makes_a_link_on_her_page_looks_after_it_and_takes_it_back(shown: User, bob: User, log_in: LogIn) -> None:
    client = log_in(shown)
    made = client.post(MINE, {**FORM, "meant_for": "Northwind, <b>June"})
    address = made["Location"]
    told = read(client, address)
    assert "Northwind, &lt;b&gt;June" in told
    assert "Nobody yet" in told
    link = Disclosure.objects.get()
    assert f"http://testserver{address_of(link)}" in told
    assert timedelta(days=29) < link.expires_at - timezone.now() <= timedelta(days=30)
    assert "meant_for" not in read(Client(), address_of(link))
    assert "June" not in read(Client(), address_of(link))
    for wrong in (log_in(bob).get(address), log_in(bob).post(f"{address}revoke/")):
        assert wrong.status_code == 404
    assert "opened 2 times" in read(client, MINE)
    client.post(f"{address}revoke/")
    assert Client().get(address_of(link)).status_code == 404
    assert "Taken back" in read(client, address)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"skills": [], "projects": []}, "Choose at least one skill or one project"),
        ({"skills": ["flying"]}, "flying"),
        ({"projects": ["other"]}, "other"),
        ({"days": "366"}, "from 1 to 365"),
        ({"days": "0"}, "from 1 to 365"),
        ({"meant_for": "x" * 121}, "120"),
    ],
)
def test_a_wrong_wish_is_said_beside_its_field_and_kept(
    change: dict[str, object], says: str, shown: User, log_in: LogIn
) -> None:
    answer = log_in(shown).post(MINE, {**FORM, "meant_for": "Northwind", **change})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert Disclosure.objects.count() == 0


def test_by_the_api_a_link_is_made_read_followed_and_taken_back(
    shown: User, bob: User, erin: User, northwind: Employer, api: Callable[[User], APIClient]
) -> None:
    client = api(shown)
    asked = {"skills": ["acquire-data"], "projects": ["tiny"], "days": 3, "shows_name": False}
    made = client.post("/api/me/disclosures", asked, format="json").json()
    seen = api(erin).get(f"/api/shared/{made['token']}").json()
    assert seen["name"].startswith("Candidate")
    assert [(one["skill"], one["level"], len(one["evidence"])) for one in seen["levels"]] == [("acquire-data", 4, 4)]
    assert seen["levels"][0]["evidence"][3]["hangs_on"]["digests"]["world"] == "c" * 64
    assert seen["stories"][0]["chapters"][0]["tries"] == 2
    assert not re.search("alice|submission", str(seen), re.IGNORECASE)
    one = f"/api/me/disclosures/{made['id']}"
    assert [(look["employer"], look["page"]) for look in client.get(one).json()["looks"]] == [("Northwind", "api")]
    assert (api(bob).get(one).status_code, api(bob).delete(one).status_code) == (404, 404)
    assert [client.delete(one).status_code, client.delete(one).status_code] == [204, 204]
    assert client.get("/api/me/disclosures").json()["results"][0]["is_open"] is False
    wrong = client.post("/api/me/disclosures", {**asked, "projects": ["other"]}, format="json")
    assert (wrong.status_code, wrong.json()["field"]) == (400, "projects")


def test_nobody_has_more_open_links_than_they_can_look_after(shown: User) -> None:
    later = timezone.now() + timedelta(days=1)
    Disclosure.objects.bulk_create(
        Disclosure(user=shown, token=f"t{number}", expires_at=later) for number in range(MOST_OPEN)
    )
    with pytest.raises(Refusal, match="can make no more"):
        disclose(shown, ["clean"], [])
    Disclosure.objects.filter(token="t1").update(expires_at=timezone.now())
    assert disclose(shown, ["clean"], []).is_open


def test_a_look_names_the_employer_that_was_given(link: Disclosure, erin: User, northwind: Employer) -> None:
    shown = open_disclosure(link.token, erin, "compare", northwind)
    assert [level.skill for level in shown.levels] == ["acquire-data"]
    assert [(look.employer, look.page) for look in list_looks(link)] == [(northwind, "compare")]


def test_showing_costs_the_same_however_much_is_shown(
    link: Disclosure, second_business: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    both = disclose(second_business, ["acquire-data", "clean"], ["tiny", "other"])
    for one in (link, both):
        one = Disclosure.objects.select_related("user").get(pk=one.pk)
        with django_assert_num_queries(21):  # type: ignore[attr-defined]
            read_shown(one)
