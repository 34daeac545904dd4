"""What nobody needs is taken out of the store; what pages, downloads, regrades or evidence need is never touched."""

import io
import json
import os
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as live_settings
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.utils import timezone
from moto.server import ThreadedMotoServer

from curriculum.models import Project
from curriculum.package import load
from curriculum.publish import publish
from grading.facilities import open_package
from grading.store import BLOBS, MEMO, TREES, Store
from grading.world import key_of_world, make_world
from people.accounts.models import User
from people.cohorts.demo import read_tree
from people.employers.models import DomainFile, Employer
from people.learners import facilities, helping, intake, ledger, rehearsing, sharing, tasks, trials
from people.learners.archives import find_practice_world
from people.learners.collecting import collect, find_missing
from people.learners.draws import draw_for, sequestered_draws
from people.learners.models import Enrolment, Loan, Rehearsal, Run, Submission
from tests.conftest import ROOT

TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
OURS = ("accounts", "curriculum", "learners", "cohorts", "lti", "employers", "goals")
# Less than no time: everything may go that nobody needs, though it came in just now.
AT_ONCE = timedelta(seconds=-2)
# Columns that look as if they held digests, or might one day, and name nothing in the store.
INNOCENT = {
    "accounts.AccessToken.digest": "of a secret",
    "accounts.AccessToken.scopes": "",
    "cohorts.Cohort.project_slugs": "",
    "cohorts.Cohort.signals": "",
    "cohorts.Cohort.weights": "",
    "cohorts.Likeness.inputs": "of all that a report hangs on",
    "cohorts.Likeness.report": "numbers of submissions and lines",
    "curriculum.Milestone.limits": "",
    "curriculum.Milestone.produces": "",
    "curriculum.Milestone.questions": "",
    "curriculum.Project.digest": "of the package as authors see it; its folder is `tree`",
    "curriculum.Project.domains": "",
    "curriculum.Project.skills": "",
    "curriculum.Track.slugs": "",
    "employers.Assessment.kinds": "",
    "employers.Assessment.likeness": "numbers of submissions and lines",
    "employers.Credential.document": "what was signed: digests to read, which nobody fetches",
    "employers.Delivery.event_id": "",
    "employers.Disclosure.projects": "",
    "employers.Disclosure.skills": "",
    "employers.Disclosure.token": "",
    "employers.DomainFile.faults": "",
    "employers.DomainFile.report": "",
    "employers.Offer.token": "",
    "employers.RoleProfile.required": "",
    "employers.RoleProfile.wanted": "",
    "employers.SigningKey.jwk": "",
    "employers.StatusList.signed": "",
    "employers.Tally.counts": "",
    "employers.Webhook.events": "",
    "learners.CheckAnswer.details": "",
    "learners.CheckAnswer.plot": "",
    "learners.CheckAnswer.skills": "",
    "learners.Judgement.limits": "",
    "learners.Rehearsal.commit": "of git",
    "learners.Rehearsal.lent": "",
    "learners.Submission.commit": "of git",
    "lti.Launch.state": "",
    "lti.Launch.ticket": "of a secret",
    "lti.SigningKey.kid": "",
}


@pytest.fixture
def own_store(settings: Any, tmp_path: Path) -> Iterator[Store]:
    """A store in which nothing is but what this test puts there."""
    settings.STORE_DIR = tmp_path / "store"
    clear_caches()
    yield facilities.store()
    clear_caches()


def clear_caches() -> None:
    facilities.store.cache_clear()
    facilities.facilities.cache_clear()


def publish_folder(folder: Path) -> Project:
    store = facilities.store()
    return publish(load(folder), store.put(folder), store.put(folder / "starter"))


def names_in(store: Store, room: str) -> set[str]:
    return {kept.name for kept in store.list_kept(room)}


def age(store: Store, room: str) -> None:
    for path in (store.root / room).glob("*/*"):
        os.utime(path, (1, 1))


