"""The page of a cohort's dates: each act of it, what it refuses and keeps in the form; and what learners read of it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import escape, unescape

import pytest
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Project
from frontend.deadlines import tell_distance
from people.accounts.models import User
from people.cohorts import feeds
from people.cohorts.models import Cohort, CohortLine, Extension, Feed, Membership, Role, Timing
from people.learners import intake

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NOON = datetime(2026, 12, 4, 12, 0, tzinfo=UTC)
LogIn = Callable[[User], Client]
PAGE = "/cohorts/autumn/dates/"


@pytest.fixture
def cohort(tiny: Project, dana: User, alice: User) -> Iterator[Cohort]:
    made = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"], zone="Europe/Berlin")
    Membership.objects.create(cohort=made, user=dana, role=Role.OWNER)
    Membership.objects.create(cohort=made, user=alice, role=Role.LEARNER, extra_percent=25)
    Timing.objects.create(cohort=made, slug="tiny", kind="ingest", due_at=NOON + timedelta(seconds=59))
    return made


def read(answer: object) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())  # type: ignore[attr-defined]


def fill(client: Client, **changed: str) -> dict[str, str]:
    """The form as the page shows it, with some of it filled in otherwise: `kind_field`."""
    shown = client.get(PAGE).content.decode()
    inputs = dict(re.findall(r'name="(tiny/[^"]+|seen)" value="([^"]*)"', shown))
    return {**inputs, **{f"tiny/{name.replace('__', '.')}": text for name, text in changed.items()}}


def test_dates_are_set_by_the_clocks_of_the_cohorts_zone(cohort: Cohort, dana: User, log_in: LogIn) -> None:
    client = log_in(dana)
    assert "Europe/Berlin" in read(client.get(PAGE))
    asked = fill(client, clean__opens_at="2026-12-04T13:00", clean__due_at="2026-12-11T17:00")
    assert asked["tiny/ingest.due_at"] == "2026-12-04T13:00"
    assert "1 milestone has new dates." in read(client.post(PAGE, asked, follow=True))
    clean = Timing.objects.get(kind="clean")
    assert (clean.opens_at, clean.due_at) == (NOON, datetime(2026, 12, 11, 16, 0, tzinfo=UTC))
    # What stood there as it was shown has kept its seconds.
    assert Timing.objects.get(kind="ingest").due_at == NOON + timedelta(seconds=59)
    assert list(CohortLine.objects.values_list("verb", "place")) == [("set dates", "tiny/clean")]
    assert "Nothing was changed" in read(client.post(PAGE, fill(client), follow=True))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"ingest__opens_at": "2026-12-05T09:00"},
            "ingest would be due before it opens. Choose a later due date.",
        ),
        (
            {"ingest__closes_at": "2026-12-04T12:00"},
            "ingest would close before it is due. Choose a later closing.",
        ),
        (
            {"clean__due_at": "2027-03-28T02:30"},
            "02:30 does not exist in Europe/Berlin: clocks are put forward then. Choose 01:30 or 03:30.",
        ),
        ({"clean__due_at": "next <b>week</b>"}, "Write a date and a time"),
        ({"clean__due_at": "0001-01-01T00:00"}, "Choose a year from 2000 to 2100."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(
    changed: dict[str, str], sentence: str, cohort: Cohort, dana: User, log_in: LogIn
) -> None:
    client = log_in(dana)
    asked = fill(client, clean__closes_at="2027-05-01T10:00", **changed)
    answer = client.post(PAGE, asked)
    assert answer.status_code == 400
    assert sentence in read(answer)
    assert answer.content.decode().count('aria-invalid="true"') == 1
    for name, text in asked.items():
        assert name == "seen" or f'name="{name}" value="{escape(text)}"' in answer.content.decode()
    assert not Timing.objects.filter(kind="clean").exists()


def test_an_hour_that_comes_twice_is_taken_and_said(cohort: Cohort, dana: User, log_in: LogIn) -> None:
    client = log_in(dana)
    answer = client.post(PAGE, fill(client, clean__due_at="2026-10-25T02:30"), follow=True)
    assert "02:30 comes twice in Europe/Berlin" in read(answer)
    assert Timing.objects.get(kind="clean").due_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_of_two_who_change_dates_at_once_the_later_one_is_asked_again(
    cohort: Cohort, dana: User, log_in: LogIn
) -> None:
    client = log_in(dana)
    mine = fill(client, clean__due_at="2026-12-11T17:00")
    Timing.objects.update(due_at=NOON + DAY)
    answer = client.post(PAGE, mine)
    assert answer.status_code == 409
    assert "Somebody has changed these dates meanwhile" in read(answer)
    assert 'value="2026-12-11T17:00"' in answer.content.decode()
    assert not Timing.objects.filter(kind="clean").exists()
    # A second click on "move them" finds that the first has moved them.
    days = {"days": "7", "seen": mine["seen"]}
    assert client.post(f"{PAGE}shift/", days).status_code == 409


def test_all_move_by_a_week(cohort: Cohort, dana: User, log_in: LogIn) -> None:
    client = log_in(dana)
    answer = client.post(f"{PAGE}shift/", {"days": "-7", "seen": fill(client)["seen"]}, follow=True)
    assert "The dates of 1 milestone have moved." in read(answer)
    assert Timing.objects.get().due_at == NOON - 7 * DAY + timedelta(seconds=59)
    for text in ("", "seven", "1.5", "9" * 5000):
        refused = client.post(f"{PAGE}shift/", {"days": text})
        assert refused.status_code == 400
        assert "Write a whole number." in read(refused)


def test_zone_and_late_policy_are_set_together(cohort: Cohort, dana: User, log_in: LogIn) -> None:
    client = log_in(dana)
    rules = {"zone": "America/New_York", "late_percent": "10", "late_days": ""}
    client.post(f"{PAGE}rules/", rules)
    cohort.refresh_from_db()
    assert (cohort.zone, cohort.late_percent, cohort.late_days) == ("America/New_York", 10, None)
    assert 'value="2026-12-04T07:00"' in client.get(PAGE).content.decode()
    refused = client.post(f"{PAGE}rules/", {**rules, "late_percent": "101"})
    assert refused.status_code == 400
    assert "A day late costs from 0 to 100 per cent." in read(refused)
    assert 'value="101" aria-invalid="true"' in refused.content.decode()


def test_a_learner_gets_more_time_and_it_is_taken_back(cohort: Cohort, dana: User, alice: User, log_in: LogIn) -> None:
    client = log_in(dana)
    asked = {"learner": "alice", "milestone": "tiny/ingest", "due_at": "2099-01-01T10:00", "reason": "A <b>wedding</b>"}
    for changed, sentence in (
        (
            {"due_at": "2020-01-01T10:00"},
            "1 Jan 2020, 10:00 (Europe/Berlin) is in the past: an extension must end later",
        ),
        ({"reason": ""}, "Say why, in 1 to 1000 characters"),
        ({"due_at": "2027-03-28T02:30"}, "02:30 does not exist in Europe/Berlin"),
        ({"learner": "bob"}, "There is no such learner whom you lead here."),
    ):
        refused = client.post("/cohorts/autumn/extensions/", {**asked, **changed})
        assert refused.status_code in (400, 404)
        assert sentence in read(refused)
        if "reason" not in changed:
            assert "A &lt;b&gt;wedding&lt;/b&gt;</textarea>" in refused.content.decode()
    assert "Alice has more time." in read(client.post("/cohorts/autumn/extensions/", asked, follow=True))
    shown = read(client.get(PAGE))
    assert "1 Jan 2099, 10:00" in shown
    assert "A <b>wedding</b> Dana," in shown
    assert "Alice +25 %" in shown
    intake.enrol(alice, Project.objects.get())
    assert "you were given more time" in read(log_in(alice).get("/projects/tiny/milestones/ingest/"))
    pk = Extension.objects.get().pk
    assert "taken back" in read(client.post(f"/cohorts/autumn/extensions/{pk}/withdraw/", follow=True))
    assert "was taken back already" in read(client.post(f"/cohorts/autumn/extensions/{pk}/withdraw/", follow=True))
    assert client.post("/cohorts/autumn/extensions/999/withdraw/").status_code == 404


def test_whoever_only_observes_reads_the_dates_and_finds_no_form(cohort: Cohort, erin: User, log_in: LogIn) -> None:
    Membership.objects.create(cohort=cohort, user=erin, role=Role.OBSERVER)
    answer = log_in(erin).get(PAGE)
    assert "4 Dec 2026, 13:00" in read(answer)
    assert "datetime-local" not in answer.content.decode()
    assert log_in(erin).post(PAGE, {}).status_code == 403


def test_the_page_asks_as_little_of_many_as_of_few(
    cohort: Cohort, dana: User, log_in: LogIn, make_user: Callable[[str], User]
) -> None:
    client = log_in(dana)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(PAGE).status_code == 200
        return len(asked)

    def join(number: int) -> None:
        member = Membership.objects.create(cohort=cohort, user=make_user(f"learner{number}"), role=Role.LEARNER)
        Extension.objects.create(membership=member, slug="tiny", kind="ingest", due_at=NOON, granted_by=dana)

    for number in range(2):
        join(number)
    few = count()
    for number in range(2, 20):
        join(number)
    assert count() == few


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (3 * DAY + 5 * HOUR, "in 3 days"),
        (2 * DAY - MINUTE, "in 47 hours"),
        (2 * HOUR - MINUTE, "in 119 minutes"),
        (MINUTE, "in 1 minute"),
        (-3 * DAY, "3 days ago"),
        (-5 * HOUR, "5 hours ago"),
        (-MINUTE, "1 minute ago"),
    ],
)
def test_a_distance_never_promises_more_than_there_is(distance: timedelta, words: str) -> None:
    assert tell_distance(NOON + distance, NOON) == words


@pytest.mark.parametrize(
    ("timing", "short", "long"),
    [
        ({"due_at": 3 * DAY + HOUR}, "in 3 days", "Each day begun costs 10 %; after 3 days late work counts nothing."),
        ({"due_at": -DAY - HOUR}, "25 hours ago", "Handed in now, it keeps 80 % of its worth."),
        ({"opens_at": 3 * DAY + HOUR}, "in 3 days", "Until then nothing can be handed in."),
        ({"closes_at": -DAY}, "Closed ", "Nothing is taken in any more."),
    ],
)
def test_learners_read_their_dates_on_start_map_and_milestone(
    timing: dict[str, timedelta], short: str, long: str, cohort: Cohort, alice: User, log_in: LogIn
) -> None:
    now = timezone.now()
    Membership.objects.update(extra_percent=0)
    Cohort.objects.update(late_percent=10, late_days=3)
    Timing.objects.update(**{"due_at": None, **{name: now + distance for name, distance in timing.items()}})
    intake.enrol(alice, Project.objects.get())
    client = log_in(alice)
    for path in ("/", "/projects/tiny/", "/projects/tiny/map/", "/track/", "/projects/tiny/milestones/ingest/"):
        if path != "/track/":
            assert short in read(client.get(path)), path
    assert long in read(client.get("/projects/tiny/milestones/ingest/"))


def test_where_two_cohorts_differ_both_are_named(cohort: Cohort, alice: User, log_in: LogIn) -> None:
    other = Cohort.objects.create(slug="spring", title="Spring", project_slugs=["tiny"], late_percent=50)
    Membership.objects.create(cohort=other, user=alice, role=Role.LEARNER)
    Timing.objects.create(cohort=other, slug="tiny", kind="ingest", due_at=datetime(2099, 1, 1, tzinfo=UTC))
    intake.enrol(alice, Project.objects.get())
    shown = read(log_in(alice).get("/projects/tiny/milestones/ingest/"))
    assert "Due 1 Jan 2099, 00:00 UTC" in shown
    assert "Autumn: due" in shown
    assert "Spring: due 1 Jan 2099, 00:00 UTC . Each day begun costs 50 %." in shown


@pytest.fixture
def address(cohort: Cohort, alice: User, log_in: LogIn) -> str:
    """Alice has made an address for her calendar."""
    client = log_in(alice)
    client.post("/me/calendar/")
    found = re.search(r"http://testserver(/calendar/[^\"<]+\.ics)", client.get("/me/").content.decode())
    assert found
    return found[1]


def test_a_calendar_reads_what_is_due_without_an_account_and_again_only_when_it_changed(
    address: str, cohort: Cohort
) -> None:
    client = Client()
    answer = client.get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.decode().split("\r\n")
    assert "UID:own-tiny-ingest@localhost" in lines
    assert any(line.startswith("DTSTART:2026") for line in lines)
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    Timing.objects.update(due_at=NOON + DAY)
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 200
    assert "UID:own-tiny-ingest@localhost" in again.content.decode()
    assert client.post(address).status_code == 405


def test_an_address_that_was_taken_back_renewed_or_forged_reads_nothing(
    address: str, alice: User, log_in: LogIn
) -> None:
    log_in(alice).post("/me/calendar/")
    assert Client().get(address).status_code == 404
    renewed = f"/calendar/{feeds.sign(Feed.objects.get())}.ics"
    assert Client().get(renewed).status_code == 200
    key = Feed.objects.get().key.hex
    for forged in (key, f"{key}:{'x' * 43}", Signer(salt="another").sign(key), feeds.SIGNER.sign("no key")):
        assert Client().get(f"/calendar/{forged}.ics").status_code == 404
    User.objects.update(is_active=False)
    assert Client().get(renewed).status_code == 404
    User.objects.update(is_active=True)
    log_in(alice).post("/me/calendar/", {"take_back": "1"})
    assert Client().get(renewed).status_code == 404


def test_who_leads_has_the_cohorts_calendar_while_they_lead(cohort: Cohort, dana: User, log_in: LogIn) -> None:
    client = log_in(dana)
    assert client.post(f"{PAGE}calendar/").status_code == 302
    path = re.search(r"http://testserver(/calendar/[^\"<]+\.ics)", client.get(PAGE).content.decode())
    assert path
    told = Client().get(path[1]).content.decode()
    assert f"UID:cohort-{cohort.pk}-tiny-ingest@localhost" in told
    assert "DTSTART:20261204T120059Z" in told
    Membership.objects.filter(user=dana).delete()
    assert Client().get(path[1]).status_code == 404
