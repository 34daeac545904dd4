"""docs/openapi.yaml is the API that is served: `manage.py spectacular --file docs/openapi.yaml` writes it anew."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from people.openapi import PROBLEMS

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
# What makes nothing, or the same however often it is asked for; and one that knows no user yet.
DONE_TWICE_WITHOUT_HARM = {
    "/api/tokens",
    "/api/verify",
    "/api/projects/{slug}/enrolment",
    "/api/projects/{slug}/trial",
    "/api/projects/{slug}/move",
    "/api/projects/{slug}/milestones/{kind}/hints/{check}",
    "/api/projects/{slug}/milestones/{kind}/loan",
    "/api/join/{token}",
    "/api/me/places/{id}",
    "/api/assessments/invited/{token}/begin",
    "/api/assessments/{id}/finish",
    "/api/assessments/{id}/report",
    "/api/cohorts/{slug}/archive",
    "/api/cohorts/{slug}/comments/{id}/resolution",
    "/api/cohorts/{slug}/roster",
    "/api/cohorts/{slug}/roster/apply",
    "/api/cohorts/{slug}/regrades/{project}/apply",
    "/api/cohorts/{slug}/teams/{id}/learners",
    "/api/cohorts/{slug}/platforms/{id}/roster",
    "/api/cohorts/{slug}/platforms/{id}/scores",
    "/api/employers/{slug}/webhooks/{id}/pause",
    "/api/operating/dead-letters/{id}",
}
# Lists without pages, and what bounds them.
BOUNDED = {
    "/api/cohorts/{slug}/leaders": "whom owners appoint one by one",
    "/api/cohorts/{slug}/invitations": "the links that leaders make one by one",
    "/api/cohorts/{slug}/sections": "what owners open one by one",
    "/api/cohorts/{slug}/weights": "the milestones of a cohort's projects",
    "/api/cohorts/{slug}/submissions/{id}/overrides": "words of leaders about one submission",
    "/api/cohorts/{slug}/submissions/{id}/comments": "words of leaders about one submission",
    "/api/submissions/{id}/comments": "words of leaders about one submission",
    "/api/cohorts/{slug}/platforms": "what owners connect one by one",
    "/api/dates": "the milestones of one's own projects",
    "/api/employers/{slug}/people": "whom owners appoint one by one",
    "/api/employers/{slug}/roles": "what recruiters write one by one, and those that come with Milepost",
    "/api/employers/{slug}/roles/{role}/matches": "the candidates that are named",
    "/api/employers/{slug}/webhooks": "what owners enter one by one",
    "/api/employers/{slug}/offers": "what owners offer one by one",
    "/api/me/cohorts": "the cohorts that one learns in",
    "/api/me/places": "the places that are kept for one person",
    "/api/me/roles": "the roles that come with Milepost",
    "/api/me/roles/{role}": "the skills",
    "/api/me/skills": "the skills",
}


@cache
def read_committed() -> Any:
    # The parser in C: the one in Python takes seconds for a file as long.
    return yaml.load(COMMITTED.read_text(), Loader=yaml.CSafeLoader)


def list_operations() -> Iterator[tuple[str, str, Any]]:
    for address, path in read_committed()["paths"].items():
        for method, operation in path.items():
            yield method, address, operation


def test_the_committed_description_is_the_one_that_the_code_gives(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert COMMITTED.read_text() == fresh.read_text()


def test_every_operation_says_how_it_refuses() -> None:
    answers = read_committed()["components"]["responses"]
    addresses = set()
    for _method, address, operation in list_operations():
        addresses.add(address)
        for status in PROBLEMS:
            assert operation["responses"][status] == {"$ref": f"#/components/responses/Problem{status}"}
            content = answers[f"Problem{status}"]["content"]
            assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
    assert "/api/submissions/{id}" in addresses
    assert "WWW-Authenticate" in answers["Problem401"]["headers"]
    assert "Retry-After" in answers["Problem429"]["headers"]


def test_what_makes_something_takes_a_key_and_says_so() -> None:
    posts = {address: operation for method, address, operation in list_operations() if method == "post"}
    takes = {
        address
        for address, operation in posts.items()
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
    }
    assert posts.keys() - takes == DONE_TWICE_WITHOUT_HARM
    for address in takes:
        assert posts[address]["responses"]["422"] == {"$ref": "#/components/responses/Problem422"}


def test_every_list_is_in_pages_or_bounded_by_what_it_is() -> None:
    schemas = read_committed()["components"]["schemas"]
    whole, paged = set(), set()
    for method, address, operation in list_operations():
        for answer in operation["responses"].values():
            shape = answer.get("content", {}).get("application/json", {}).get("schema", {})
            named = schemas.get(shape.get("$ref", "").rpartition("/")[2], {})
            if method == "get" and shape.get("type") == "array":
                whole.add(address)
            if "next" in named.get("properties", {}) and "results" in named.get("properties", {}):
                paged.add(address)
                assert {"limit", "offset"} <= {one["name"] for one in operation["parameters"]}
    assert len(paged) > 20
    assert whole == BOUNDED.keys()


def test_who_asks_again_is_told_what_was_worked_out(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _page = (client.get(path).content for path in ("/api/schema", "/api/docs"))
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda *_given, **_named: pytest.fail("worked out again"))
    assert client.get("/api/schema").content == first
    assert client.get("/api/docs").status_code == 200
