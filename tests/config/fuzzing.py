"""Generated requests to the whole API, by every role, on a world where every address leads to something of Alice's.

Each request is undone, so that the next one finds the same world. What is sent is chosen by a fixed seed.
"""

import os
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import hypothesis
import schemathesis
from django.core.cache import cache
from django.core.signals import got_request_exception, request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import resolve
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.generation.meta import GenerationMode

from tests.config.test_matrix import DOORS, House, undoing

SEED: Final = 8
# Of the operations, one in so many is asked: for a look at another database.
EVERY: Final = int(os.environ.get("MILEPOST_TEST_EVERY", "1"))
# Of each operation: drawn at random, and chosen among those at the edges of what the description allows.
DRAWN, CHOSEN = 4, 14
FAR: Final = "2099-06-01T12:00:00Z"
# What valid requests hold, where the table of doors has none that is let through.
BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "PUT /api/cohorts/{slug}": {"title": "Autumn", "projects": ["tiny"]},
    "PATCH /api/cohorts/{slug}/dates": {
        "dates": [{"milestone": "tiny/ingest", "opens_at": None, "due_at": FAR, "closes_at": None}]
    },
    "POST /api/cohorts/{slug}/extensions": {
        "learner": "bob",
        "milestone": "tiny/ingest",
        "due_at": FAR,
        "reason": "Ill.",
    },
    "PATCH /api/cohorts/{slug}/learners/{username}": {"extra_percent": 25},
    "POST /api/cohorts/{slug}/roster": {"roster": b"username\nzoe\n"},
    "POST /api/employers/{slug}/assessments": {
        "title": "Numbers",
        "project": "tiny",
        "kinds": ["ingest"],
        "domain": "plain",
        "minutes": 60,
        "opens_at": "2026-01-01T00:00:00Z",
        "closes_at": FAR,
    },
    "POST /api/employers/{slug}/domains": {"project": "tiny", "name": "Bakery", "text": "title: Bakery\n"},
    "PUT /api/employers/{slug}/roles/{role}": {"title": "Baker", "required": {"clean": 3}},
    "PUT /api/employers/{slug}/webhooks/{id}": {"address": "https://8.8.8.8/hook", "events": ["candidate.kept"]},
    "PUT /api/cohorts/{slug}/leaders/{username}": {"role": "observer"},
    "PUT /api/cohorts/{slug}/late-rules": {"zone": "UTC", "late_percent": 10, "late_days": None},
    "PUT /api/cohorts/{slug}/sections/{id}": {"title": "South"},
    "PUT /api/employers/{slug}": {"title": "Northwind"},
    "PUT /api/employers/{slug}/people/{username}": {"role": "recruiter"},
    "PATCH /api/employers/{slug}/candidates/{id}": {"note": "Hm."},
}


