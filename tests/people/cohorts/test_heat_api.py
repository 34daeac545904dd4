"""A cohort at a glance over the API: cells, checks, what stops it, who is at risk, and the signals."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, Extension, Membership, Role, Section, Timing
from people.learners import intake
from people.learners.models import Run, Share
from scripts.crowd import make_crowd

LogIn = Callable[[User], Client]
TOPICS = ("cells", "checks/clean", "stoppers", "at-risk")

pytestmark = pytest.mark.django_db


@pytest.fixture
def autumn(alice: User, bob: User, dana: User, tiny: Project) -> Cohort:
    """Dana leads Alice, who is in a section, and Bob, who is in none."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    berlin = Section.objects.create(cohort=cohort, title="Berlin")
    Membership.objects.create(cohort=cohort, user=dana, role=Role.OWNER)
    Membership.objects.create(cohort=cohort, user=alice, role=Role.LEARNER, section=berlin)
    Membership.objects.create(cohort=cohort, user=bob, role=Role.LEARNER)
    return cohort


@pytest.fixture
def stuck(
    autumn: Cohort,
    alice: User,
    tiny: Project,
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
    failed_clean: Verdict,
) -> Run:
    """Alice has passed ingest, and clean has failed three times by the same check."""
    enrolment = intake.enrol(alice, tiny)
    conclude(intake.submit(enrolment, "ingest", {"main.py": b"0"}, "test"), passed_ingest)
    for text in (b"1", b"2", b"3"):
        run = intake.submit(enrolment, "clean", {"main.py": text}, "test")
        conclude(run, failed_clean)
    return run


def ask(client: Client, topic: str) -> Any:
    answer = client.get(f"/api/cohorts/autumn/{topic}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_cells_say_who_is_stuck_on_which_check_and_why(log_in: LogIn, dana: User, stuck: Run) -> None:
    first, second = ask(log_in(dana), "cells")["results"]
    assert (first["learner"], first["section"], second["learner"], second["cells"]) == ("alice", "Berlin", "bob", [])
    ingest, clean = first["cells"]
    assert (ingest["state"], ingest["stops"]) == ("passed", [])
    assert (clean["state"], clean["submission"], clean["refusals"]) == ("failed", stuck.submission_id, 3)
    assert clean["stops"] == [
        {
            "milestone": "clean",
            "check_name": "no_number_appears_twice",
            "question": "Each number is there once.",
            "sentence": "A number is there twice, so Tom counts it twice.",
        }
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("section=Berlin", ["alice"]),
        ("state=unenrolled", ["bob"]),
        ("check=clean/no_number_appears_twice", ["alice"]),
        ("sort=name&limit=1&offset=1", ["bob"]),
    ],
)
def test_cells_are_filtered_sorted_and_paged(
    query: str, expected: list[str], log_in: LogIn, dana: User, stuck: Run
) -> None:
    found = ask(log_in(dana), f"cells?{query}")["results"]
    assert [row["learner"] for row in found] == expected


@pytest.mark.parametrize(
    ("topic", "status", "field"),
    [
        ("cells?state=nonsense", 400, "state"),
        ("cells?section=Nowhere", 400, "section"),
        ("cells?project=other", 404, "project"),
        ("checks/nonsense", 404, "milestone"),
        ("stoppers?project=other", 404, "project"),
    ],
)
def test_what_is_not_there_is_named(
    topic: str, status: int, field: str, log_in: LogIn, dana: User, autumn: Cohort
) -> None:
    answer = log_in(dana).get(f"/api/cohorts/autumn/{topic}")
    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_the_checks_of_a_milestone_are_those_of_the_newest_judgement(log_in: LogIn, dana: User, stuck: Run) -> None:
    first, second = ask(log_in(dana), "checks/clean")["results"]
    assert first["submission"] == stuck.submission_id
    assert first["answers"]["no_number_appears_twice"] == "failed"
    assert set(second["answers"].values()) == {"unjudged"}


def test_what_did_not_run_answers_no_check(
    log_in: LogIn,
    dana: User,
    bob: User,
    autumn: Cohort,
    tiny: Project,
    rings: list[object],
    conclude: Callable[[Run, Verdict], None],
    broken_ingest: Verdict,
) -> None:
    conclude(intake.submit(intake.enrol(bob, tiny), "ingest", {"main.py": b"0"}, "test"), broken_ingest)
    rows = {row["learner"]: row for row in ask(log_in(dana), "checks/ingest")["results"]}
    assert set(rows["bob"]["answers"].values()) == {"broken"}
    [stopper] = ask(log_in(dana), "stoppers")["results"]
    assert (stopper["check_name"], stopper["stopped"], stopper["ever"]) == ("did-not-run", 1, 1)


def test_what_stops_the_cohort_is_counted_by_learners(log_in: LogIn, dana: User, stuck: Run) -> None:
    [stopper] = ask(log_in(dana), "stoppers")["results"]
    assert (stopper["milestone"], stopper["stopped"], stopper["ever"]) == ("clean", 1, 1)
    assert (stopper["past"], stopper["tries"], stopper["share"]) == (0, None, 100)


def test_who_is_at_risk_comes_with_every_signal_in_words(log_in: LogIn, dana: User, bob: User, stuck: Run) -> None:
    Membership.objects.filter(user=bob).update(joined_at=timezone.now() - timedelta(days=9))
    due_at = timezone.now() + timedelta(days=2, hours=1)
    Timing.objects.create(cohort=Cohort.objects.get(), slug="tiny", kind="clean", due_at=due_at)
    alice, second = ask(log_in(dana), "at-risk")["results"]
    assert [signal["code"] for signal in alice["signals"]] == ["in-a-row", "due"]
    assert "did not hold 3 times in a row: Each number is there once." in alice["signals"][0]["sentence"]
    assert [signal["code"] for signal in second["signals"]] == ["idle", "due"]
    assert second["signals"][0]["sentence"] == "Joined 9 days ago and has handed in nothing."
    assert "is due in 2 days" in second["signals"][1]["sentence"]


