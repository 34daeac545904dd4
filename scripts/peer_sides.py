"""The graders that are compared, each with one task of its own: what it is given, and how it is asked to judge.

`ready` lays out one submission, unmeasured; what it gives back judges it, and says whether it passed.
"""

import ast
import json
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from curriculum.package import load
from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes.base import Sandbox
from grading.sandboxes.warm import Warm
from grading.store import Store
from grading.verdict import Outcome
from grading.world import ONE_THREAD, REPOSITORY, Draw, make_world
from scripts.peer_forms import (
    checks_for_us,
    nbgrader_notebook,
    otter_notebook,
    otter_tests,
    program,
    pytest_file,
    submission,
)

TASKS = REPOSITORY / "scripts" / "peer_tasks"
ENVIRONMENTS = REPOSITORY / "var" / "peers"
DRAW = Draw(1, 1, "plain")
SECONDS = 300
CLASS = 5
# What a learner's code may do that loses rows: no grader may let it pass.
SPOIL = "\n\npd.read_parquet({out} / 'rows.parquet').head(100).to_parquet({out} / 'rows.parquet', index=False)\n"


class Side(Protocol):
    """One grader; `share` is the number of submissions that one judging covers."""

    share: int

    def ready(self, source: str, spoilt: bool) -> Callable[[], bool]: ...


