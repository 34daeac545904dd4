"""Whole installations in processes of their own, with settings of their own, driven from outside."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
BEGIN = """
import json, sys, django; django.setup()
from pathlib import Path
from django.test import Client
from curriculum.models import Project
from curriculum.package import load
from curriculum.publish import publish
from people.accounts.models import User
from people.cohorts.demo import read_tree
from people.learners import intake, tasks
from people.learners.facilities import store
from people.learners.models import Enrolment, Run
folder = Path(sys.argv[1])
for task in (tasks.make_worlds, tasks.grade_run):
    if "by-hand" in sys.argv: task.delay = lambda *given: None
"""
PUBLISH = f"""{BEGIN}
publish(load(folder), store().put(folder), store().put(folder / "starter"))
User.objects.create_user("alice", password="a long password")
"""
SUBMIT = f"""{BEGIN}
enrolment = intake.enrol(User.objects.get(username="alice"), Project.objects.get(slug="tiny"))
run = intake.submit(enrolment, "ingest", {{**read_tree(folder / "reference"), sys.argv[2]: b"1"}}, via="test")
if "by-hand" in sys.argv:
    tasks.make_worlds(enrolment.pk, 1)
    tasks.grade_run(run.pk)
"""
ASK = f"""{BEGIN}
runs = Run.objects.order_by("pk")
print(json.dumps([{{
    "state": run.state, "outcome": run.outcome, "sentence": run.sentence, "world": run.digests.get("world"),
    "artefact": [store().read(j.artefact, "numbers.json").decode() for j in run.judgements.exclude(artefact="")],
}} for run in runs]))
"""
LOOK = f"""{BEGIN}
client = Client(HTTP_HOST="localhost")
assert client.login(username="alice", password="a long password")
import hashlib, io, zipfile, re
told = {{}}
for path in ("/projects/tiny/", "/projects/tiny/world.zip", "/projects/tiny/export.zip", "/projects/tiny/starter.zip",
             "/submissions/1/"):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    if path.endswith(".zip"):
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        told[path] = {{n: hashlib.sha256(archive.read(n)).hexdigest() for n in archive.namelist() if "bundle" not in n}}
    else:
        told[path] = re.sub(r'(nonce|value|csrf\\w*)="[^"]*"|<time.*?</time>', "", answer.content.decode())
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Installation:
    """Milepost with these settings and nothing of the tests' own."""

    environment: dict[str, str]

    def ask(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(words, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def manage(self, *words: str) -> str:
        return self._insist(sys.executable, "manage.py", *words)

    def run(self, program: str, *words: str) -> Any:
        told = self._insist(sys.executable, "-c", program, str(TINY), *words)
        return json.loads(told) if told else None

    def script(self, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.ask(str(ROOT / "scripts" / name), *words)

    def _insist(self, *words: str) -> str:
        done = self.ask(*words)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()


def describe(var: Path, **settings: str) -> Installation:
    """An installation that keeps everything below this folder."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MILEPOST_", "DATABASE_", "AWS_"))
    }
    given = {
        "MILEPOST_VAR": str(var),
        "MILEPOST_DEMO": "0",
        "MILEPOST_WARM": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "C_FORCE_ROOT": "1",
        "OMP_NUM_THREADS": "1",
    }
    return Installation({**kept, **given, **settings})
