"""Comments on lines: who may say what, where it stands, who is told, and what is refused."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Comment, Membership
from people.learners import intake, sharing
from people.learners.models import Enrolment, Run, Submission

Api = Callable[[User], APIClient]
LogIn = Callable[[User], Client]
LOOP = {"path": "pipeline/ingest.py", "line": "3"}


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def page(refused: Submission) -> str:
    return f"/cohorts/autumn/submissions/{refused.pk}/review/"


@pytest.fixture
def said(as_dana: Client, page: str) -> Comment:
    assert as_dana.post(page, {**LOOP, "text": "Close <i>it</i>, please."}).status_code == 302
    return Comment.objects.get()


def test_a_submission_is_read_beside_the_starter_the_last_and_the_reference(
    as_dana: Client, enrolled: Enrolment, refused: Submission, page: str
) -> None:
    since_starter = read(as_dana, page)
    assert "<code>notes.py</code>" in since_starter
    assert "Since submission" not in since_starter
    later = intake.submit(enrolled, "ingest", {"pipeline/ingest.py": b"import csv\n", "notes.py": b"# mine\n"}, "web")
    since_last = read(as_dana, f"/cohorts/autumn/submissions/{later.submission_id}/review/?against=last")
    assert "<code>notes.py</code>" not in since_last
    assert ">import csv<" in since_last
    beside = read(as_dana, f"{page}?against=reference")
    assert "numbers" in beside
    assert "json" in beside
    assert 'aria-current="true"' in read(as_dana, f"{page}?against=nonsense")


def test_a_comment_stands_beside_its_line_escaped_and_the_learner_is_told(
    as_alice: Client, as_dana: Client, said: Comment, refused: Submission, page: str, alice: User
) -> None:
    for shown in (read(as_dana, page), read(as_dana, f"/cohorts/autumn/submissions/{refused.pk}/")):
        assert "Close &lt;i&gt;it&lt;/i&gt;, please." in shown
    assert "1 new comment" in read(as_alice, "/")
    own = read(as_alice, f"/submissions/{refused.pk}/")
    assert "Close &lt;i&gt;it&lt;/i&gt;, please." in own
    assert ">new<" in own
    assert own.index("numbers.txt") < own.index("Close &lt;i&gt;")
    assert ">new<" not in read(as_alice, f"/submissions/{refused.pk}/")
    assert "new comment" not in read(as_alice, "/")
    line = CohortLine.objects.get()
    assert (line.verb, line.learner, line.text) == ("commented", alice, "submission 1, pipeline/ingest.py:3")


def test_a_line_that_differs_nowhere_keeps_its_comment(
    as_dana: Client, enrolled: Enrolment, refused: Submission, said: Comment
) -> None:
    again = intake.submit(enrolled, "ingest", {"pipeline/ingest.py": b"import csv\n", "notes.py": b"# mine\n"}, "web")
    address = f"/cohorts/autumn/submissions/{again.submission_id}/review/"
    assert "Close" not in read(as_dana, address)
    as_dana.post(address, {"path": "notes.py", "line": "1", "against": "last", "text": "Which?"})
    shown = read(as_dana, f"{address}?against=last")
    assert "Said about files that are the same here" in shown
    assert "Which?" in shown


def test_the_learner_answers_and_the_leader_resolves_and_opens_again(
    as_alice: Client, as_dana: Client, said: Comment, refused: Submission
) -> None:
    landed = as_alice.post(f"/submissions/{refused.pk}/comments/{said.pk}/", {"text": "Done in 2."})
    assert landed["Location"] == f"/submissions/{refused.pk}/#comment-{said.pk}"
    read(as_alice, landed["Location"])
    desk = read(as_dana, "/cohorts/autumn/review/")
    assert "<strong>Answered by Alice:</strong>" in desk
    assert "Done in 2." in desk
    thread = f"/cohorts/autumn/comments/{said.pk}/"
    as_dana.post(thread, {"text": "Thanks."})
    assert "1 new comment" in read(as_alice, "/")
    for _twice in range(2):
        as_dana.post(thread, {"resolve": "1"})
    assert "Resolved by Dana" in read(as_alice, f"/submissions/{refused.pk}/")
    assert "Done in 2." not in read(as_dana, "/cohorts/autumn/review/")
    as_dana.post(thread, {"reopen": "1"})
    assert "Thanks." in read(as_dana, "/cohorts/autumn/review/")
    assert list(CohortLine.objects.values_list("verb", flat=True)) == ["reopened", "resolved", "answered", "commented"]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"text": " "}, "Write something."),
        ({"text": "x" * 4001}, "The text has 4001 characters; at most 4000 are taken."),
        ({"text": "Hm.", "path": "../etc/passwd"}, "Submission 1 holds no file ../etc/passwd."),
        ({"text": "Hm.", "line": "5"}, "has lines 1 to 4; say one of them."),
        ({"text": "Hm.", "line": "0"}, "has lines 1 to 4; say one of them."),
        ({"text": "Hm.", "line": "9" * 5000}, "has lines 1 to 4; say one of them."),
        ({"text": "Hm.", "line": ""}, "has lines 1 to 4; say one of them."),
    ],
)
def test_what_is_refused_is_said_and_what_was_written_stays(
    as_dana: Client, page: str, told: dict[str, str], sentence: str
) -> None:
    answer = as_dana.post(page, {**LOOP, **told})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    if told == {"text": "x" * 4001}:
        assert "x" * 4001 in answer.content.decode()
    assert not Comment.objects.exists()


def test_what_is_no_text_takes_no_comment(as_dana: Client, enrolled: Enrolment) -> None:
    work = intake.submit(enrolled, "ingest", {"main.py": b"", "model.bin": b"\0\1\n"}, "web").submission
    answer = as_dana.post(
        f"/cohorts/autumn/submissions/{work.pk}/review/", {"path": "model.bin", "line": "1", "text": "Hm."}
    )
    assert "model.bin is no text." in answer.content.decode()


def test_a_refused_answer_keeps_what_was_written(as_alice: Client, as_dana: Client, said: Comment) -> None:
    for client, address in (
        (as_alice, f"/submissions/{said.submission_id}/comments/{said.pk}/"),
        (as_dana, f"/cohorts/autumn/comments/{said.pk}/"),
    ):
        answer = client.post(address, {"text": "z" * 4001})
        assert answer.status_code == 400
        assert "z" * 4001 in answer.content.decode()
    Comment.objects.bulk_create(
        Comment(cohort=said.cohort, submission=said.submission, parent=said, path="", line=1, text=str(number))
        for number in range(100)
    )
    assert as_alice.post(f"/submissions/{said.submission_id}/comments/{said.pk}/", {"text": "Hm."}).status_code == 409


def test_who_may_say_what(
    api: Api, as_dana: Client, led: Cohort, refused: Submission, said: Comment, enrolled: Enrolment
) -> None:
    comments = f"/api/cohorts/autumn/submissions/{refused.pk}/comments"
    thread = f"/api/cohorts/autumn/comments/{said.pk}"

    def ask(name: str) -> tuple[int, ...]:
        client = api(User.objects.get(username=name))
        asked = (
            client.get(comments),
            client.post(comments, {**LOOP, "text": "And this?"}),
            client.post(f"{thread}/answers", {"text": "Well."}),
            client.post(f"{thread}/resolution"),
            client.delete(f"{thread}/resolution"),
            client.get(f"/api/submissions/{refused.pk}/comments"),
            client.post(f"/api/submissions/{refused.pk}/comments/{said.pk}/answers", {"text": "Yes."}),
        )
        return tuple(answer.status_code for answer in asked)

    assert ask("dana") == (200, 201, 201, 200, 200, 404, 404)
    assert ask("alice") == (404, 404, 404, 404, 404, 200, 201)
    assert ask("otto") == (200, 403, 403, 403, 403, 404, 404)
    for stranger in ("bob", "frank", "paula"):
        assert ask(stranger) == (404,) * 7
    # Paula sees her sections: Alice's, once she is in one.
    Membership.objects.get(user__username="paula").assists.add(section := led.sections.create(title="A"))
    Membership.objects.filter(user__username="alice").update(section=section)
    assert ask("paula") == (200, 201, 201, 200, 200, 404, 404)


def test_the_api_tells_threads_by_file_and_line(
    api: Api, as_dana: Client, dana: User, alice: User, refused: Submission, said: Comment, page: str
) -> None:
    as_dana.post(page, {"path": "notes.py", "line": "1", "text": "Whose?"})
    api(alice).post(f"/api/submissions/{refused.pk}/comments/{said.pk}/answers", {"text": "Mine."})
    told = api(dana).get(f"/api/cohorts/autumn/submissions/{refused.pk}/comments").json()
    assert [(one["path"], one["line"], one["author"], one["text"]) for one in told] == [
        ("notes.py", 1, "Dana", "Whose?"),
        ("pipeline/ingest.py", 3, "Dana", "Close <i>it</i>, please."),
    ]
    assert [(one["author"], one["text"]) for one in told[1]["answers"]] == [("Alice", "Mine.")]
    bad = api(dana).post(f"/api/cohorts/autumn/submissions/{refused.pk}/comments", {**LOOP, "line": 99, "text": "?"})
    assert (bad.status_code, bad.json()["code"], bad.json()["field"]) == (400, "unknown-line", "line")


def test_pages_cost_the_same_for_one_comment_as_for_twenty(
    as_alice: Client,
    as_dana: Client,
    said: Comment,
    refused: Submission,
    page: str,
    dana: User,
    django_assert_num_queries: Callable[[int], object],
) -> None:
    addresses = [(as_dana, page, 12), (as_dana, "/cohorts/autumn/review/", 8), (as_alice, "/", 27)]
    addresses += [(as_alice, f"/submissions/{refused.pk}/", 24)]
    for _both in range(2):
        for client, address, most in addresses:
            with django_assert_num_queries(most):  # type: ignore[attr-defined]
                read(client, address)
        for number in range(19):
            one = {"cohort": said.cohort, "submission": refused, "author": dana, "path": "pipeline/ingest.py"}
            thread = Comment.objects.create(**one, line=number % 4 + 1, text="Hm.")
            Comment.objects.create(**one, line=number % 4 + 1, text="Well.", parent=thread)
        Comment.objects.update(seen_at=None)


def test_work_of_before_repositories_has_nothing_to_compare_and_is_still_commented_on(
    as_dana: Client, refused: Submission, page: str, conclude: Callable[[Run, Verdict], None]
) -> None:
    Submission.objects.update(commit="")
    assert "every file is the same" in read(as_dana, page)
    assert as_dana.post(page, {**LOOP, "text": "Close it."}).status_code == 302
    assert "Close it." in read(as_dana, page)


def test_of_a_team_each_is_told_and_may_answer(
    as_alice: Client, as_dana: Client, log_in: LogIn, alice: User, bob: User, led: Cohort, tiny: Project
) -> None:
    team = sharing.form_team([bob, alice], tiny, "Blue")
    work = intake.submit(team, "ingest", {"main.py": b"print(5)\n"}, "web").submission
    page = f"/cohorts/autumn/submissions/{work.pk}/review/"
    assert as_dana.post(page, {"path": "main.py", "line": "1", "text": "Five?"}).status_code == 302
    for client in (as_alice, log_in(bob)):
        assert "1 new comment" in read(client, "/")
    answered = as_alice.post(f"/submissions/{work.pk}/comments/{Comment.objects.get().pk}/", {"text": "Four."})
    assert answered.status_code == 302
    desk = read(as_dana, "/cohorts/autumn/review/")
    assert (desk.count("Five?"), desk.count("Blue"), "Answered by Alice:" in desk) == (1, 1, True)
    as_dana.post("/cohorts/autumn/view-as/", {"learner": "alice"})
    assert "Four." in read(as_dana, f"/submissions/{work.pk}/")
