"""Pages as plain values, the way views hand them to templates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from frontend.pages import ChainLink, CheckLine, EventLine, MilestoneCard, ProjectMap, SubmissionPage

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KINDS = ("ingest", "clean", "feature", "model", "deploy")


def make_card(kind: str, state: str) -> MilestoneCard:
    position = KINDS.index(kind) + 1
    return MilestoneCard(
        kind=kind,
        title=f"Title of {kind}",
        summary=f"Summary of {kind}.",
        minutes=90,
        position=position,
        state=state,
        opens_when=f"Title of {KINDS[position - 2]}" if state == "locked" else "",
        url=f"/{kind}/",
        latest_submission_url=None,
        passed_at=NOON if state in ("passed", "regressed") else None,
    )


@pytest.fixture
def make_map() -> Callable[..., ProjectMap]:
    """A project whose five milestones are in these states."""

    def make(*states: str, enrolled: bool = True) -> ProjectMap:
        cards = [make_card(kind, state) for kind, state in zip(KINDS, states, strict=True)]
        return ProjectMap("watch", "Watch", "A summary.", "Marta", "1.0.0", enrolled, cards, "/watch/")

    return make


@pytest.fixture
def failed_page(make_map: Callable[..., ProjectMap]) -> SubmissionPage:
    """A judged submission of clean: one check holds, one does not, one was not asked."""
    project = make_map("passed", "failed", "locked", "locked", "locked")
    lines = [("first", "held"), ("second", "failed"), ("third", "failed"), ("fourth", "not asked")]
    return SubmissionPage(
        id=41,
        number=7,
        project=project,
        card=project.milestones[1],
        state="done",
        outcome="failed",
        sentence="A number is there twice.",
        guilty="",
        position_in_queue=None,
        created=NOON,
        finished=NOON + timedelta(seconds=9),
        via="web",
        tree_digest="4f1c",
        events=[EventLine(NOON + timedelta(seconds=1.5), "clean", "running your code")],
        chain=[
            ChainLink("ingest", "Title of ingest", "passed", True, 0, 0, 0, {"cpu_s": 60}),
            ChainLink("clean", "Title of clean", "failed", False, 52.1, 30, 100, {"cpu_s": 60, "memory_mb": 1024}),
        ],
        results=[_make_line(name, answer) for name, answer in lines],
        digests={"world": "9b1f", "tree": "4f1c"},
    )


def _make_line(name: str, answer: str) -> CheckLine:
    failed = answer == "failed"
    return CheckLine(
        name=name,
        title=name.capitalize(),
        question=f"Does the {name} hold?",
        answer=answer,
        sentence=f"The {name} does not hold." if failed else "",
        expected="4 numbers" if failed else "",
        found="5 numbers" if failed else "",
        details=[{"kind": "twice", "missed": 2031}] if failed else [],
        skills=["prevent-leakage"],
        level=3,
    )


@pytest.fixture
def draw_submission(failed_page: SubmissionPage) -> Callable[..., str]:
    """The submission page's changing part, with these fields changed."""

    def draw(**changes: Any) -> str:
        page = replace(failed_page, **changes)
        return render_to_string("learner/submission_body.html", {"page": page, "live_mark": "3.running.0.1"})

    return draw


@pytest.fixture
def draw_map() -> Callable[[ProjectMap], str]:
    def draw(project: ProjectMap) -> str:
        request = RequestFactory().get("/watch/")
        return render_to_string("learner/project.html", {"project": project, "story": "Marta."}, request)

    return draw