def is_suspect(field: models.Field) -> bool:
    """Whether a digest of the store would fit in, and might be what it is for."""
    if isinstance(field, models.JSONField):
        return True
    named = re.search(r"digest|tree|artefact|starter|world|sha256|package|domain$", field.name)
    long_enough = isinstance(field, models.CharField) and 64 <= (field.max_length or 0) <= 100 and not field.choices
    return long_enough and bool(named or field.max_length == 64)


def test_every_column_that_could_hold_a_digest_is_known_to_the_collector() -> None:
    fields = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if model._meta.app_label in OURS and is_suspect(field)
    }
    known = set(live_settings.STORE_COLUMNS)
    assert fields - known == INNOCENT.keys(), "say of a new column whether the store is meant: STORE_COLUMNS, or here"
    assert known <= fields


def find_naming_columns(store: Store) -> set[str]:
    """Every column of text of which some row names a folder that is kept."""
    trees, found = names_in(store, TREES), set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                told = json.dumps(list(model._base_manager.values_list(field.name, flat=True)), default=str)
                if trees & set(re.findall(r"[0-9a-f]{64}", told)):
                    found.add(f"{model._meta.app_label}.{model.__name__}.{field.name}")
    return found


def read_pages(client: Client, paths: list[str]) -> dict[str, object]:
    """What each address answers: a zip by its members, a page by its words."""
    told: dict[str, object] = {}
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        if path.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                told[path] = {name: archive.read(name) for name in archive.namelist() if "repository" not in name}
        else:
            told[path] = re.sub(r'(nonce|csrf\w*|value)="[^"]*"|\d+ seconds?', "", answer.content.decode())
    return told


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_after_all_went_that_may_go_every_page_download_and_regrade_is_as_before(
    own_store: Store,
    alice: User,
    bob: User,
    charlie: User,
    dana: User,
    erin: User,
    rings: list[object],
    log_in: Callable[[User], Client],
    newer_folder: Path,
) -> None:
    tiny = publish_folder(TINY)
    reference = read_tree(TINY / "reference")
    own, theirs, gone = (intake.enrol(user, tiny) for user in (alice, bob, charlie))
    for enrolment in (own, theirs, gone):
        tasks.make_worlds(enrolment.pk, 1)
    runs = [judge(intake.submit(own, kind, reference, "web")) for kind in ("ingest", "clean")]
    assert [run.outcome for run in runs] == ["passed", "passed"]
    wrong = {**reference, "pipeline/ingest.py": reference["pipeline/ingest.py"].replace(b"numbers}", b"numbers[:2]}")}
    refused = judge(intake.submit(theirs, "ingest", wrong, "web"))
    assert refused.outcome == "failed"
    helping.permit(dana, [bob], "tiny", "ingest", "loan")
    tasks.make_loan(helping.lend(theirs, "ingest").pk)
    tasks.rehearse(rehearsing.rehearse_saved(theirs, "ingest").pk)
    tasks.look_at_world(own.pk)
    tasks.look_at_work(runs[1].submission_id)
    publish_folder(newer_folder)
    trials.try_edition(own)
    for shadow in Run.every.filter(shadow=True):
        judge(shadow)
    kept = own_store.put_files({"domain.yaml": b"unit: pears\n"})
    employer = Employer.objects.create(slug="northwind", title="Northwind")
    DomainFile.objects.create(employer=employer, project=tiny, name="Pears", text="", digest=f"sha256:{kept}")
    lost_world = find_practice_world(gone)
    assert lost_world is not None
    charlie.delete()
    garbage = own_store.put_files({"nobody": b"needs this"})
    own_store.remember("e" * 64, {"artefact": garbage})
    pages = [
        *(f"/projects/tiny/{page}" for page in ("", "starter.zip", "world.zip", "export.zip", "data/", "edition/")),
        *(f"/projects/tiny/milestones/{kind}/" for kind in ("ingest", "clean")),
        *(f"/submissions/{run.submission_id}/" for run in runs),
        "/me/skills/",
    ]
    bobs = ["/projects/tiny/", "/projects/tiny/world.zip", f"/submissions/{refused.submission_id}/"]
    before = read_pages(log_in(alice), pages), read_pages(log_in(bob), bobs)
    worlds = {name: own_store.recall(name) for name in list_world_keys(own) | list_world_keys(theirs)}
    assert find_naming_columns(own_store) <= set(live_settings.STORE_COLUMNS)

    promised = collect(own_store, AT_ONCE, dry_run=True, grace=AT_ONCE)
    assert names_in(own_store, TREES) >= {garbage, lost_world.raw}
    freed = collect(own_store, AT_ONCE, grace=AT_ONCE)

    assert (promised.things, promised.size) == (freed.things, freed.size)
    assert min(freed.things[room] for room in (TREES, BLOBS, MEMO)) > 0
    assert names_in(own_store, TREES) & {garbage, lost_world.raw, lost_world.truth} == set()
    assert "e" * 64 not in names_in(own_store, MEMO)
    assert find_missing(own_store) == []
    assert (read_pages(log_in(alice), pages), read_pages(log_in(bob), bobs)) == before
    assert {name: own_store.recall(name) for name in worlds} == worlds
    assert all(own_store.entries(artefact) for artefact in artefacts_of(Run.every.all()))
    assert own_store.entries(Loan.objects.get().artefact)
    assert Rehearsal.objects.get().verdict["outcome"] == "failed"  # type: ignore[index]
    again = judge(ledger.enqueue(runs[1].submission, runs[1].draw, actor="dana"))
    assert (again.outcome, again.digests["world"]) == ("passed", runs[1].digests["world"])
    assert again.digests["confirmed_on"] == runs[1].digests["confirmed_on"]
    assert judge(intake.submit(theirs, "ingest", reference, "web")).outcome == "passed"
    assert collect(own_store, timedelta(days=90)).things.total() == 0


