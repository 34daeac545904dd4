"""The gradebook at the door: who sees which line, what it says, in which order, what weighs how, and as which file."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import Answer, Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Extension, Membership, Role, Section, Timing
from people.learners import intake
from people.learners.models import Override, Run, Submission
from people.learners.sharing import form_team

LogIn = Callable[[User], Client]
Conclude = Callable[[Run, Verdict], None]
ADDRESS, FILES = "/cohorts/autumn/gradebook/", "/cohorts/autumn/gradebook."
API = "/api/cohorts/autumn"
DAY = timedelta(days=1)
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", ' =HYPERLINK("x")']


@pytest.fixture(autouse=True)
def _fresh(rings: list[object]) -> None:
    """Nobody works, and no order is remembered."""
    cache.clear()


@pytest.fixture
def autumn(alice: User, bob: User, dana: User, tiny: Project) -> Cohort:
    """Alice sits in Berlin and Bob in Hamburg; each day late costs a tenth."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"], late_percent=10)
    for user, title in ((alice, "Berlin"), (bob, "Hamburg")):
        section = Section.objects.create(cohort=cohort, title=title)
        Membership.objects.create(cohort=cohort, user=user, role=Role.LEARNER, section=section)
    Membership.objects.create(cohort=cohort, user=dana, role=Role.INSTRUCTOR)
    return cohort


@pytest.fixture
def judge(tiny: Project, conclude: Conclude) -> Callable[..., Submission]:
    """Let somebody hand in, so long ago, and be judged."""

    def play(user: User, kind: str, verdict: Verdict, ago: timedelta = timedelta()) -> Submission:
        count = Submission.objects.count()
        run = intake.submit(intake.enrol(user, tiny), kind, {"main.py": b"%d" % count}, "web")
        conclude(run, verdict)
        Submission.objects.filter(pk=run.submission_id).update(created_at=timezone.now() - ago)
        return run.submission

    return play


@pytest.fixture
def judged(
    autumn: Cohort,
    alice: User,
    bob: User,
    judge: Callable[..., Submission],
    passed_ingest: Verdict,
    failed_clean: Verdict,
) -> list[Submission]:
    """Alice has passed ingest a day and a half late and half of clean; Bob has passed ingest in time."""
    Timing.objects.create(cohort=autumn, slug="tiny", kind="ingest", due_at=timezone.now() - 2 * DAY)
    order = failed_clean.own.results[1]
    held = replace(order, name="it_is_sorted", answer=Answer.HELD, sentence="")
    half = replace(failed_clean, chain=(failed_clean.chain[0], replace(failed_clean.own, results=(order, held))))
    return [
        judge(alice, "ingest", passed_ingest, DAY / 2),
        judge(alice, "clean", half),
        judge(bob, "ingest", passed_ingest, 3 * DAY),
    ]