@dataclass
class Fuzz:
    """What was asked and answered, and what was wrong with it."""

    house: House
    bodies: Mapping[str, Mapping[str, Any]]
    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    roles: Counter[str] = field(default_factory=Counter)
    raised: list[str] = field(default_factory=list)

    def run(self, only: str = "") -> None:
        with self._listening():
            schema = schemathesis.openapi.from_wsgi("/api/schema", get_wsgi_application())
            places = find_places(self.house)
            for found in islice(schema.get_all_operations(), None, None, EVERY):
                operation = found.ok()
                if only in operation.label:
                    cases = collect_cases(operation, schema.config)
                    self._ask_all(cases, *places[operation.path])

    def _ask_all(self, cases: list[Case], door: str, told: Mapping[str, str]) -> None:
        may = DOORS[door].may
        able = sorted((may.get(cases[0].operation.method.upper()) or frozenset().union(*may.values())) - {"nobody"})
        everybody = [*self.house.people, "nobody"]
        positive = [case for case in cases if not is_negative(case)][: 2 * len(able)]
        for number, case in enumerate(positive):
            self._put_right(case, told, DOORS[door].body if number < len(able) else None)
            self._ask(case, able[number % len(able)], was_put_right=True)
        for number, case in enumerate(case for case in cases if case not in positive):
            if not (case.meta and case.meta.is_negative_at(ParameterLocation.PATH)):
                case.path_parameters = dict(told)
            self._ask(case, everybody[self.roles.total() % len(everybody)] if number % 2 else able[0])

    def _put_right(self, case: Case, told: Mapping[str, str], body: Mapping[str, Any] | None) -> None:
        """Let a request lead to what is there, and hold what is let through, if it is to hold anything known."""
        case.path_parameters = dict(told)
        known = self.bodies.get(case.operation.label, body)
        if known and body is not None:
            case.body = dict(known)
            case.query = {}

    def _ask(self, case: Case, who: str, was_put_right: bool = False) -> None:
        headers = {"Authorization": f"Bearer {self.house.tokens[who]}"} if who != "nobody" else {}
        label = case.operation.label
        cache.clear()
        self.raised.clear()
        self.roles[who] += 1
        with undoing():
            answer = case.call(headers=headers)
            self.answers[label][answer.status_code] += 1
            first = sum(self.answers[label][status] for status in range(200, 300)) == 1
            try:
                case.validate_response(answer, headers=headers, excluded_checks=excluded(first, was_put_right))
            except FailureGroup as group:
                told = f"{who}: {case.as_curl_command()} -> {answer.status_code} {answer.content[:300]!r} {self.raised}"
                for failure in group.exceptions:
                    self.faults.setdefault((label, type(failure).__name__), f"{failure}\n{told}")

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """What is raised inside is heard, and the test's own connection stays open after a request."""

        def hear(**_told: object) -> None:
            self.raised.append(repr(sys.exc_info()[1]))

        signals = (request_started, request_finished)
        got_request_exception.connect(hear)
        for signal in signals:
            signal.disconnect(close_old_connections)
        yield
        for signal in signals:
            signal.connect(close_old_connections)
        got_request_exception.disconnect(hear)

    def list_never_done(self) -> set[str]:
        """The operations that nobody's request got through."""
        return {label for label, counted in self.answers.items() if not any(200 <= one < 300 for one in counted)}

    def share_done(self) -> dict[str, float]:
        """By the first part of the address, which share of requests got through."""
        done: Counter[str] = Counter()
        asked: Counter[str] = Counter()
        for label, counted in self.answers.items():
            group = label.split("/")[2]
            asked[group] += counted.total()
            done[group] += sum(number for status, number in counted.items() if 200 <= status < 300)
        return {group: done[group] / asked[group] for group in asked}


def is_negative(case: Case) -> bool:
    return case.meta is None or case.meta.generation.mode == GenerationMode.NEGATIVE


def excluded(is_first_done: bool, was_put_right: bool) -> list[Callable[..., Any]]:
    """A slug that is allowed may be nobody's; one look without a token is enough; what we put in is right."""
    names = ["positive_data_acceptance"]
    names += [] if is_first_done else ["ignored_auth"]
    names += ["negative_data_rejection"] if was_put_right else []
    return list(schemathesis.checks.CHECKS.get_by_names(names))


def collect_cases(operation: Any, project: Any) -> list[Case]:
    """The same ones each time: those at the edges first, of which some are chosen."""
    drawn = _collect(operation, project, HypothesisTestMode.FUZZING)
    edges = _collect(operation, project, HypothesisTestMode.COVERAGE)
    chance = random.Random(f"{SEED} {operation.label}")
    return drawn + (chance.sample(edges, CHOSEN) if len(edges) > CHOSEN else edges)


def _collect(operation: Any, project: Any, mode: HypothesisTestMode) -> list[Case]:
    found: list[Case] = []

    def note(case: Case) -> None:
        found.append(case)

    settings = hypothesis.settings(
        max_examples=DRAWN,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    config = HypothesisTestConfig(project=project, modes=[mode], settings=settings, seed=SEED)
    create_test(operation=operation, test_func=note, config=config)()
    return found


def find_places(house: House) -> dict[str, tuple[str, dict[str, str]]]:
    """By address as the description has it: the name of the door, and what fills its places."""
    found = {}
    for name in DOORS:
        if name.startswith("api-") and name != "api-schema":
            match = resolve(house.find(name))
            address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", match.route).replace("{pk}", "{id}")
            places = {"id" if place == "pk" else place: str(value) for place, value in match.kwargs.items()}
            found[address] = (name, places)
    return found