def judge(run: Run) -> Run:
    tasks.grade_run(run.pk)
    return Run.every.select_related("submission").get(pk=run.pk)


def artefacts_of(runs: models.QuerySet[Run]) -> set[str]:
    return set(runs.exclude(judgements__artefact="").values_list("judgements__artefact", flat=True)) - {None}


def list_world_keys(enrolment: Enrolment) -> set[str]:
    package = open_package(facilities.store(), enrolment.project.tree)
    draws = [*(draw_for(enrolment, number) for number in range(4)), *sequestered_draws(enrolment)]
    made = {key_of_world(package, draw) for draw in draws} & names_in(facilities.store(), MEMO)
    assert made
    return made


def test_what_is_young_stays_and_what_is_asked_for_meanwhile_too(
    own_store: Store, tiny: Project, alice: User, rings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_folder(TINY)
    intake.submit(intake.enrol(alice, tiny), "ingest", {"pipeline/ingest.py": b"1"}, "web")
    old, old_answer = own_store.put_files({"a": b"old"}), own_store.put_files({"a": b"of an answer"})
    own_store.remember("c" * 64, old_answer)
    own_store.remember("d" * 64, own_store.put_files({"a": b"of an answer that nobody asks for"}))
    for room in (TREES, BLOBS, MEMO):
        age(own_store, room)
    young = own_store.put_files({"a": b"young"})
    real = own_store.discard

    def be_busy(kept: object, younger: float) -> bool:
        """A worker hands in and recalls meanwhile."""
        own_store.put_files({"a": b"old"})
        assert own_store.recall("c" * 64) == old_answer
        return real(kept, younger)  # type: ignore[arg-type]

    monkeypatch.setattr(own_store, "discard", be_busy)
    collect(own_store, timedelta(days=30))
    assert names_in(own_store, MEMO) == {"c" * 64}
    for digest, content in ((old, b"old"), (old_answer, b"of an answer"), (young, b"young")):
        assert own_store.read(digest, "a") == content
    assert own_store.entries(Submission.objects.get().tree)
    assert find_missing(own_store) == []


def test_puts_meanwhile_are_whole_afterwards(own_store: Store, tiny: Project) -> None:
    publish_folder(TINY)
    files = [{f"{n}": f"{number} {n}".encode() for n in range(3)} for number in range(40)]
    digests = [own_store.put_files(one) for one in files]
    for room in (TREES, BLOBS):
        age(own_store, room)
    stop = threading.Event()

    def put_all() -> None:
        while not stop.is_set():
            for one in files[:20]:
                own_store.put_files(one)

    hand = threading.Thread(target=put_all)
    hand.start()
    try:
        for _ in range(5):
            collect(own_store, timedelta(days=30))
    finally:
        stop.set()
        hand.join()
    for digest, one in zip(digests[:20], files, strict=False):
        assert {path: own_store.read(digest, path) for path in one} == one
    assert names_in(own_store, TREES) & set(digests[20:]) == set()


def test_the_worlds_that_judged_an_assessment_go_when_it_is_long_over_and_the_practice_world_stays(
    own_store: Store, alice: User, tiny: Project, rings: list[object]
) -> None:
    project = publish_folder(TINY)
    ends = timezone.now() + timedelta(days=1)
    enrolment = sharing.begin_assessed(alice, project, "plain", ends)
    make_worlds(enrolment)
    made = list_world_keys(enrolment)
    enrolment.shares.update(until=timezone.now() - timedelta(days=20))
    for days, left in ((30, len(made)), (10, 1)):
        age(own_store, MEMO)
        collect(own_store, timedelta(days=days))
        assert len(names_in(own_store, MEMO) & made) == left
    assert find_practice_world(enrolment) is not None


def make_worlds(enrolment: Enrolment) -> None:
    package = open_package(facilities.store(), enrolment.project.tree)
    for number in range(3):
        make_world(package, draw_for(enrolment, number), facilities.store())


@pytest.mark.services
def test_a_bucket_is_cleared_like_a_folder(
    settings: Any, tmp_path: Path, tiny: Project, alice: User, rings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "milepost")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-so-secret")
    settings.STORE_DIR = tmp_path / "copies"
    settings.STORE_BUCKET = {"name": "kept", "endpoint": "http://{}:{}".format(*server.get_host_and_port())}
    clear_caches()
    try:
        store: Any = facilities.store()
        store.bucket._client.create_bucket(Bucket="kept")
        garbage = store.put_files({"a": b"nobody needs this"})
        enrolment = intake.enrol(alice, publish_folder(TINY))
        make_worlds(enrolment)
        run = intake.submit(enrolment, "ingest", {"pipeline/ingest.py": b"1"}, "web")
        assert collect(store, timedelta(days=1)).things.total() == 0
        freed = collect(store, AT_ONCE, grace=AT_ONCE)
        assert (freed.things[TREES], freed.things[BLOBS], freed.things[MEMO]) == (1, 1, 0)
        assert garbage not in names_in(store, TREES)
        assert (find_missing(store), len(list_world_keys(enrolment))) == ([], 3)
        assert store.read(run.submission.tree, "pipeline/ingest.py") == b"1"
    finally:
        server.stop()
        clear_caches()


def test_the_command_says_what_it_freed_and_refuses_what_is_not_safe(
    own_store: Store, tiny: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_folder(TINY)
    garbage = own_store.put_files({"a": b"x" * 2_000_000})
    for room in (TREES, BLOBS):
        age(own_store, room)
    call_command("collect_garbage", "--dry-run")
    assert capsys.readouterr().out == "Would free 2.0 MB: 1 folders, 1 files, 0 answers.\n"
    assert own_store.entries(garbage)
    with own_store.alone(), pytest.raises(CommandError, match="being cleared out or copied now"):
        call_command("collect_garbage")
    with pytest.raises(CommandError, match="1 or more"):
        call_command("collect_garbage", "--keep-days", "0")
    call_command("collect_garbage")
    assert capsys.readouterr().out == "Freed 2.0 MB: 1 folders, 1 files, 0 answers.\n"
    call_command("collect_garbage")
    assert capsys.readouterr().out == "Freed 0.0 MB: 0 folders, 0 files, 0 answers.\n"
    Project.objects.update(tree="f" * 64)
    with pytest.raises(CommandError, match="No folder"):
        call_command("collect_garbage")
