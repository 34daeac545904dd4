"""`milepost hint`: what there is, what it costs, and only then the hint."""

import json

import pytest
from milepost import hints

from curriculum.models import Milestone
from people.learners.models import Help

HINTS = "## every_line_is_there\n\n1. Count *them*.\n2. `len(lines)`.\n"


@pytest.fixture
def at_work(in_tiny):  # type: ignore[no-untyped-def]
    Milestone.objects.filter(kind="ingest").update(hints=HINTS)
    return in_tiny


def test_hints_are_listed_and_opened_once_their_price_is_agreed_to(at_work, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    listed = at_work("hint").stdout
    assert "every_line_is_there" in listed
    assert "0 of 2" in listed
    refused = at_work("hint", "every_line_is_there")
    assert (refused.exit_code, Help.objects.count()) == (2, 0)
    assert "It costs nothing" in refused.stderr
    opened = at_work("hint", "every_line_is_there", "--yes")
    assert opened.exit_code == 0
    assert "Count them." in opened.stdout
    monkeypatch.setattr(hints.err, "_force_terminal", True)
    declined = at_work("hint", "every_line_is_there", typed="n\n")
    assert "level 2 at most" in declined.stdout
    assert Help.objects.count() == 1
    at_work("hint", "every_line_is_there", typed="y\n")
    assert Help.objects.count() == 2
    told = json.loads(at_work("hint", "every_line_is_there", "--json").stdout)
    assert (told["next"], told["opened"][1]) == (None, "`len(lines)`.")


def test_a_check_without_hints_and_a_locked_milestone_are_refused(at_work) -> None:  # type: ignore[no-untyped-def]
    unknown = at_work("hint", "no_such_check")
    assert (unknown.exit_code, "No check 'no_such_check'" in unknown.stderr) == (2, True)
    assert json.loads(at_work("hint", "--milestone", "clean", "--json").stdout) == []
