"""Has the engine judge this folder here, in the examiner's environment and a process of its own."""

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from milepost.bench import Bench, cache_home
from milepost.server import Answer
from milepost.surroundings import Interpreter
from milepost.troubles import Unreachable

PATH = "/usr/local/bin:/usr/bin:/bin"
COMPILED = "compiled"
LAST_LETTERS = 1500


@dataclass(frozen=True)
class Practice:
    """One check to be made: with which interpreters, and how."""

    bench: Bench
    examiner: Path
    learner: Interpreter
    environments: Path | None
    jail: bool = True
    again: bool = False

    def describe(self, kind: str, packed: Path, data: Path) -> dict[str, object]:
        """As the engine reads it. An environment that is not the locked one is told by its own digest."""
        own = {} if self.environments else {"python": self.learner.executable, "python_digest": self.learner.digest}
        return {
            "package": str(self.bench.package),
            "data": str(data),
            "tree": str(packed),
            "kind": kind,
            "store": str(cache_home() / "store"),
            "environments": str(self.environments or cache_home()),
            "jail": self.jail,
            "again": self.again,
            **own,
        }


def practise(practice: Practice, kind: str, content: bytes, data: Path, on_event: Callable[[Answer], None]) -> Answer:
    """What the engine concludes, as the API describes a run. Raises Unreachable when the engine itself fails."""
    _compile(practice)
    with tempfile.NamedTemporaryFile(suffix=".zip") as packed, tempfile.TemporaryFile("w+") as errors:
        packed.write(content)
        packed.flush()
        asked = json.dumps(practice.describe(kind, Path(packed.name), data))
        told = _talk(practice, asked, errors, on_event)
        if "run" in told:
            run: Answer = told["run"]
            return run
        errors.seek(0)
        cause = told.get("fault") or errors.read()[-LAST_LETTERS:].strip() or "it said nothing"
    raise Unreachable(f"The engine failed on this machine: {cause}", code="engine-fault")


def _talk(practice: Practice, asked: str, errors: IO[str], on_event: Callable[[Answer], None]) -> Answer:
    words = [str(practice.examiner), "-s", "-P", "-m", "grading.practice"]
    told: Answer = {}
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        cwd=practice.bench.engine,
        env=_variables(practice),
    ) as engine:
        assert engine.stdin
        assert engine.stdout
        try:
            engine.stdin.write(asked + "\n")
            engine.stdin.close()
            for line in engine.stdout:
                told = json.loads(line)
                if "text" in told:
                    on_event(told)
        except BrokenPipeError:
            return {}
        except KeyboardInterrupt:
            # It heard Ctrl-C as well, and ends what it had started first.
            engine.wait()
            raise
    return told


def _variables(practice: Practice) -> dict[str, str]:
    return {"PATH": PATH, "LANG": "C.UTF-8", "PYTHONPATH": str(practice.bench.engine)}


def _compile(practice: Practice) -> None:
    """Once for each bench: the examiner, in its jail, can keep no byte code."""
    done = practice.bench.folder / COMPILED
    if not done.exists():
        words = [str(practice.examiner), "-m", "compileall", "-q", str(practice.bench.engine)]
        subprocess.run(words, capture_output=True, check=False)
        done.touch()
