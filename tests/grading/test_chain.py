"""The chain: own artefacts upstream, found by digest, and the guilty milestone named."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from curriculum.package import load
from grading.verdict import Outcome

pytestmark = pytest.mark.slow


def test_earlier_milestones_that_did_not_change_are_found_and_changed_ones_run_again(grader) -> None:  # type: ignore[no-untyped-def]
    assert grader.judge("clean").outcome is Outcome.PASSED
    changed = grader.judge("clean", clean=lambda source: source + "\n# a remark\n")
    assert [(link.kind, link.found_by_digest) for link in changed.chain] == [("ingest", True), ("clean", False)]
    upstream = grader.judge("clean", ingest=lambda source: source + "\n# a remark\n")
    # The artefact of the re-run ingest has the same bytes, so clean is found again.
    assert [(link.kind, link.found_by_digest) for link in upstream.chain] == [("ingest", False), ("clean", True)]


def test_breaking_an_earlier_milestone_is_named_as_such(grader) -> None:  # type: ignore[no-untyped-def]
    verdict = grader.judge("clean", ingest="raise SystemExit('no feed today')")
    assert (verdict.outcome, verdict.guilty) == (Outcome.BROKEN, "ingest")
    assert verdict.sentence.startswith("Your ingest, which clean builds on")


def test_a_milestone_that_fails_for_its_own_fault_is_guilty_itself(grader) -> None:  # type: ignore[no-untyped-def]
    verdict = grader.judge("feature", feature="raise ValueError('never mind')")
    assert (verdict.outcome, verdict.guilty) == (Outcome.BROKEN, "")
    assert "never mind" in verdict.sentence


def test_equal_jobs_have_equal_verdicts(grader) -> None:  # type: ignore[no-untyped-def]
    one, two = grader.judge("clean"), grader.judge("clean")
    assert (one.digests, one.outcome, one.own.results) == (two.digests, two.outcome, two.own.results)


def test_a_service_may_be_a_command_that_listens_by_itself(grader, tmp_path) -> None:  # type: ignore[no-untyped-def]
    folder = Path(shutil.copytree(grader.package.folder, tmp_path / "copy"))
    told = folder / "project.yaml"
    command = "listen: python -m uvicorn pipeline.serve:app --port {port} --log-level warning"
    told.write_text(told.read_text().replace("serve: pipeline.serve:app", command))
    other = replace(grader, package=load(folder), stored=grader.facilities.store.put(folder))
    verdict = other.judge("deploy")
    assert verdict.outcome is Outcome.PASSED, verdict.sentence
    broken = other.judge("deploy", serve="raise RuntimeError('no model today')")
    assert broken.outcome is Outcome.BROKEN
    assert "no model today" in broken.own.output
