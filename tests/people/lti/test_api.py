"""Learning platforms by the API: connected, read and ended by the same people as on their pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Membership, Role
from people.lti.models import Identity, Platform, Score, SyncLine
from tests.people.lti import platform as double
from tests.people.lti.conftest import Course, describe
from tests.people.lti.test_services import WRONG

LogIn = Callable[[User], Client]
API = "/api/cohorts/autumn/platforms"
LOG = "/api/cohorts/autumn/sync-log"


def test_an_owner_connects_a_course_reads_what_to_enter_and_ends_it(
    lms: double.Platform, autumn: Cohort, dana: User, log_in: LogIn
) -> None:
    client = log_in(dana)
    beforehand = client.get(f"{API}/next").json()
    assert client.get(API).json() == []
    made = client.post(API, {**describe(lms), "instructors_lead": True}, "application/json")
    assert made.status_code == 201
    told = made.json()
    assert told["addresses"] == beforehand
    key = Platform.objects.get().key
    assert beforehand == {
        "login": f"http://testserver/lti/{key}/login/",
        "launch": f"http://testserver/lti/{key}/launch/",
        "keys": "http://testserver/lti/keys.json",
    }
    assert (told["issuer"], told["instructors_lead"], told["is_bound"]) == (lms.issuer, True, False)
    assert client.get(API).json() == [told]
    assert client.get(f"{API}/{told['id']}").json() == told
    assert client.get(f"{API}/next").json() != beforehand
    assert client.delete(f"{API}/{told['id']}").status_code == 204
    assert client.delete(f"{API}/{told['id']}").json()["code"] == "not-found"
    assert client.get(API).json() == []
    assert list(CohortLine.objects.values_list("verb", flat=True)) == ["disconnected", "connected"]


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_registration_names_its_field(
    lms: double.Platform, autumn: Cohort, dana: User, log_in: LogIn, field: str
) -> None:
    refused = log_in(dana).post(API, {**describe(lms), field: WRONG[field]}, "application/json")
    assert refused.status_code == 400
    assert field in str(refused.json())
    assert not Platform.objects.exists()


def test_instructors_read_it_owners_change_it_and_assistants_see_nothing(
    course: Course, autumn: Cohort, alice: User, bob: User, charlie: User, log_in: LogIn, monkeypatch: Any
) -> None:
    heard: list[int] = []
    monkeypatch.setattr("people.lti.tasks.fetch_roster.delay", heard.append)
    Membership.objects.create(cohort=autumn, user=bob, role=Role.INSTRUCTOR)
    Membership.objects.create(cohort=autumn, user=alice, role=Role.ASSISTANT)
    one = f"{API}/{course.registration.pk}"
    reads, owns = (API, one, f"{one}/roster", LOG), (("get", f"{API}/next"), ("post", API), ("delete", one))
    client = log_in(bob)
    assert [client.get(path).status_code for path in reads] == [200] * 4
    assert [getattr(client, method)(path).status_code for method, path in owns] == [403] * 3
    assert client.post(f"{one}/roster").status_code == 202
    assert client.post(f"{one}/scores").json() == {"scores": 0}
    assert heard == [course.registration.pk]
    for user, status in ((alice, 403), (charlie, 404)):
        client = log_in(user)
        asked = [*(("get", path) for path in reads), *owns, ("post", f"{one}/roster"), ("post", f"{one}/scores")]
        assert {getattr(client, method)(path).status_code for method, path in asked} == {status}
    assert Platform.objects.get().withdrawn_at is None
    assert len(heard) == 1


def test_another_cohort_s_platform_is_not_there(course: Course, dana: User, log_in: LogIn) -> None:
    other = Cohort.objects.create(slug="winter", title="Winter")
    Membership.objects.create(cohort=other, user=dana, role=Role.OWNER)
    client, one = log_in(dana), f"/api/cohorts/winter/platforms/{course.registration.pk}"
    assert [client.get(one).status_code, client.delete(one).status_code] == [404, 404]
    assert client.post(f"{one}/roster").status_code == client.post(f"{one}/scores").status_code == 404
    assert client.get("/api/cohorts/winter/sync-log").json()["results"] == []


def test_who_is_in_the_course_is_told_and_scores_are_sent_again(
    course: Course, dana: User, alice: User, log_in: LogIn
) -> None:
    platform = course.registration
    here = Identity.objects.create(platform=platform, sub="1", name="Alice of the school", user=alice)
    Identity.objects.create(platform=platform, sub="2", name="Somebody")
    placement = platform.placements.create(link="1", slug="tiny", kind="ingest")
    Score.objects.create(placement=placement, identity=here, activity="Completed", grading="FullyGraded", tries=8)
    client = log_in(dana)
    assert client.get(f"{API}/{platform.pk}/roster").json() == {
        "come": [{"name": "Alice of the school", "username": "alice"}],
        "expected": [{"name": "Somebody", "username": None}],
        "gone": [],
    }
    assert client.post(f"{API}/{platform.pk}/scores").json() == {"scores": 1}
    assert Score.objects.get().tries == 0


def test_the_log_is_paged_newest_first_and_costs_the_same_for_many_lines(
    course: Course, dana: User, log_in: LogIn
) -> None:
    person = Identity.objects.create(platform=course.registration, sub="1", name="Person")

    def fill(count: int) -> None:
        SyncLine.objects.bulk_create(
            SyncLine(platform=course.registration, what="score", outcome="done", text=str(number), identity=person)
            for number in range(count)
        )

    def read() -> tuple[dict[str, Any], int]:
        with CaptureQueriesContext(connection) as queries:
            told = client.get(f"{LOG}?limit=20").json()
        return told, len(queries)

    client = log_in(dana)
    fill(1)
    _, before = read()
    fill(60)
    told, after = read()
    assert (told["count"], len(told["results"])) == (61, 20)
    assert told["results"][0] == {
        "at": told["results"][0]["at"],
        "platform": course.registration.pk,
        "what": "score",
        "outcome": "done",
        "who": "Person",
        "place": "",
        "text": "59",
    }
    assert after == before <= 8
    assert client.get(f"{LOG}?limit=20&offset=60").json()["results"][0]["text"] == "0"
