"""An employer sees who sent it a link, and what that shows; nobody else, by no way; and once it has ended, nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from people.accounts.models import User
from people.employers.disclosing import disclose, revoke
from people.employers.models import Candidate, Disclosure, Look, Post, Tally
from people.employers.tallies import count_levels

Api = Callable[[User], APIClient]
LogIn = Callable[[User], Client]
BASE = "/api/employers/northwind"
PAGE = "/employers/northwind/"
NEEDS = {"title": "Baker", "required": {"acquire-data": 1, "clean": 2}, "wanted": {"serve": 2}}


def keep(client: APIClient, link: str) -> int:
    answer = client.post(f"{BASE}/candidates", {"link": link, "note": "Mind the gap"})
    assert answer.status_code == 201, answer.json()
    number: int = answer.json()["id"]
    return number


def test_an_employer_that_fishes_finds_nobody(desk: Post, sent: Disclosure, api: Api, log_in: LogIn) -> None:
    hers = api(desk.user)
    dead = disclose(sent.user, ["clean"], [])
    revoke(sent.user, dead.pk)
    over = disclose(sent.user, ["clean"], [])
    Disclosure.objects.filter(pk=over.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    guesses = ("alice", "", "a" * 32, sent.token[:-1], f"/shared/{dead.token}/", over.token, str(sent.pk), "x" * 400)
    answers = [hers.post(f"{BASE}/candidates", {"link": guess}) for guess in guesses if guess]
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {(404, answers[0].json()["detail"])}
    for pk in (1, sent.pk, 10**17):
        assert hers.get(f"{BASE}/candidates/{pk}/matches/data-engineer").status_code == 404
        assert log_in(desk.user).get(f"{PAGE}candidates/{pk}/").status_code == 404
    assert log_in(desk.user).get(f"{PAGE}?q=alice").text.count("Alice") == 0
    assert hers.get(f"{BASE}/roles/data-engineer/matches?candidate=x").status_code == 404
    assert not Look.objects.exists()
    assert not Candidate.objects.exists()
    typed = log_in(desk.user).post(f"{PAGE}candidates/", {"link": "guess-a-link", "note": "kept words"})
    assert (typed.status_code, "guess-a-link" in typed.text, "kept words" in typed.text) == (400, True, True)


def test_a_match_goes_gap_by_gap_with_what_would_close_each(desk: Post, sent: Disclosure, api: Api) -> None:
    hers = api(desk.user)
    hers.post(f"{BASE}/roles", NEEDS, format="json")
    pk = keep(hers, f"https://milepost.example.org/shared/{sent.token}/")
    told = hers.get(f"{BASE}/candidates/{pk}/matches/baker").json()
    lines = {line["skill"]: line for line in told["lines"]}
    assert {skill: (line["fit"], line["shown"]) for skill, line in lines.items()} == {
        "acquire-data": ("met", 1),
        "clean": ("gap", 0),
        "serve": ("not-shared", None),
    }
    [proof] = lines["acquire-data"]["evidence"]
    assert (proof["check_name"], proof["milestone"]) == ("every_line_is_there", "ingest")
    assert {(one["project"], one["milestone"]) for one in lines["clean"]["closers"]} == {("tiny", "clean")}
    assert lines["serve"]["closers"] == []
    assert "score" not in str(told)
    assert {look.page for look in Look.objects.filter(employer=desk.employer)} == {"kept", "match"}


def test_once_the_link_is_dead_the_candidate_has_ended_and_shows_nothing(
    desk: Post, sent: Disclosure, api: Api, log_in: LogIn
) -> None:
    hers, browser = api(desk.user), log_in(desk.user)
    pk = keep(hers, sent.token)
    assert "Alice" in browser.get(f"{PAGE}candidates/{pk}/").text
    revoke(sent.user, sent.pk)
    looks = Look.objects.count()
    for path in ("", f"candidates/{pk}/", "roles/data-engineer/", f"roles/data-engineer/compare/?candidate={pk}"):
        page = browser.get(f"{PAGE}{path}").text
        assert "Ended" in page
        assert "Alice" not in page
        assert "every_line" not in page
    told = hers.get(f"{BASE}/candidates/{pk}/matches/data-engineer").json()
    kept = {"id": pk, "note": "Mind the gap", "is_open": False, "name": ""}
    assert told == {"candidate": kept, "lines": []}
    assert Look.objects.count() == looks
    assert hers.post(f"{BASE}/candidates", {"link": sent.token}).status_code == 404
    assert hers.delete(f"{BASE}/candidates/{pk}").status_code == 204
    assert sent.user.disclosures.filter(pk=sent.pk).exists()


def test_several_stand_in_the_order_asked_for_and_cost_the_same_each(
    desk: Post, sent: Disclosure, api: Api, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    hers = api(desk.user)
    nameless = disclose(sent.user, ["clean"], [], shows_name=False)
    first, second = keep(hers, sent.token), keep(hers, nameless.token)
    path = f"{BASE}/roles/data-engineer/matches?candidate="
    with django_assert_max_num_queries(40) as one:
        hers.get(f"{path}{first}")
    with django_assert_max_num_queries(60) as two:
        answer = hers.get(f"{path}{second}&candidate={first}").json()
    assert [row["candidate"]["id"] for row in answer] == [second, first]
    assert "Alice" not in str(answer[0])
    # What is read for all of them is read once.
    assert len(two) - len(one) < len(one) - 4
    many = "&candidate=".join(str(n) for n in range(7))
    refused = hers.get(f"{path}{many}")
    assert (refused.status_code, refused.json()["code"]) == (400, "too-many")


def test_who_only_reads_keeps_nobody_and_others_see_nothing(
    desk: Post, sent: Disclosure, bob: User, charlie: User, api: Api
) -> None:
    pk = keep(api(desk.user), sent.token)
    Post.objects.create(employer=desk.employer, user=bob, role="reader")
    assert api(bob).get(f"{BASE}/candidates/{pk}/matches/data-engineer").status_code == 200
    assert api(bob).patch(f"{BASE}/candidates/{pk}", {"note": "x"}).status_code == 403
    assert api(charlie).get(f"{BASE}/candidates/{pk}/matches/data-engineer").status_code == 404
    twice = api(desk.user).post(f"{BASE}/candidates", {"link": sent.token})
    assert (twice.status_code, twice.json()["code"]) == (409, "already-here")


def test_a_learner_sees_what_a_role_would_still_ask_of_them(evident: User, bob: User, api: Api, log_in: LogIn) -> None:
    told = {line["skill"]: line for line in api(evident).get("/api/me/roles/data-engineer").json()}
    assert (told["acquire-data"]["shown"], told["acquire-data"]["fit"]) == (1, "gap")
    assert "not-shared" not in {line["fit"] for line in told.values()}
    page = log_in(evident).get("/me/roles/data-engineer/").text
    assert "level 1 is shown" in page
    assert "level 1 is shown" not in log_in(bob).get("/me/roles/data-engineer/").text
    assert log_in(evident).get("/me/roles/northwind/").status_code == 404


def test_a_percentile_comes_with_its_population_and_day_and_never_of_few(
    evident: User, api: Api, log_in: LogIn
) -> None:
    assert count_levels() == 1
    assert Tally.objects.get().counts == [0, 1, 0, 0, 0, 0]

    def read() -> Any:
        lines = api(evident).get("/api/me/roles/data-engineer").json()
        return next(line["standing"] for line in lines if line["skill"] == "acquire-data")

    assert read() is None
    Tally.objects.update(counts=[0, 10, 5, 4, 0, 0])
    assert read() is None
    Tally.objects.update(counts=[5, 10, 5, 5, 0, 0])
    assert (read()["learners"], read()["percent"]) == (25, 80)
    page = " ".join(log_in(evident).get("/me/roles/data-engineer/").text.split())
    assert "Of 25 learners of this instance who have evidence in it, on" in page
    assert "80 % are at this level or above." in page
