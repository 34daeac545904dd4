"""A cohort's diary at the door: who reads it, what it says, of whom, page by page, and what it costs."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Cohort, CohortLine, Membership, Role

LogIn = Callable[[User], Client]
PAGE, API = "/cohorts/autumn/diary/", "/api/cohorts/autumn/diary"


@pytest.fixture
def told(autumn: Cohort, alice: User, bob: User, dana: User, erin: User) -> Cohort:
    """Dana has extended Alice's time, Erin has amended Bob, and Dana has weighed a milestone; all else is another's."""
    other = Cohort.objects.create(slug="winter", title="Winter")
    note(other, dana, "elsewhere", alice)
    note(autumn, dana, "extended", alice, "tiny/ingest", "until <b>Monday</b>")
    note(autumn, erin, "amended", bob)
    note(autumn, dana, "weighed", text="tiny/ingest 1 -> 4")
    return autumn


def read(client: Client, query: str = "") -> list[str]:
    verbs: list[str] = [line["verb"] for line in client.get(f"{API}{query}").json()["results"]]
    assert [line.verb for line in client.get(f"{PAGE}{query}").context["lines"]] == verbs
    return verbs


def test_who_did_what_is_told_newest_first_and_of_one_person(told: Cohort, log_in: LogIn, dana: User) -> None:
    client = log_in(dana)
    assert read(client) == ["weighed", "amended", "extended"]
    assert read(client, "?person=dana") == ["weighed", "extended"]
    assert read(client, "?person=alice") == ["extended"]
    assert read(client, "?person=bob") == ["amended"]
    assert read(client, "?person=nobody") == []
    assert "There is no such line." in client.get(f"{PAGE}?person=nobody").content.decode()
    page = client.get(PAGE).content.decode()
    assert "until &lt;b&gt;Monday" in page
    assert 'href="?person=alice"' in page
    line = client.get(API).json()["results"][2]
    assert {name: line[name] for name in ("actor", "learner", "place", "text")} == {
        "actor": "dana",
        "learner": "alice",
        "place": "tiny/ingest",
        "text": "until <b>Monday</b>",
    }


def test_a_real_act_is_there_at_once_and_an_account_that_is_gone_leaves_its_line(
    told: Cohort, log_in: LogIn, dana: User, erin: User
) -> None:
    client = log_in(dana)
    client.post("/cohorts/autumn/gradebook/weights/", {"tiny/ingest": "4"})
    line = client.get(API).json()["results"][0]
    assert (line["verb"], line["actor"], line["text"]) == ("weighed", "dana", "tiny/ingest 1 -> 4")
    erin.delete()
    assert client.get(API).json()["results"][2] | {"at": ""} == {
        "at": "",
        "actor": None,
        "verb": "amended",
        "learner": "bob",
        "place": "",
        "text": "",
    }
    assert read(client) == ["weighed", "weighed", "amended", "extended"]


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.INSTRUCTOR, 200), (Role.ASSISTANT, 403), (Role.OBSERVER, 403), (Role.LEARNER, 404)],
)
def test_it_is_for_owners_and_instructors(role: Role, status: int, told: Cohort, log_in: LogIn, charlie: User) -> None:
    Membership.objects.create(cohort=told, user=charlie, role=role)
    client = log_in(charlie)
    assert [client.get(path).status_code for path in (PAGE, API)] == [status, status]
    settings = client.get("/cohorts/autumn/").content.decode()
    assert (PAGE in settings) == (status == 200)
    assert [client.post(path).status_code for path in (PAGE, API)] == [405, 405]


def test_it_is_paged_and_costs_the_same_for_many_lines(told: Cohort, log_in: LogIn, dana: User, alice: User) -> None:
    client = log_in(dana)

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    paths = (PAGE, f"{PAGE}?person=alice", API, f"{API}?person=alice")
    before = [count(path) for path in paths]
    CohortLine.objects.bulk_create(
        CohortLine(cohort=told, actor=dana, learner=alice, verb=f"deed {number}") for number in range(120)
    )
    assert [count(path) for path in paths] == before
    assert max(before) <= 12
    page = client.get(f"{PAGE}?person=alice&page=2").content.decode()
    assert "deed 69" in page
    assert "deed 70<" not in page
    assert 'href="?person=alice&amp;page=3"' in page
    assert client.get(f"{API}?limit=1&offset=120&person=alice").json()["results"][0]["verb"] == "extended"
    for odd in ("?page=99", "?page=x", "?person=" + "x" * 400):
        assert client.get(PAGE + odd).status_code == 200
    assert client.get(f"{API}?person={'x' * 400}").status_code == 400
