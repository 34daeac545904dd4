"""Hints are opened one at a time, stay open, and are told by the API with their price."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from curriculum.models import Milestone
from people.accounts.models import User
from people.learners.models import Enrolment, Help

HINTS = "## every_line_is_there\n\n1. Count them.\n2. Count the lines that\n   hold no number.\n3. `len(lines)`.\n"
ADDRESS = "/api/projects/tiny/milestones/ingest/hints"
CHECK = f"{ADDRESS}/every_line_is_there"


@pytest.fixture
def as_alice(enrolled: Enrolment, alice: User, api: Callable[[User], APIClient]) -> APIClient:
    Milestone.objects.filter(kind="ingest").update(hints=HINTS)
    return api(alice)


def test_hints_are_opened_in_their_order_each_at_its_price(as_alice: APIClient) -> None:
    [told] = as_alice.get(ADDRESS).json()["results"]
    assert (told["opened"], told["all"], told["next"]) == ([], 3, 1)
    assert told["cost"] == "It costs nothing, and leaves no trace."
    early = as_alice.post(CHECK, {"tier": 2})
    assert (early.status_code, early.json()["code"]) == (409, "out-of-order")
    first = as_alice.post(CHECK, {"tier": 1}).json()
    assert (first["opened"], first["next"]) == (["Count them."], 2)
    assert first["cost"].startswith("Your evidence will say")
    second = as_alice.post(CHECK, {"tier": 2}).json()
    assert second["opened"][1] == "Count the lines that hold no number."
    assert "level 2 at most" in second["cost"]
    for _ in range(2):  # a second click finds what the first opened
        third = as_alice.post(CHECK, {"tier": 3}).json()
    assert (third["next"], third["cost"], Help.objects.count()) == (None, "", 3)


@pytest.mark.parametrize(
    ("address", "sent", "status", "code"),
    [
        (f"{ADDRESS}/no_such_check", {"tier": 1}, 404, "unknown-check"),
        (CHECK, {"tier": 4}, 404, "unknown-hint"),
        (CHECK, {"tier": 0}, 400, "min-value"),
        (CHECK, {}, 400, "required"),
        ("/api/projects/tiny/milestones/clean/hints/x", {"tier": 1}, 409, "locked"),
        ("/api/projects/tiny/milestones/train/hints/x", {"tier": 1}, 404, "not-found"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_words(
    as_alice: APIClient, address: str, sent: dict[str, int], status: int, code: str
) -> None:
    refused = as_alice.post(address, sent)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert Help.objects.count() == 0


def test_hints_are_each_learners_own(as_alice: APIClient, api: Callable[[User], APIClient], charlie: User) -> None:
    as_alice.post(CHECK, {"tier": 1})
    assert api(charlie).get(ADDRESS).json()["code"] == "not-enrolled"
    assert api(charlie).post(CHECK, {"tier": 1}).status_code == 404
    assert "Count them" not in str(api(charlie).get("/api/projects/tiny").json())
