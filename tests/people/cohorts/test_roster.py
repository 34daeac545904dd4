"""A roster is read, shown and applied: each row has a fate and a reason, and uploading it again changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Reservation, Role, Roster, Section
from people.cohorts.roster_files import MOST_BYTES, MOST_ROWS

LogIn = Callable[[User], Client]
Upload = Callable[..., Any]
Apply = Callable[[str | bytes], dict[str, Any]]
HEAD = "username,email,external_id,section,accommodations\n"


def list_fates(plan: dict[str, Any]) -> dict[int, str]:
    return {row["row"]: row["fate"] for row in plan["rows"]}


def find_reason(plan: dict[str, Any], number: int) -> str:
    return next(row["reason"] for row in plan["rows"] if row["row"] == number)


def test_each_row_has_a_fate_and_a_reason_before_anything_is_done(
    upload: Upload, charlie: User, autumn: Cohort
) -> None:
    content = HEAD + (
        "charlie,,S-3,North,25%\n"
        "alice,,S-1,North,0\n"
        "bob,,,,\n"
        "dana,,,,\n"
        "\n"
        ",new@school.example,S-9,,\n"
        ",not an address,,,\n"
        "no one,,,,\n"
        ",,S-8,,\n"
        "someone,,,,a lot\n"
    )
    plan = upload(content).json()
    assert plan["counts"] == {"new": 2, "changed": 1, "skipped": 2, "invalid": 4}
    assert plan["sections"] == ["North"]
    assert plan["unnamed"] == 0
    fates = {2: "new", 3: "changed", 4: "skipped", 5: "skipped", 7: "new", **dict.fromkeys((8, 9, 10, 11), "invalid")}
    assert list_fates(plan) == fates
    assert find_reason(plan, 2) == "A place is kept for this account."
    assert find_reason(plan, 3) == "section: – → North; external_id: – → S-1"
    assert find_reason(plan, 5) == "They lead this cohort."
    assert find_reason(plan, 7) == "A place is kept for who confirms this address."
    assert find_reason(plan, 8) == "The email is no e-mail address."
    assert find_reason(plan, 11) == "Accommodations are whole per cent of extra time, from 0 to 400."
    assert (Reservation.objects.count(), Section.objects.count(), autumn.lines.count()) == (0, 0, 0)


def test_it_is_applied_once_and_again_without_harm(apply: Apply, autumn: Cohort, alice: User, charlie: User) -> None:
    content = HEAD + "alice,,S-1,North,25\ncharlie,,S-3,North,\n,new@school.example,S-9,South,10\n"
    assert apply(content)["counts"] == {"new": 2, "changed": 1, "skipped": 0, "invalid": 0}
    part = Membership.objects.get(user=alice)
    assert (part.external_id, str(part.section), part.extra_percent) == ("S-1", "North", 25)
    kept = {str(one): (one.user, one.external_id, one.extra_percent) for one in Reservation.objects.all()}
    assert kept == {"charlie": (charlie, "S-3", 0), "new@school.example": (None, "S-9", 10)}
    assert not Membership.objects.filter(user=charlie).exists()
    lines = [(line.verb, line.learner, line.text) for line in autumn.lines.order_by("pk")]
    assert lines == [
        ("amended", alice, "+0 % -> North, S-1, +25 %"),
        ("applied roster", None, "2 new, 1 changed, 0 skipped, 0 invalid"),
    ]
    assert apply(content)["counts"] == {"new": 0, "changed": 0, "skipped": 3, "invalid": 0}
    assert apply(HEAD + "alice,,,,\n")["unnamed"] == 3
    part.refresh_from_db()
    assert (part.external_id, part.extra_percent) == ("S-1", 25)


def test_a_place_is_taken_by_whose_it_is_and_by_nobody_else(
    log_in: LogIn, apply: Apply, bob: User, charlie: User, erin: User, confirm: Callable[[User, str], None]
) -> None:
    apply(HEAD + "charlie,charlie@school.example,S-3,North,25\n,erin@school.example,S-5,,\nfrieda,,S-6,,\n")
    User.objects.filter(pk=bob.pk).update(email="erin@school.example")
    assert log_in(bob).get("/api/me/places").json() == []
    assert log_in(erin).get("/api/me/places").json() == []
    confirm(erin, "erin@school.example")
    [place] = log_in(erin).get("/api/me/places").json()
    assert (place["title"], place["led_by"]) == ("Autumn", ["Dana"])
    assert log_in(charlie).post(f"/api/me/places/{place['id']}").status_code == 404
    assert log_in(erin).post(f"/api/me/places/{place['id']}").status_code == 200
    assert log_in(erin).post(f"/api/me/places/{place['id']}").status_code == 404
    assert Membership.objects.get(user=erin).external_id == "S-5"
    frieda = User.objects.create_user("Frieda")
    [hers] = log_in(frieda).get("/api/me/places").json()
    assert log_in(frieda).delete(f"/api/me/places/{hers['id']}").status_code == 204
    [his] = log_in(charlie).get("/api/me/places").json()
    assert log_in(charlie).post(f"/api/me/places/{his['id']}").json()["section"] == "North"
    assert Membership.objects.get(user=charlie).extra_percent == 25
    assert not Reservation.objects.exists()


def test_a_name_that_somebody_took_later_is_not_enough_where_the_roster_gave_an_address(
    log_in: LogIn, apply: Apply, upload: Upload
) -> None:
    content = HEAD + "frieda,frieda@school.example,S-6,,50\n"
    apply(content)
    squatter = User.objects.create_user("frieda")
    assert log_in(squatter).get("/api/me/places").json() == []
    assert upload(content).json()["counts"]["skipped"] == 1
    apply(content)
    assert log_in(squatter).get("/api/me/places").json() == []


def test_who_took_a_place_by_an_address_is_known_again(
    log_in: LogIn, apply: Apply, charlie: User, confirm: Callable[[User, str], None]
) -> None:
    content = "email;section\nCharlie@School.example;North\n"
    apply(content)
    confirm(charlie, "charlie@school.example")
    [place] = log_in(charlie).get("/api/me/places").json()
    log_in(charlie).post(f"/api/me/places/{place['id']}")
    assert apply(content)["counts"] == {"new": 0, "changed": 0, "skipped": 1, "invalid": 0}


@pytest.mark.parametrize(
    ("rows", "fates", "reason"),
    [
        ("x,,,,\nX,,,,\n", {2: "new", 3: "invalid"}, "The username is in row 2 already."),
        ("x,a@b.example,,,\ny,A@b.example,,,\n", {2: "new", 3: "invalid"}, "The email is in row 2 already."),
        ("x,,S-1,,\ny,,S-1,,\n", {2: "new", 3: "invalid"}, "The external_id is in row 2 already."),
        ("x,,,,\nx2,,S-2,,\n", {2: "new", 3: "invalid"}, "The external_id is that of Bob already."),
        (
            "alice,,,,\n,alice@school.example,,,\n",
            {2: "skipped", 3: "invalid"},
            "This is the same person as in row 2.",
        ),
        (
            "x,,,,\nbob,alice@school.example,,,\n",
            {2: "new", 3: "invalid"},
            "The username and the email are those of two people here.",
        ),
        ("x,,,,\ny,,,,,surplus\n", {2: "new", 3: "invalid"}, "The row has more cells than there are columns."),
        ("x,,,,\ny,,,,401\n", {2: "new", 3: "invalid"}, "Accommodations are whole per cent"),
        ("x,,,,\ny,,,,12.5\n", {2: "new", 3: "invalid"}, "Accommodations are whole per cent"),
        ("x,,,,\n=cmd(),,,,\n", {2: "new", 3: "invalid"}, "A username has only letters"),
        ('x,,,,\ny,,"a\nb",,\n', {2: "new", 3: "invalid"}, "characters that cannot be shown"),
        (f"x,,,,\ny,,,{'s' * 61},\n", {2: "new", 3: "invalid"}, "The section has more than 60 characters."),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_the_others_stand(
    upload: Upload,
    alice: User,
    bob: User,
    autumn: Cohort,
    confirm: Callable[[User, str], None],
    rows: str,
    fates: dict[int, str],
    reason: str,
) -> None:
    Membership.objects.filter(user=bob).update(external_id="S-2")
    confirm(alice, "alice@school.example")
    plan = upload(HEAD + rows).json()
    assert list_fates(plan) == fates
    assert reason in find_reason(plan, 3)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_spreadsheets_of_all_sorts_are_read(upload: Upload, delimiter: str, encoding: str, newline: str) -> None:
    lines = (("User name", "Section"), ("zoe", "Süd, Café"))
    text = newline.join(delimiter.join(f'"{cell}"' for cell in line) for line in lines) + newline
    plan = upload(text.encode(encoding)).json()
    assert plan["counts"]["new"] == 1
    assert plan["sections"] == ["Süd, Café"]


def test_a_first_line_that_names_the_separator_is_passed_over_and_other_columns_are_named(upload: Upload) -> None:
    plan = upload("sep=;\r\nE-Mail;Phone number;Id\r\nzoe@school.example;030;7\r\n").json()
    assert plan["ignored"] == ["Phone number"]
    assert list_fates(plan) == {3: "new"}


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty"),
        (b"  \n", 400, "empty"),
        (b"name,age\nx,1\n", 400, "no-header"),
        (b"username,Username\nx,y\n", 400, "column-twice"),
        (b'username,section\nx,"North\ny,South\n', 400, "not-csv"),
        (b"PK\x03\x04 a spreadsheet", 400, "not-csv"),
        (b"username\n\x81\x8d\n", 400, "unknown-encoding"),
        (b"username\nx\0\0\0y\n\n", 400, "unknown-encoding"),
        (b"username\n" + b"x" * MOST_BYTES, 413, "too-large"),
        (b"username\n" + b"x\n" * (MOST_ROWS + 1), 413, "too-many-rows"),
        (b"username\n" + b"x" * 140_000 + b"\n", 400, "not-csv"),
        (b"username,section\n" + b"".join(b"u%d,s%d\n" % (n, n) for n in range(201)), 400, "too-many"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence_and_the_one_before_stays(
    log_in: LogIn, dana: User, upload: Upload, content: bytes, status: int, code: str
) -> None:
    upload("username\nzoe\n")
    answer = upload(content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"].endswith((".", "?"))
    assert list_fates(log_in(dana).get("/api/cohorts/autumn/roster").json()) == {2: "new"}


def test_formulas_stay_text(apply: Apply, alice: User) -> None:
    apply(HEAD + 'alice,,"=HYPERLINK(""http://x"")",@SUM(1),\n')
    part = Membership.objects.get(user=alice)
    assert (part.external_id, str(part.section)) == ('=HYPERLINK("http://x")', "@SUM(1)")


def test_a_roster_is_its_uploaders_and_is_applied_to_the_cohort_as_it_is_by_then(
    log_in: LogIn, dana: User, erin: User, alice: User, autumn: Cohort, upload: Upload
) -> None:
    Membership.objects.create(cohort=autumn, user=erin, role=Role.INSTRUCTOR)
    upload(HEAD + "alice,,S-1,,\n")
    assert log_in(erin).get("/api/cohorts/autumn/roster").status_code == 404
    assert log_in(erin).post("/api/cohorts/autumn/roster/apply").status_code == 409
    Membership.objects.filter(user=alice).update(external_id="S-1")
    assert log_in(dana).post("/api/cohorts/autumn/roster/apply").json()["counts"]["skipped"] == 1
    assert not Roster.objects.exists()
    assert log_in(dana).post("/api/cohorts/autumn/roster/apply").status_code == 409
    upload("username\nzoe\n")
    assert log_in(dana).delete("/api/cohorts/autumn/roster").status_code == 204
    assert not Roster.objects.exists()


def test_a_place_is_given_up_by_who_leads(log_in: LogIn, dana: User, apply: Apply) -> None:
    apply(HEAD + "zoe,,S-1,,\n")
    [place] = log_in(dana).get("/api/cohorts/autumn/places").json()["results"]
    assert place["username"] == "zoe"
    assert log_in(dana).delete(f"/api/cohorts/autumn/places/{place['id']}").status_code == 204
    assert log_in(dana).delete(f"/api/cohorts/autumn/places/{place['id']}").status_code == 404


def test_fifty_thousand_rows_are_compared_in_few_queries_and_shown_in_short(
    upload: Upload, log_in: LogIn, dana: User, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    rows = (
        f"user{number},user{number}@school.example,S-{number},Section {number % 40},10\n" for number in range(MOST_ROWS)
    )
    content = HEAD + "".join(rows)
    with django_assert_max_num_queries(40):
        plan = upload(content).json()
    assert plan["counts"]["new"] == MOST_ROWS
    assert len(plan["rows"]) == 500
    with django_assert_max_num_queries(40):
        shown = log_in(dana).get("/cohorts/autumn/roster/").content.decode()
    assert "50,000" in shown
    assert len(shown) < 100_000
