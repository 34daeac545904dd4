"""Setting dates, late rules and extensions over HTTP: what is kept, what is refused by name, what the diary says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Extension, Membership, Role, Section, Timing
from tests.people.cohorts.conftest import DAY, DUE

Api = Callable[[User], APIClient]
ADDRESS = "/api/cohorts/autumn"
SOON = timezone.now() + 30 * DAY


@pytest.fixture
def learner(cohort: Cohort, alice: User) -> Membership:
    return Membership.objects.create(cohort=cohort, user=alice, role=Role.LEARNER)


def ingest(opens_at: str | None, due_at: str | None, closes_at: str | None) -> dict[str, object]:
    row = {"milestone": "tiny/ingest", "opens_at": opens_at, "due_at": due_at, "closes_at": closes_at}
    return {"dates": [row]}


def test_dates_are_told_in_utc_and_taken_in_any_zone(cohort: Cohort, dana: User, api: Api) -> None:
    told = api(dana).get(f"{ADDRESS}/dates").json()
    assert (told["zone"], told["late_percent"], told["late_days"]) == ("UTC", 0, None)
    assert told["dates"][0] == {
        "milestone": "tiny/ingest",
        "opens_at": "2026-11-30T17:00:00Z",
        "due_at": "2026-12-04T17:00:00Z",
        "closes_at": "2026-12-08T17:00:00Z",
    }
    asked = ingest(None, "2026-12-11T18:00:00+01:00", None)
    changed = api(dana).patch(f"{ADDRESS}/dates", {**asked, "seen": told["seen"]}, format="json")
    assert changed.status_code == 200
    assert changed.json()["dates"][0]["due_at"] == "2026-12-11T17:00:00Z"
    assert changed.json()["dates"][1] == told["dates"][1]
    line = CohortLine.objects.get()
    assert (line.actor, line.verb, line.place) == (dana, "set dates", "tiny/ingest")
    assert line.text == "opens -; due 2026-12-11T17:00:00+00:00; closes -"
    late = api(dana).patch(f"{ADDRESS}/dates", {**asked, "seen": told["seen"]}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "changed-meanwhile")


EARLY, LATER, LAST = "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z"


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (ingest(LATER, EARLY, None), "out-of-order", "tiny/ingest.due_at"),
        (ingest(EARLY, EARLY, None), "out-of-order", "tiny/ingest.due_at"),
        (ingest(EARLY, LAST, LATER), "out-of-order", "tiny/ingest.closes_at"),
        (ingest(LATER, None, EARLY), "out-of-order", "tiny/ingest.closes_at"),
        (ingest(None, "2026-12-01T00:00:00", None), "no-zone", "dates.0.due_at"),
        (ingest(None, "9999-12-31T23:59:59-12:00", None), "out-of-range", "dates.0.due_at"),
        (ingest(None, "tomorrow", None), "invalid", "dates.0.due_at"),
        ({"dates": [{"milestone": "tiny/ingest", "due_at": LATER}]}, "required", "dates.0.opens_at"),
        ({"dates": [{**ingest(None, None, None)["dates"][0], "milestone": "tiny"}]}, "unknown-milestone", "milestone"),  # type: ignore[index]
        ({"dates": [ingest(None, None, None)["dates"][0], {}]}, "required", "dates.1.milestone"),  # type: ignore[index]
        ({"dates": []}, "empty", "dates"),
    ],
)
def test_dates_out_of_order_are_refused_by_name(
    asked: dict[str, object], code: str, field: str, cohort: Cohort, dana: User, api: Api
) -> None:
    refused = api(dana).patch(f"{ADDRESS}/dates", asked, format="json")
    assert refused.status_code == 400
    assert (refused.json()["code"], refused.json()["field"]) == (code, field)
    assert Timing.objects.get(kind="ingest").due_at == DUE
    assert not CohortLine.objects.exists()


def test_instants_without_a_zone_or_out_of_range_are_refused_in_german_too(
    cohort: Cohort, dana: User, api: Api
) -> None:
    told = []
    for due_at in ("2026-12-01T00:00:00", "9999-12-31T23:59:59-12:00"):
        asked = ingest(None, due_at, None)
        refused = api(dana).patch(f"{ADDRESS}/dates", asked, format="json", headers={"Accept-Language": "de"})
        told.append(refused.json()["detail"])
    assert "Sag, in welcher Zeitzone" in told[0]
    assert "Wähle ein Jahr von 2000 bis 2100." in told[1]


def test_all_dates_move_by_days_and_keep_their_hour(cohort: Cohort, dana: User, api: Api) -> None:
    Cohort.objects.update(zone="Europe/Berlin")
    Timing.objects.filter(kind="ingest").update(due_at=datetime(2027, 3, 26, 16, 0, tzinfo=UTC), closes_at=None)
    moved = api(dana).post(f"{ADDRESS}/shift", {"days": 7}, format="json").json()["dates"]
    # Clocks were put forward in between: five in the afternoon is 15:00 in UTC now.
    assert moved[0]["due_at"] == "2027-04-02T15:00:00Z"
    assert moved[0]["opens_at"] == "2026-12-07T17:00:00Z"
    assert CohortLine.objects.filter(verb="set dates").count() == 2


@pytest.mark.parametrize(("days", "code"), [(0, "out-of-range"), (367, "out-of-range"), ("soon", "invalid")])
def test_what_is_no_shift_is_refused(days: object, code: str, cohort: Cohort, dana: User, api: Api) -> None:
    refused = api(dana).post(f"{ADDRESS}/shift", {"days": days}, format="json")
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (400, code, "days")
    assert Timing.objects.get(kind="ingest").due_at == DUE


def test_no_dates_cannot_move_and_those_of_another_century_neither(cohort: Cohort, dana: User, api: Api) -> None:
    Timing.objects.update(due_at=datetime(2100, 12, 30, tzinfo=UTC))
    assert api(dana).post(f"{ADDRESS}/shift", {"days": 7}, format="json").json()["code"] == "out-of-range"
    Timing.objects.all().delete()
    assert api(dana).post(f"{ADDRESS}/shift", {"days": 7}, format="json").json()["code"] == "nothing-to-shift"


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"zone": "Europe/Berlin", "late_percent": 10, "late_days": 3}, ""),
        ({"zone": "UTC", "late_percent": 0, "late_days": None}, ""),
        ({"zone": "Europe/Nowhere", "late_percent": 10, "late_days": 3}, "zone"),
        ({"zone": "../../etc/passwd", "late_percent": 10, "late_days": 3}, "zone"),
        ({"zone": "UTC", "late_percent": 101, "late_days": 3}, "late_percent"),
        ({"zone": "UTC", "late_percent": -1, "late_days": 3}, "late_percent"),
        ({"zone": "UTC", "late_percent": 10, "late_days": 366}, "late_days"),
    ],
)
def test_late_rules_are_kept_or_refused_by_name(
    rules: dict[str, object], field: str, cohort: Cohort, dana: User, api: Api
) -> None:
    answer = api(dana).put(f"{ADDRESS}/late-rules", rules, format="json")
    if field:
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert not CohortLine.objects.exists()
    else:
        assert {name: answer.json()[name] for name in rules} == rules
        assert CohortLine.objects.get().verb == "set late policy"
    assert Timing.objects.get(kind="ingest").due_at == DUE


def ask(**changed: object) -> dict[str, object]:
    told = {"milestone": "tiny/ingest", "learner": "alice", "due_at": SOON.isoformat(), "reason": "Broken wrist"}
    return {**told, **changed}


def test_an_extension_is_given_seen_and_taken_back(learner: Membership, dana: User, alice: User, api: Api) -> None:
    given = api(dana).post(f"{ADDRESS}/extensions", ask(), format="json")
    assert given.status_code == 201
    told = given.json()
    assert (told["learner"], told["granted_by"], told["reason"]) == ("alice", "dana", "Broken wrist")
    assert api(dana).get(f"{ADDRESS}/extensions").json()["results"] == [told]
    own = api(alice).get("/api/dates").json()
    assert own[0]["milestone"] == "tiny/ingest"
    assert own[0]["is_extended"]
    assert datetime.fromisoformat(own[0]["due_at"]) == SOON
    address = f"{ADDRESS}/extensions/{told['id']}"
    assert [api(dana).delete(address).status_code for _ in range(2)] == [204, 409]
    assert not api(alice).get("/api/dates").json()[0]["is_extended"]
    assert Extension.objects.get().withdrawn_at
    lines = CohortLine.objects.order_by("pk").values_list("verb", "learner__username", "place")
    assert list(lines) == [("extended", "alice", "tiny/ingest"), ("withdrew extension", "alice", "tiny/ingest")]


@pytest.mark.parametrize(
    ("changed", "status", "code", "field"),
    [
        ({"due_at": "2026-11-01T00:00:00Z"}, 400, "in-the-past", "due_at"),
        ({"due_at": (timezone.now() + timedelta(hours=1)).isoformat()}, 400, "no-more-time", "due_at"),
        ({"reason": "  "}, 400, "blank", "reason"),
        ({"reason": "x" * 1001}, 400, "max-length", "reason"),
        ({"learner": "charlie"}, 404, "unknown-learner", "learner"),
        ({"learner": "dana"}, 404, "unknown-learner", "learner"),
        ({"milestone": "tiny/deploy"}, 400, "unknown-milestone", "milestone"),
        ({"milestone": "tiny/clean"}, 400, "never-due", "milestone"),
    ],
)
def test_an_extension_that_helps_nobody_is_refused_by_name(
    changed: dict[str, object],
    status: int,
    code: str,
    field: str,
    learner: Membership,
    dana: User,
    charlie: User,
    api: Api,
) -> None:
    Timing.objects.filter(kind="ingest").update(due_at=timezone.now() + DAY)
    Timing.objects.filter(kind="clean").update(due_at=None)
    refused = api(dana).post(f"{ADDRESS}/extensions", ask(**changed), format="json")
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (status, code, field)
    assert not Extension.objects.exists()
    assert not CohortLine.objects.exists()


@pytest.mark.parametrize(
    ("role", "reads", "sets"),
    [
        (Role.OWNER, 200, 201),
        (Role.INSTRUCTOR, 200, 201),
        (Role.ASSISTANT, 200, 403),
        (Role.OBSERVER, 200, 403),
        (Role.LEARNER, 404, 404),
        (None, 404, 404),
    ],
)
def test_who_leads_sees_dates_and_only_instructors_set_them(
    role: Role | None, reads: int, sets: int, learner: Membership, erin: User, api: Api
) -> None:
    if role:
        Membership.objects.create(cohort=learner.cohort, user=erin, role=role)
    client = api(erin)
    assert [client.get(f"{ADDRESS}/{name}").status_code for name in ("dates", "extensions")] == [reads, reads]
    assert client.post(f"{ADDRESS}/extensions", ask(), format="json").status_code == sets


def test_an_assistant_sees_the_extensions_of_their_sections_only(
    learner: Membership, dana: User, erin: User, api: Api
) -> None:
    api(dana).post(f"{ADDRESS}/extensions", ask(), format="json")
    section = Section.objects.create(cohort=learner.cohort, title="Berlin")
    assistant = Membership.objects.create(cohort=learner.cohort, user=erin, role=Role.ASSISTANT)
    assistant.assists.add(section)
    assert api(erin).get(f"{ADDRESS}/extensions").json()["results"] == []
    Membership.objects.filter(pk=learner.pk).update(section=section)
    assert len(api(erin).get(f"{ADDRESS}/extensions").json()["results"]) == 1


@pytest.mark.parametrize(("name", "path"), [("alice", "/api/calendar"), ("dana", f"{ADDRESS}/calendar")])
def test_a_calendars_address_is_made_told_once_and_taken_back(
    name: str, path: str, learner: Membership, api: Api, client: Client
) -> None:
    program = api(User.objects.get(username=name))
    first, second = (program.post(path).json()["address"] for _ in range(2))
    assert client.get(first).status_code == 404
    assert b"DTSTART:20261204T170000Z" in client.get(second).content
    assert program.get(path).status_code == 405
    assert program.delete(path).status_code == 204
    assert client.get(second).status_code == 404