def read_rows(page: str) -> list[list[str]]:
    """The text of each cell of the page's table."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    cells = [re.findall(r"<t[hd]\b.*?>(.*?)</t[hd]>", row, re.S) for row in rows]
    return [[" ".join(re.sub(r"<.*?>", " ", cell).split()) for cell in row] for row in cells]


def read_file(client: Client, extension: str, query: str = "") -> bytes:
    answer = client.get(f"{FILES}{extension}{query}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_the_page_shows_what_each_milestone_is_worth_and_leads_to_the_work(
    judged: list[Submission], log_in: LogIn, dana: User
) -> None:
    page = log_in(dana).get(ADDRESS).content.decode()
    assert read_rows(page) == [
        ["Alice alice", "Berlin", "65.0", "80 , Passed 2 days late, keeps 80 %", "50 , Not passed"],
        ["Bob bob", "Hamburg", "50.0", "100 , Passed", "– nothing judged"],
    ]
    for submission in judged:
        assert f'href="/cohorts/autumn/submissions/{submission.pk}/"' in page


def test_an_extension_and_more_time_as_a_rule_are_heard(
    judged: list[Submission], log_in: LogIn, dana: User, alice: User
) -> None:
    member = Membership.objects.get(user=alice)
    Extension.objects.create(
        membership=member, slug="tiny", kind="ingest", due_at=timezone.now(), reason="ill", granted_by=dana
    )
    assert read_rows(log_in(dana).get(ADDRESS).content.decode())[0][2:4] == ["75.0", "100 , Passed"]


def test_what_is_void_superseded_or_a_shadow_is_no_grade(
    autumn: Cohort, judge: Callable[..., Submission], log_in: LogIn, dana: User, alice: User, passed_ingest: Verdict
) -> None:
    submission = judge(alice, "ingest", passed_ingest)
    Run.objects.update(outcome="void")
    assert read_rows(log_in(dana).get(ADDRESS).content.decode())[0][3] == "– nothing judged"
    Run.objects.update(outcome="superseded", superseded_by=submission)
    assert read_rows(log_in(dana).get(ADDRESS).content.decode())[0][3] == "– nothing judged"


def test_a_submission_is_worth_what_its_newest_run_says(
    judged: list[Submission], log_in: LogIn, dana: User, conclude: Conclude, failed_clean: Verdict
) -> None:
    clean = judged[1]
    again = Run.objects.create(submission=clean, edition=clean.enrolment.project, draw=9)
    conclude(again, failed_clean)
    assert read_rows(log_in(dana).get(ADDRESS).content.decode())[0][4] == "0 , Not passed"


def test_a_team_has_one_grade_and_each_member_their_own_dates(
    judged: list[Submission],
    log_in: LogIn,
    alice: User,
    bob: User,
    dana: User,
    tiny: Project,
    judge: Callable[..., Submission],
    passed_ingest: Verdict,
) -> None:
    form_team([alice, bob], tiny, "Blue")
    shared = judge(alice, "ingest", passed_ingest, DAY / 2)
    member = Membership.objects.get(user=bob)
    Extension.objects.create(
        membership=member, slug="tiny", kind="ingest", due_at=timezone.now(), reason="ill", granted_by=dana
    )
    page = log_in(dana).get(ADDRESS).content.decode()
    assert [row[2:4] for row in read_rows(page)] == [
        ["40.0", "80 , Passed 2 days late, keeps 80 %"],
        ["50.0", "100 , Passed"],
    ]
    assert page.count(f"/submissions/{shared.pk}/") == 2


def test_an_override_counts_beside_the_machines_score_until_it_is_undone(
    judged: list[Submission], log_in: LogIn, dana: User
) -> None:
    ingest, clean, _ = judged
    told = {"reason": "seen by hand", "by": dana}
    Override.objects.create(submission=ingest, outcome="failed", machine="passed", **told)
    word = Override.objects.create(
        submission=clean, check_name="they_are_in_order", outcome="held", machine="not asked", **told
    )
    client = log_in(dana)
    alice = read_rows(client.get(ADDRESS).content.decode())[0]
    assert alice[2:] == [
        "50.0",
        "0 , Not passed 0 by override, 100 by the machine 2 days late, keeps 80 %",
        "100 , Not passed 100 by override, 50 by the machine",
    ]
    row = next(csv.DictReader(io.StringIO(read_file(client, "csv").decode("utf-8-sig"))))
    names = ("machine", "adjusted", "override", "counts")
    assert [row[f"tiny/clean {name}"] for name in names] == ["50.0", "50.0", "100.0", "100.0"]
    Override.objects.filter(pk=word.pk).update(undone_at=timezone.now())
    assert read_rows(client.get(ADDRESS).content.decode())[0][4] == "50 , Not passed"


def test_what_was_void_counts_by_a_leaders_word(
    autumn: Cohort, judge: Callable[..., Submission], log_in: LogIn, dana: User, alice: User, passed_ingest: Verdict
) -> None:
    submission = judge(alice, "ingest", passed_ingest)
    Run.objects.update(outcome="void")
    Override.objects.create(submission=submission, outcome="passed", machine="void", reason="ours", by=dana)
    assert read_rows(log_in(dana).get(ADDRESS).content.decode())[0][3].startswith("100 , Passed")


def test_test_learners_have_no_line(judged: list[Submission], log_in: LogIn, dana: User, bob: User) -> None:
    Membership.objects.filter(user=bob).update(is_test=True)
    client = log_in(dana)
    assert [row[0] for row in read_rows(client.get(ADDRESS).content.decode())] == ["Alice alice"]
    assert b"bob" not in read_file(client, "csv")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Alice", "Bob"]),
        ("?sort=-name", ["Bob", "Alice"]),
        ("?sort=-section", ["Bob", "Alice"]),
        ("?sort=total", ["Bob", "Alice"]),
        ("?sort=-total", ["Alice", "Bob"]),
        ("?section=Hamburg", ["Bob"]),
        ("?section=Berlin&sort=-total", ["Alice"]),
        ("?page=99", ["Alice", "Bob"]),
        ("?page=x", ["Alice", "Bob"]),
    ],
)
def test_it_is_sorted_and_chosen_from(
    query: str, names: list[str], judged: list[Submission], log_in: LogIn, dana: User
) -> None:
    client = log_in(dana)
    page = client.get(f"{ADDRESS}{query}").content.decode()
    assert [row[0].split()[0] for row in read_rows(page)] == names
    if "page" not in query:
        assert [one["name"] for one in json.loads(read_file(client, "json", query))["learners"]] == names
        told = client.get(f"{API}/gradebook{query}").json()
        assert [one["name"] for one in told["results"]] == names


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("?sort=height", "Sort by name, section or total"), ("?section=Rome%7F", "Choose one of the sections")],
)
def test_what_cannot_be_asked_is_said_and_the_page_stays(
    query: str, sentence: str, judged: list[Submission], log_in: LogIn, dana: User
) -> None:
    client = log_in(dana)
    for answer in (client.get(f"{ADDRESS}{query}"), client.get(f"{FILES}csv{query}")):
        assert answer.status_code == 400
        assert sentence in answer.content.decode()
        assert len(read_rows(answer.content.decode())) == 2
    assert client.get(f"{API}/gradebook{query}").json()["detail"].startswith(sentence)


def test_an_assistant_sees_their_sections_an_observer_all_and_others_nothing(
    judged: list[Submission], log_in: LogIn, make_user: Callable[[str], User], alice: User, charlie: User
) -> None:
    autumn = Cohort.objects.get()
    helper, looker = make_user("gina"), make_user("hugo")
    part = Membership.objects.create(cohort=autumn, user=helper, role=Role.ASSISTANT)
    part.assists.add(Section.objects.get(title="Hamburg"))
    Membership.objects.create(cohort=autumn, user=looker, role=Role.OBSERVER)
    client = log_in(helper)
    assert [row[0] for row in read_rows(client.get(ADDRESS).content.decode())] == ["Bob bob"]
    assert "Berlin" not in client.get(ADDRESS).content.decode()
    assert client.get(f"{ADDRESS}?section=Berlin").status_code == 400
    assert b"alice" not in read_file(client, "csv", "?sort=total")
    client = log_in(looker)
    assert len(read_rows(client.get(ADDRESS).content.decode())) == 2
    assert "weighs" not in client.get(ADDRESS).content.decode()
    assert client.post(f"{ADDRESS}weights/", {"tiny/clean": "3"}).status_code == 403
    for user in (alice, charlie):
        client = log_in(user)
        answers = [client.get(path) for path in (ADDRESS, f"{FILES}csv", f"{API}/gradebook", f"{API}/gradebook.xlsx")]
        assert [answer.status_code for answer in answers] == [404] * 4


def test_weights_change_the_totals_at_once_and_stand_in_the_diary(
    judged: list[Submission], log_in: LogIn, dana: User
) -> None:
    client = log_in(dana)
    assert [row[2] for row in read_rows(client.get(f"{ADDRESS}?sort=-total").content.decode())] == ["65.0", "50.0"]
    answer = client.post(f"{ADDRESS}weights/", {"tiny/ingest": "4", "tiny/clean": "1"}, follow=True)
    assert "Weighed." in answer.content.decode()
    rows = read_rows(client.get(f"{ADDRESS}?sort=-total").content.decode())
    assert [(row[0], row[2]) for row in rows] == [("Bob bob", "80.0"), ("Alice alice", "74.0")]
    line = CohortLine.objects.get(verb="weighed")
    assert (line.actor, line.text) == (dana, "tiny/ingest 1 -> 4")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"tiny/clean": "101"}, "The weight of tiny/clean is a whole number from 0 to 100."),
        ({"tiny/clean": "-1"}, "The weight of tiny/clean is a whole number from 0 to 100."),
        ({"tiny/clean": "1,5"}, "The weight of tiny/clean is a whole number from 0 to 100."),
        ({"tiny/clean": "٣"}, "The weight of tiny/clean is a whole number from 0 to 100."),
        ({"tiny/clean": "0", "tiny/ingest": "0"}, "Let at least one milestone count"),
        ({"tiny/dance": "1"}, "There is no milestone &#x27;tiny/dance&#x27; in this cohort."),
    ],
)
def test_weights_that_make_no_sense_are_refused_and_nothing_is_lost(
    given: dict[str, str], sentence: str, judged: list[Submission], log_in: LogIn, dana: User
) -> None:
    answer = log_in(dana).post(f"{ADDRESS}weights/", {"tiny/ingest": "7", **given})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert sentence in page
    if "tiny/ingest" not in given:
        assert (
            'name="tiny/ingest" type="number" min="0" max="100" step="1" inputmode="numeric" required value="7"' in page
        )
    assert Cohort.objects.get().weights == {}
    assert not CohortLine.objects.exists()


def test_an_empty_weight_is_the_usual_one_and_saying_the_same_is_no_act(
    judged: list[Submission], log_in: LogIn, dana: User
) -> None:
    client = log_in(dana)
    client.post(f"{ADDRESS}weights/", {"tiny/ingest": "2"})
    client.post(f"{ADDRESS}weights/", {"tiny/ingest": "2"})
    assert CohortLine.objects.count() == 1
    client.post(f"{ADDRESS}weights/", {"tiny/ingest": ""})
    assert Cohort.objects.get().weights["tiny/ingest"] == 1


def test_the_api_tells_lines_and_takes_weights(judged: list[Submission], log_in: LogIn, dana: User) -> None:
    client = log_in(dana)
    told = client.get(f"{API}/gradebook?limit=1").json()
    assert (told["count"], len(told["results"])) == (2, 1)
    line = told["results"][0]
    assert (line["username"], line["section"], line["total"]) == ("alice", "Berlin", 65.0)
    ingest = line["grades"]["tiny/ingest"]
    assert ingest["handed_in_at"].endswith("Z")
    assert {name: ingest[name] for name in ("outcome", "machine", "days_late", "kept_percent", "adjusted")} == {
        "outcome": "passed",
        "machine": 100.0,
        "days_late": 2,
        "kept_percent": 80,
        "adjusted": 80.0,
    }
    changed = client.patch(f"{API}/weights", {"weights": {"tiny/clean": 0}}, "application/json")
    assert [(one["milestone"], one["weight"]) for one in changed.json()] == [("tiny/ingest", 1), ("tiny/clean", 0)]
    assert client.get(f"{API}/weights").json() == changed.json()
    assert client.get(f"{API}/gradebook?limit=1").json()["results"][0]["total"] == 80.0
    for wrong in ({"weights": {"tiny/clean": 500}}, {"weights": {"tiny/clean": "much"}}, {"weights": 3}, []):
        refused = client.patch(f"{API}/weights", json.dumps(wrong), "application/json")
        assert refused.status_code == 400
        assert refused.json()["detail"]


@pytest.fixture
def evil(judged: list[Submission], make_user: Callable[[str], User]) -> list[str]:
    """Learners whom a school calls what a spreadsheet would run."""
    autumn = Cohort.objects.get()
    for number, text in enumerate(EVIL):
        user = make_user(f"evil{number}")
        User.objects.filter(pk=user.pk).update(last_name=text)
        Membership.objects.create(cohort=autumn, user=user, role=Role.LEARNER, external_id=text)
    return EVIL


def test_csv_is_read_by_excel_and_by_programs_and_runs_nothing(evil: list[str], log_in: LogIn, dana: User) -> None:
    answer = log_in(dana).get(f"{FILES}csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert re.search(r'filename="autumn-gradebook-\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"])
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbfusername,")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert (rows[0]["tiny/ingest machine"], rows[0]["tiny/ingest adjusted"], rows[0]["total"]) == (
        "100.0",
        "80.0",
        "65.0",
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[0]["tiny/ingest handed_in_at"])
    assert rows[1]["tiny/clean machine"] == ""
    assert sorted(row["external_id"] for row in rows[2:]) == sorted(f"'{text}" for text in evil)
    assert not [cell for row in rows for cell in row.values() if cell and cell.lstrip()[0] in "=+-@＝"]


def test_a_workbook_holds_texts_as_texts_and_numbers_as_numbers(evil: list[str], log_in: LogIn, dana: User) -> None:
    book = openpyxl.load_workbook(io.BytesIO(read_file(log_in(dana), "xlsx")))
    head, *rows = book["gradebook"].iter_rows()
    at = {cell.value: number for number, cell in enumerate(head)}
    assert {cell.data_type for row in (head, *rows) for cell in row} <= {"s", "n", "inlineStr"}
    # Carriage returns are escaped in a workbook's XML, as Excel itself does it.
    told = [openpyxl.utils.escape.unescape(row[at["external_id"]].value) for row in rows[2:]]
    assert sorted(told) == sorted(evil)
    assert (rows[0][at["total"]].value, rows[0][at["tiny/ingest machine"]].value) == (65, 100)
    assert [[cell.value for cell in row] for row in book["weights"].iter_rows()] == [
        ["tiny/ingest", 1],
        ["tiny/clean", 1],
    ]


def test_json_keeps_what_was_written(evil: list[str], log_in: LogIn, dana: User) -> None:
    told = json.loads(read_file(log_in(dana), "json"))
    assert [one["milestone"] for one in told["milestones"]] == ["tiny/ingest", "tiny/clean"]
    assert sorted(one["external_id"] for one in told["learners"][2:]) == sorted(evil)


def test_a_cohort_without_learners_or_projects_has_its_empty_files(log_in: LogIn, dana: User, autumn: Cohort) -> None:
    Membership.objects.filter(role=Role.LEARNER).delete()
    client = log_in(dana)
    assert "Nobody whom you lead is here yet." in client.get(ADDRESS).content.decode()
    assert json.loads(read_file(client, "json"))["learners"] == []
    assert len(read_file(client, "csv").splitlines()) == 1
    Cohort.objects.update(project_slugs=[])
    assert "there is nothing to grade" in client.get(ADDRESS).content.decode()
    assert openpyxl.load_workbook(io.BytesIO(read_file(client, "xlsx"))).sheetnames == ["gradebook", "weights"]


def test_another_format_is_not_there(log_in: LogIn, dana: User, autumn: Cohort) -> None:
    assert log_in(dana).get(f"{FILES}pdf").status_code == 404
    answer = log_in(dana).get(f"{API}/gradebook.pdf")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-format")


def test_under_asgi_it_is_sent_while_it_is_written(evil: list[str], dana: User) -> None:
    async def fetch() -> list[bytes]:
        client = AsyncClient()
        await client.aforce_login(dana)
        answer = await client.get(f"{FILES}csv")
        assert answer.is_async
        return [part async for part in answer.streaming_content]

    _, head, lines = async_to_sync(fetch)()
    assert head.startswith(b"username,")
    assert lines.decode().count("\r\n") > len(evil)


def count_queries(client: Client, address: str) -> int:
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(address)
        for _part in answer.streaming_content if answer.streaming else ():
            pass
    return len(asked)


def test_twenty_learners_ask_no_more_than_two(
    judged: list[Submission],
    log_in: LogIn,
    dana: User,
    make_user: Callable[[str], User],
    judge: Callable[..., Submission],
    passed_ingest: Verdict,
) -> None:
    by_total = f"{ADDRESS}?sort=total"
    addresses = (ADDRESS, by_total, f"{ADDRESS}?section=Berlin", f"{FILES}csv", f"{API}/gradebook")
    client = log_in(dana)

    def count() -> dict[str, int]:
        return {address: count_queries(client, address) for address in addresses}

    count()
    two = count()
    section = Section.objects.get(title="Berlin")
    for number in range(18):
        user = make_user(f"more{number}")
        Membership.objects.create(cohort=section.cohort, user=user, role=Role.LEARNER, section=section)
        judge(user, "ingest", passed_ingest)
        judge(user, "ingest", passed_ingest, 5 * DAY)
    assert count() == two
    # The first order by totals asks what all of them hang on as well.
    assert two.pop(by_total) <= 33
    assert max(two.values()) <= 30
