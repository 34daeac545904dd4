"""Status says what to do next: the milestone, what it opens, the check that does not hold, the command."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from milepost.server import Server
from milepost.troubles import Unreachable

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.learners import trials
from people.learners.models import Enrolment, Run
from people.learners.overriding import override

Milepost = Callable[..., Result]
Conclude = Callable[[Run, Verdict], None]


def hand_in(milepost: Milepost, conclude: Conclude, verdict: Verdict, kind: str) -> None:
    assert milepost("submit", kind, "--no-wait").exit_code == 0
    run = Run.objects.order_by("pk").last()
    assert run
    conclude(run, verdict)


def test_a_check_that_does_not_hold_is_named_with_the_command_that_shows_it_here(
    in_tiny: Milepost, conclude: Conclude, passed_ingest: Verdict, failed_clean: Verdict
) -> None:
    hand_in(in_tiny, conclude, passed_ingest, "ingest")
    hand_in(in_tiny, conclude, failed_clean, "clean")
    assert in_tiny("status").stdout.splitlines()[-3:] == [
        "  ✗ Each number is there once.",
        "  A number is there twice, so Tom counts it twice.",
        "  Next is clean. Go on with: milepost check clean",
    ]
    assert json.loads(in_tiny("status", "--json").stdout)[0]["go_on"] == {
        "milestone": "clean",
        "opens": None,
        "sentence": "A number is there twice, so Tom counts it twice.",
        "check": "Each number is there once.",
        "command": "milepost check clean",
    }


def test_what_is_being_judged_is_to_be_watched(in_tiny: Milepost) -> None:
    in_tiny("submit", "--no-wait")
    assert in_tiny("status").stdout.endswith("clean opens. Go on with: milepost watch\n")


def test_broken_code_has_a_sentence_and_no_check(in_tiny: Milepost, conclude: Conclude, broken_ingest: Verdict) -> None:
    hand_in(in_tiny, conclude, broken_ingest, "ingest")
    told = json.loads(in_tiny("status", "--json").stdout)[0]["go_on"]
    assert (told["check"], told["command"]) == (None, "milepost check ingest")
    assert told["sentence"].startswith("Your ingest stopped with an error")


def test_what_cannot_be_asked_for_is_left_out(
    in_tiny: Milepost, conclude: Conclude, broken_ingest: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(in_tiny, conclude, broken_ingest, "ingest")
    real = Server.get

    def get(self: Server, path: str, **params: str | int) -> dict[str, object]:
        if path.startswith("/api/submissions/"):
            raise Unreachable("away")
        return real(self, path, **params)

    monkeypatch.setattr(Server, "get", get)
    assert in_tiny("status").stdout.endswith("Go on with: milepost check ingest\n")


def test_another_edition_is_said_with_where_to_read_on(
    in_tiny: Milepost,
    conclude: Conclude,
    passed_ingest: Verdict,
    publish_newer: Callable[[], Project],
) -> None:
    hand_in(in_tiny, conclude, passed_ingest, "ingest")
    assert "is out" not in in_tiny("status").stdout
    publish_newer()
    told = in_tiny("status").stdout
    assert "Edition 2 (version 1.1) is out; you are in edition 1." in told
    assert "What changed, and how to try it: http://testserver/projects/tiny/edition/" in told
    assert json.loads(in_tiny("status", "--json").stdout)[0]["offer"]["state"] == "new"
    enrolment = Enrolment.objects.get()
    trials.try_edition(enrolment)
    assert "It is judging your work" in in_tiny("status").stdout
    Run.every.filter(shadow=True).update(state="done", outcome="failed", sentence="More is asked.")
    trials.move_over(enrolment)
    told = in_tiny("status").stdout
    assert "in edition 1" in told
    assert "is out" not in told


@pytest.mark.parametrize("outcome", ["passed", "failed"])
def test_a_leaders_word_is_told_with_its_reason(
    in_tiny: Milepost, conclude: Conclude, passed_ingest: Verdict, broken_ingest: Verdict, dana: User, outcome: str
) -> None:
    hand_in(in_tiny, conclude, broken_ingest if outcome == "passed" else passed_ingest, "ingest")
    override(dana, Run.objects.get().submission, "", outcome, "Shown at\nthe board.")
    told = in_tiny("status").stdout
    assert f"counts as {outcome}, by Dana: Shown at the board." in " ".join(told.split())
    assert told.endswith({"passed": "milepost brief clean\n", "failed": "milepost check ingest\n"}[outcome])
