"""An installation whose store is a bucket: what the web takes in a worker judges, and pages read what came of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.people.learners.installations import ASK, LOOK, PUBLISH, ROOT, SUBMIT, Installation, describe

PATIENCE_S = 240
KEYS = {"AWS_ACCESS_KEY_ID": "milepost", "AWS_SECRET_ACCESS_KEY": "not-so-secret"}
WORKER = "celery --quiet -A config worker --concurrency 1 --loglevel WARNING --without-gossip --without-mingle"


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    given = {"aws_access_key_id": "milepost", "aws_secret_access_key": "not-so-secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=address, **given).create_bucket(Bucket="kept")
    yield address
    server.stop()


@pytest.mark.services
def test_web_and_worker_share_nothing_but_database_queue_and_bucket(tmp_path: Path, endpoint: str) -> None:
    shared = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/shared.sqlite3",
        "STORE_URL": f"s3://kept/milepost?endpoint={endpoint}",
        "SECRET_KEY": "one and the same, for web and worker, and as long as it has to be",
        "MILEPOST_WORLD_SECRET": "one and the same, too",
        "BROKER_URL": "filesystem://",
        **KEYS,
    }
    web = describe(tmp_path / "web", **shared)
    worker = describe(tmp_path / "worker", **shared)
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "broker").symlink_to(tmp_path / "web" / "broker")
    for folder in ("queue", "control"):
        (tmp_path / "web" / "broker" / folder).mkdir(parents=True)
    web.manage("migrate", "--verbosity", "0")
    web.run(PUBLISH)
    web.run(SUBMIT, "one.txt")
    process = subprocess.Popen(
        [sys.executable, "-m", *WORKER.split()], cwd=ROOT, env=worker.environment, start_new_session=True
    )
    try:
        (run,) = wait_for_verdict(web)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert run["outcome"] == "passed", run["sentence"]
    assert run["artefact"][0].startswith('{"numbers"')
    assert "numbers" in str(web.run(LOOK))
    assert list((tmp_path / "web" / "cache" / "blobs").glob("*/*"))
    assert not (tmp_path / "web" / "store").exists()
    assert web.manage("collect_garbage").startswith("Freed 0.0 MB: 0 folders")
    told = web.script("backup", str(tmp_path / "backup.tar"))
    assert "s3://kept/milepost is named in it and not copied" in told.stdout
    assert "not-so-secret" not in told.stdout + told.stderr


def wait_for_verdict(web: Installation) -> list[dict[str, object]]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        runs: list[dict[str, object]] = web.run(ASK)
        if all(run["state"] == "done" for run in runs):
            return runs
        time.sleep(1)
    pytest.fail(f"still {runs}")