def test_an_extension_moves_what_is_due(log_in: LogIn, dana: User, alice: User, stuck: Run) -> None:
    now, cohort = timezone.now(), Cohort.objects.get()
    Timing.objects.create(cohort=cohort, slug="tiny", kind="clean", due_at=now + timedelta(days=1))
    member = Membership.objects.get(user=alice)
    told = {"slug": "tiny", "kind": "clean", "reason": "ill", "due_at": now + timedelta(days=20)}
    Extension.objects.create(membership=member, **told)
    signals = {
        row["learner"]: [one["code"] for one in row["signals"]] for row in ask(log_in(dana), "at-risk")["results"]
    }
    assert signals == {"alice": ["in-a-row"], "bob": ["due"]}


def test_attempts_that_are_used_up_ring_only_where_they_are_counted(
    log_in: LogIn, dana: User, stuck: Run, settings: Any
) -> None:
    settings.MILEPOST_ATTEMPTS, settings.MILEPOST_ATTEMPT_MINUTES = 3, 60
    [alice] = ask(log_in(dana), "at-risk")["results"]
    assert "all attempts are used up. One comes back in 60 minutes." in alice["signals"][1]["sentence"]
    settings.MILEPOST_ATTEMPTS = 0
    [alice] = ask(log_in(dana), "at-risk")["results"]
    assert [signal["code"] for signal in alice["signals"]] == ["in-a-row"]


def test_signals_are_set_by_who_leads_and_by_nobody_else(log_in: LogIn, dana: User, stuck: Run) -> None:
    client, off = log_in(dana), {"idle_days": None, "failed_in_a_row": None, "attempts_used": False, "due_days": None}
    address = "/api/cohorts/autumn/signals"
    assert client.put(address, off, "application/json").json() == off
    assert client.get(address).json() == off
    assert ask(client, "at-risk")["results"] == []
    refused = client.put(address, {"idle_days": "soon"}, "application/json")
    assert (refused.status_code, refused.json()["field"]) == (400, "idle_days")
    assert client.put(address, [1], "application/json").status_code == 400
    Membership.objects.filter(user=dana).update(role=Role.OBSERVER)
    assert client.put(address, off, "application/json").status_code == 403
    assert client.get(address).status_code == 200


def test_test_learners_are_left_out_of_everything(log_in: LogIn, dana: User, alice: User, stuck: Run) -> None:
    Membership.objects.filter(user=alice).update(is_test=True)
    client = log_in(dana)
    assert [row["learner"] for row in ask(client, "cells")["results"]] == ["bob"]
    assert [row["learner"] for row in ask(client, "checks/clean")["results"]] == ["bob"]
    assert ask(client, "stoppers")["results"] == []
    assert ask(client, "at-risk")["results"] == []


def test_what_stops_a_team_stops_each_of_them(log_in: LogIn, dana: User, bob: User, stuck: Run, settings: Any) -> None:
    settings.MILEPOST_ATTEMPTS, settings.MILEPOST_ATTEMPT_MINUTES = 3, 60
    Share.objects.create(enrolment=stuck.submission.enrolment, user=bob, slug="tiny")
    client = log_in(dana)
    first, second = ask(client, "cells")["results"]
    assert first["cells"] == second["cells"]
    [stopper] = ask(client, "stoppers")["results"]
    assert (stopper["stopped"], stopper["ever"]) == (2, 2)
    codes = [[signal["code"] for signal in row["signals"]] for row in ask(client, "at-risk")["results"]]
    assert codes == [["in-a-row", "attempts"], ["in-a-row", "attempts"]]
    assert [row["submission"] for row in ask(client, "checks/clean")["results"]] == [stuck.submission_id] * 2


def test_an_assistant_sees_their_sections_only(log_in: LogIn, erin: User, bob: User, stuck: Run) -> None:
    cohort = Cohort.objects.get()
    assistant = Membership.objects.create(cohort=cohort, user=erin, role=Role.ASSISTANT)
    client = log_in(erin)
    assert [ask(client, topic)["results"] for topic in TOPICS] == [[], [], [], []]
    assistant.assists.add(Section.objects.create(cohort=cohort, title="Munich"))
    assert ask(client, "stoppers")["results"] == []
    assistant.assists.add(Section.objects.get(title="Berlin"))
    assert [row["learner"] for row in ask(client, "cells")["results"]] == ["alice"]
    assert [row["learner"] for row in ask(client, "at-risk")["results"]] == ["alice"]
    assert [one["stopped"] for one in ask(client, "stoppers")["results"]] == [1]


@pytest.mark.parametrize("topic", [*TOPICS, "signals"])
def test_for_everybody_else_there_is_no_such_cohort(
    topic: str, log_in: LogIn, alice: User, charlie: User, autumn: Cohort
) -> None:
    assert log_in(charlie).get(f"/api/cohorts/autumn/{topic}").status_code == 404
    assert log_in(alice).get(f"/api/cohorts/autumn/{topic}").status_code == 404


def test_two_dozen_learners_take_as_many_queries_as_a_hundred(log_in: LogIn, dana: User) -> None:
    client = log_in(dana)

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    counts = []
    for slug, size in (("few", 24), ("many", 100)):
        Membership.objects.create(cohort=make_crowd(size, slug), user=dana, role=Role.OWNER)
        counts.append({topic: count(f"/api/cohorts/{slug}/{topic}") for topic in TOPICS})
    assert counts[0] == counts[1]
