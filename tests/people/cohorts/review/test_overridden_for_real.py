"""An override from the API to the next verdict, with the real jail: the reference stands in for what was let pass."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from people.accounts.models import User
from people.employers.queries import read_evidence
from people.learners import intake, tasks
from people.learners.models import Enrolment, Run

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REFERENCE = Path(__file__).resolve().parents[3] / "fixtures/packages/tiny/reference/pipeline"


def judge(enrolment: Enrolment, kind: str, files: dict[str, bytes]) -> Run:
    run = intake.submit(enrolment, kind, files, "test")
    tasks.grade_run(run.pk)
    run.refresh_from_db()
    return run


def test_the_next_milestone_is_judged_on_the_references_until_own_work_passes(
    enrolled: Enrolment, alice: User, dana: User, api: Callable[[User], APIClient]
) -> None:
    wrong, clean = b"print('nothing is written')\n", (REFERENCE / "clean.py").read_bytes()
    refused = judge(enrolled, "ingest", {"pipeline/__init__.py": b"", "pipeline/ingest.py": wrong})
    assert refused.outcome != "passed"
    address = f"/api/cohorts/autumn/submissions/{refused.submission_id}/overrides"
    assert api(dana).post(address, {"outcome": "passed", "reason": "Shown at the board."}).status_code == 201
    work = {"pipeline/__init__.py": b"", "pipeline/ingest.py": wrong, "pipeline/clean.py": clean}
    on_reference = judge(enrolled, "clean", work)
    assert (on_reference.outcome, on_reference.digests["lent"]) == ("passed", "ingest")
    assert [one.outcome for one in on_reference.judgements.all()] == ["lent", "passed"]
    assert {(proof.milestone, proof.lent, proof.word) for proof in read_evidence(alice)} == {("clean", ("ingest",), "")}
    own = {**work, "pipeline/ingest.py": (REFERENCE / "ingest.py").read_bytes()}
    assert judge(enrolled, "ingest", own).outcome == "passed"
    on_own = judge(enrolled, "clean", own)
    assert (on_own.outcome, "lent" in on_own.digests) == ("passed", False)