@dataclass(frozen=True)
class Task:
    """One task as text, and the folder in which every side finds its data."""

    name: str
    scratch: Path

    @property
    def learner(self) -> str:
        return self._text("learner.py")

    @property
    def questions(self) -> str:
        return self._text("questions.py")

    @property
    def asked(self) -> dict[str, str]:
        """Each question's name and sentence."""
        functions = [node for node in ast.parse(self.questions).body if isinstance(node, ast.FunctionDef)]
        return {function.name: ast.get_docstring(function) or "" for function in functions}

    def _text(self, name: str) -> str:
        return (TASKS / self.name / name).read_text()

    @cached_property
    def package(self) -> Path:
        """The task as a project package of ours."""
        folder = self.scratch / "package"
        shutil.copytree(TASKS / self.name, folder)
        (folder / "domains").mkdir()
        (folder / "domains" / "plain.yaml").write_text("{}\n")
        kind = load(folder).milestones[0].kind
        (folder / kind).mkdir()
        (folder / kind / "checks.py").write_text(checks_for_us(self.questions, self.asked, load(folder).skills[0]))
        return folder

    @cached_property
    def store(self) -> Path:
        """A store that knows the world and nothing else."""
        make_world(load(self.package), DRAW, Store(self.scratch / "store"))
        return self.scratch / "store"

    @cached_property
    def data(self) -> dict[str, Path]:
        """What every peer finds in the folder where it works: the sources, and the truth under a name of its own."""
        store = Store(self.store)
        world = make_world(load(self.package), DRAW, store)
        raw = store.fetch(world.raw, self.scratch / "raw")
        truth = store.fetch(world.truth, self.scratch / "truth")
        return {path.name: path for path in raw.iterdir()} | {"truth.parquet": truth / "rows.parquet"}

    def lay_data(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in self.data.items():
            shutil.copyfile(path, folder / name)
        return folder


class Ours:
    """Our pipeline in this process, as a worker runs it: cold jails, or warm ones."""

    share = 1

    def __init__(self, task: Task, sandbox: Sandbox) -> None:
        self.task, self.sandbox, self.stores = task, sandbox, 0
        # Of each judging, the CPU time of the learner's code alone, and how many warm starts were ready.
        self.own_cpu_s: list[float] = []
        self.warm_starts: list[int] = []

    def ready(self, source: str, spoilt: bool) -> Callable[[], bool]:
        self.stores += 1
        store = Store(shutil.copytree(self.task.store, self.task.scratch / f"{id(self)}-{self.stores}"))
        facilities = Facilities(store, self.sandbox, REPOSITORY / ".environments")
        wrong = SPOIL.format(out="Path(sys.argv[2])") if spoilt else ""
        tree = store.put_files({"pipeline/__init__.py": b"", "pipeline/task.py": (program(source) + wrong).encode()})
        package = store.put(self.task.package)
        job = Job(package, load(self.task.package).kinds[0], tree, DRAW)
        return lambda: self.judge(job, facilities)

    def judge(self, job: Job, facilities: Facilities) -> bool:
        before = self._given()
        verdict = grade(job, facilities)
        self.warm_starts.append(self._given() - before)
        if verdict.outcome not in (Outcome.PASSED, Outcome.FAILED):
            raise SystemExit(
                f"our own run was {verdict.outcome}: {verdict.sentence} {verdict.digests.get('cause', '')}"
            )
        self.own_cpu_s.append(verdict.chain[-1].usage.cpu_s)
        return verdict.outcome is Outcome.PASSED

    def _given(self) -> int:
        return self.sandbox.pool.given if isinstance(self.sandbox, Warm) else 0


class Peer:
    """A program of an environment of its own, in a folder of its own."""

    share = 1

    def __init__(self, name: str, task: Task) -> None:
        self.name, self.task = name, task
        self.programs = ENVIRONMENTS / name / "bin"
        self.folder = Path(tempfile.mkdtemp(dir=task.scratch, prefix=f"{name}-"))
        self.prepare()

    def prepare(self) -> None:
        raise NotImplementedError

    def ready(self, source: str, spoilt: bool) -> Callable[[], bool]:
        raise NotImplementedError

    def call(self, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        path = f"{self.programs}:/usr/bin:/bin"
        environ = {"PATH": path, "HOME": str(self.task.scratch), "JUPYTER_PLATFORM_DIRS": "1", **ONE_THREAD}
        words = (str(self.programs / words[0]), *words[1:])
        cwd = folder or self.folder
        return subprocess.run(words, cwd=cwd, env=environ, capture_output=True, text=True, timeout=SECONDS)

    def insist(self, *words: str) -> None:
        done = self.call(*words)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {(done.stdout + done.stderr)[-2000:]}")


class Bare(Peer):
    """No grader: the learner's command, then pytest, as a course's CI does it; no isolation."""

    def prepare(self) -> None:
        self.task.lay_data(self.folder)
        (self.folder / "pipeline").mkdir()
        (self.folder / "pipeline" / "__init__.py").touch()
        (self.folder / "test_questions.py").write_text(pytest_file(self.task.questions, self.task.asked))

    def ready(self, source: str, spoilt: bool) -> Callable[[], bool]:
        wrong = SPOIL.format(out="Path(sys.argv[2])") if spoilt else ""
        (self.folder / "pipeline" / "task.py").write_text(program(source) + wrong)
        (self.folder / "rows.parquet").unlink(missing_ok=True)
        return self.judge

    def judge(self) -> bool:
        self.insist("python", "-m", "pipeline.task", ".", ".")
        return self.call("pytest", "-q", "-p", "no:cacheprovider").returncode == 0


class Nbgrader(Peer):
    """`nbgrader autograde`: learner's cells and tests in one kernel, as the caller's own user; no isolation."""

    students = 1

    def prepare(self) -> None:
        (self.folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'bench'\n")
        source = self.task.lay_data(self.folder / "source" / "task")
        (source / "task.ipynb").write_text(nbgrader_notebook(self.task.questions, self.task.asked))
        self.insist("nbgrader", "generate_assignment", "task")

    def ready(self, source: str, spoilt: bool) -> Callable[[], bool]:
        released = (self.folder / "release" / "task" / "task.ipynb").read_text()
        wrong = SPOIL.format(out="Path('.')") if spoilt else ""
        for number in range(self.students):
            handed_in = self.folder / "submitted" / f"student{number}" / "task"
            handed_in.mkdir(parents=True, exist_ok=True)
            (handed_in / "task.ipynb").write_text(submission(released, source, wrong))
        return self.judge

    def judge(self) -> bool:
        self.insist("nbgrader", "autograde", "task", "--force")
        return self.points() == len(self.task.asked) * self.students

    def points(self) -> float:
        with closing(sqlite3.connect(self.folder / "gradebook.db")) as book:
            return float(book.execute("select sum(auto_score) from grade").fetchone()[0] or 0)


class NbgraderClass(Nbgrader):
    """The same for a class of five in one command, which shares its start among them."""

    students = share = CLASS


class Otter(Peer):
    """`otter run`: learner's cells and tests in one kernel, in a temporary folder; without Docker no isolation."""

    def prepare(self) -> None:
        data = self.task.lay_data(self.folder / "data")
        tests = data / "tests"
        tests.mkdir()
        (tests / "questions.py").write_text(otter_tests(self.task.questions, self.task.asked))
        done = self.call("otter", "generate", "-t", "tests", "--no-environment", *sorted(self.task.data), folder=data)
        if done.returncode:
            raise SystemExit(f"otter generate: {done.stdout + done.stderr}")
        shutil.move(data / "autograder.zip", self.folder / "autograder.zip")

    def ready(self, source: str, spoilt: bool) -> Callable[[], bool]:
        wrong = SPOIL.format(out="Path('.')") if spoilt else ""
        (self.folder / "task.ipynb").write_text(otter_notebook(source, wrong))
        (self.folder / "results.json").unlink(missing_ok=True)
        return self.judge

    def judge(self) -> bool:
        self.insist("otter", "run", "--no-logo", "-a", "autograder.zip", "task.ipynb")
        tests = json.loads((self.folder / "results.json").read_text())["tests"]
        return len(self.task.asked) == int(sum(test.get("score", 0) for test in tests))
