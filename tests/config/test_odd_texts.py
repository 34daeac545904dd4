"""What PostgreSQL keeps in no text, and more letters than a column holds: at every address, in every field.

SQLite keeps it all, so tests/faults/test_on_postgresql.py has the same asked of PostgreSQL.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse

from people.accounts.models import User
from people.cohorts.models import Cohort
from tests.config.fuzzing import BODIES, EVERY
from tests.config.test_fuzz import crowd
from tests.config.test_matrix import DOORS, House, house, undoing

__all__ = ["crowd", "house"]

NUL: Final = "a\0b"
LONG: Final = "x" * 3000
# In JSON alone: forms arrive as UTF-8, in which it cannot be said.
HALF_A_LETTER: Final = "\ud800"
READS: Final = re.compile(r"\b(?:POST|GET|query_params)\b")
WORD: Final = re.compile(r'"([a-z_]{2,20})"')


@dataclass(frozen=True)
class Sent:
    """One request by whoever may send it: all is well with it but one part."""

    name: str
    method: str
    address: str
    told: Mapping[str, Any]

    def __str__(self) -> str:
        told = {name: repr(value)[:9] for name, value in self.told.items()}
        return f"{self.method} {self.name} {self.address[:80]!r} {told}"


def list_requests(house: House, name: str) -> Iterator[Sent]:
    address = house.find(name)
    for method in DOORS[name].may:
        yield from (Sent(name, method, odd, {}) for odd in list_odd_places(house, name))
        known = find_body(name, method, address)
        odd = (NUL, LONG, HALF_A_LETTER) if name.startswith("api-") and method != "GET" else (NUL, LONG)
        fields = {*known, *list_fields(address)}
        yield from (Sent(name, method, address, {**known, field: one}) for field in sorted(fields) for one in odd)


def list_odd_places(house: House, name: str) -> Iterator[str]:
    places = [house.numbers.get(place, place) for place in DOORS[name].places]
    for number in range(len(places)):
        for odd in (NUL, LONG):
            try:
                yield reverse(name, args=[*places[:number], odd, *places[number + 1 :]])
            except NoReverseMatch:
                continue


def find_body(name: str, method: str, address: str) -> dict[str, Any]:
    """What is let through here, as far as the tables know."""
    for label, body in BODIES.items():
        verb, _, route = label.partition(" ")
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route), address):
            return dict(body)
    return dict(DOORS[name].body)


def list_fields(address: str) -> set[str]:
    """What views beside this one read of a request by themselves; what a form or a serializer reads, it looks at."""
    view = resolve(address).func
    module = inspect.getmodule(getattr(view, "cls", inspect.unwrap(view)))
    assert module is not None
    lines = [line for line in inspect.getsource(module).splitlines() if READS.search(line)]
    return {word for line in lines for word in WORD.findall(line)}


def send(house: House, sent: Sent) -> int:
    who = min(DOORS[sent.name].may[sent.method], default="alice")
    is_api = sent.name.startswith("api-")
    headers = {}
    cache.clear()
    house.client.cookies.clear()
    if who != "nobody" and is_api:
        headers["Authorization"] = f"Bearer {house.tokens[who]}"
    elif who != "nobody":
        house.client.force_login(house.people[who])
    kind = {"content_type": "application/json"} if is_api and sent.method != "GET" else {}
    ask = getattr(house.client, sent.method.lower())
    with undoing():
        status: int = ask(sent.address, sent.told, headers=headers, **kind).status_code
    return status


@pytest.mark.slow
def test_no_text_is_too_odd(crowd: House) -> None:
    crowd.client.raise_request_exception = False
    ours = [name for name in DOORS if name.startswith(("api-", "frontend:"))]
    asked = [sent for name in ours for sent in list_requests(crowd, name)][::EVERY]
    assert not [str(sent) for sent in asked if send(crowd, sent) >= 500]
    assert len(asked) > 1000 // EVERY


def test_what_is_refused_names_its_field(dana: User, log_in: Callable[[User], Client], settings: Any) -> None:
    settings.MILEPOST_OPEN_COHORTS = True
    client = log_in(dana)

    def tell(answer: Any) -> tuple[int, str | None]:
        return answer.status_code, answer.json().get("field")

    for odd in (NUL, HALF_A_LETTER):
        assert tell(client.post("/api/cohorts", {"title": odd}, "application/json")) == (400, "title")
        assert tell(client.post("/api/cohorts", {odd: "Autumn"}, "application/json"))[0] == 400
    assert tell(client.get("/api/submissions?project=a%00b")) == (400, "project")
    assert tell(client.get("/api/projects/a%00b"))[0] == 404
    page = client.post("/cohorts/new/", {"title": NUL})
    assert (page.status_code, "“title”" in page.content.decode()) == (400, True)
    assert client.get("/cohorts/?page=%00").status_code == 400
    assert client.get("/projects/a%00b/").status_code == 404
    assert not Cohort.objects.exists()
