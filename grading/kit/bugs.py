"""Planting bugs in a learner's own code, to see whether their own tests notice. Reads sources as text and runs nothing.

A milestone with `sources: true` has a probe for it: `command: python {prepared}/try_bugs.py --bugs {prepared}/bugs.json
--out {out}`, `produces: {kills.json: 1}`, `prepares: {try_bugs.py: 1, bugs.json: 4}`, whose prepare function calls
write_bugs; the check calls read_kills. The learner's tests run beside whatever writes kills.json and could write it
themselves, so this measures diligence: give it few points, and bind nothing to it.
"""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from random import Random

from grading.kit.checking import DoesNotHold
from grading.kit.documents import document
from grading.kit.mutate import find_mistakes, make_mistake
from grading.kit.produced import Produced

SCRIPT = "try_bugs.py"
MOST_TEXT = 400_000
# What takes long to import is imported once, before the tests are started over and over.
SLOW = ("numpy", "pandas", "pyarrow", "polars", "sklearn", "torch", "fastapi", "fastapi.testclient")
NO_TESTS = 5


@dataclass(frozen=True, slots=True)
class Bug:
    """One planted bug. name: "<path>:<line> <operator>"; source: the whole file with it."""

    name: str
    path: str
    source: str


@dataclass(frozen=True, slots=True)
class Kills:
    """Which bugs were noticed, by name. rate: their share (0..1)."""

    noticed: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def rate(self) -> float:
        return len(self.noticed) / max(1, len(self.noticed) + len(self.missed))


def plant_bugs(sources: Mapping[str, str], number: int = 12, seed: int = 0, entry: str = "") -> list[Bug]:
    """At most `number` bugs, in turns over the files: the same ones for the same sources and seed.

    sources: path -> text, as produced.sources. Tests, and files that are no Python, are left as they are; so is
    everything when there is more than 400 kB of it. entry: a path, such as "pipeline/serve.py", to plant only in that
    file and in those that it imports, directly or not; "" for everywhere. Some bugs change nothing that anybody could
    see (`<` for `<=` where the two are never equal), so no tests find all: four fifths are excellent tests. Of twelve
    bugs a rate of a half is uncertain by 0.28 either way (95 %), so take more of them, or a low mark.
    """
    rng = Random(seed)  # noqa: S311 - which bugs are planted is no secret
    own = _own_code(sources)
    where = _behind(own, entry) if entry else own
    waiting = {path: list(_find(own[path])) for path in sorted(where)}
    for places in waiting.values():
        rng.shuffle(places)
    planted: dict[str, Bug] = {}
    while len(planted) < number and any(waiting.values()):
        for path in [path for path in waiting if waiting[path]][: number - len(planted)]:
            bug = _plant(sources[path], path, *waiting[path].pop())
            planted.setdefault(bug.name, bug)
    return list(planted.values())


def _behind(own: Mapping[str, str], entry: str) -> set[str]:
    """The entry and every file of the tree that it imports, or that one of these imports."""
    waiting, behind = [entry], set[str]()
    while waiting:
        path = waiting.pop()
        if path in own and path not in behind:
            behind.add(path)
            waiting += _imported(path, own[path])
    return behind


def _imported(path: str, text: str) -> list[str]:
    """The paths that the modules which this text names could have in the tree."""
    modules: list[list[str]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules += [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = [*PurePosixPath(path).parts[: -node.level]] if node.level else []
            base = package + (node.module.split(".") if node.module else [])
            modules += [base, *([*base, alias.name] for alias in node.names)]
    return ["/".join(parts) + end for parts in modules if parts for end in (".py", "/__init__.py")]


def _own_code(sources: Mapping[str, str]) -> dict[str, str]:
    own = {path: text for path, text in sources.items() if not _is_test(path)}
    if sum(map(len, own.values())) > MOST_TEXT:
        return {}
    return {path: text for path, text in own.items() if _is_python(text)}


def _is_test(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return parts[-1] == "conftest.py" or any(part.startswith("test") for part in parts)


def _is_python(text: str) -> bool:
    try:
        ast.unparse(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _find(text: str) -> Iterator[tuple[str, int]]:
    try:
        yield from find_mistakes(text)
    except RecursionError:
        return


def _plant(text: str, path: str, operator: str, place: int) -> Bug:
    mistake = make_mistake(text, operator, place, path)
    return Bug(f"{path}:{mistake.line} {operator}", path, mistake.source)


def write_bugs(sources: Mapping[str, str], prepared: Path, number: int = 12, seed: int = 0, entry: str = "") -> None:
    """Write what the probe needs into its folder: the script that tries bugs, and the bugs.

    The unchanged run is made of the same code without its comments, so that tests which compare files with what they
    were, instead of asking what they do, fail there.
    """
    own = _own_code(sources)
    imported = {word for path, text in sources.items() if path.endswith(".py") for word in SLOW if word in text}
    asked = {
        "modules": sorted(imported),
        "sources": {path: ast.unparse(ast.parse(text)) + "\n" for path, text in own.items()},
        "bugs": {bug.name: asdict(bug) for bug in plant_bugs(sources, number, seed, entry)},
    }
    (prepared / SCRIPT).write_text((Path(__file__).parent / SCRIPT).read_text("utf-8"), "utf-8")
    (prepared / "bugs.json").write_text(json.dumps(asked), "utf-8")


def read_kills(run: Produced, sources: Mapping[str, str], number: int = 12, seed: int = 0, entry: str = "") -> Kills:
    """What the probe wrote, about the bugs that were planted; arguments after the first as for write_bugs.

    DoesNotHold when the file is missing or misshapen, when there are no tests, or when they fail on the unchanged code.
    A bug that made the tests fail, crash, or run three times as long as before was noticed; one for which a busy host
    had no time (null) does not count.
    """
    found = document(run, "kills.json", fields={"unchanged": "int", "bugs": "object"})
    if found["unchanged"] == NO_TESTS:
        raise DoesNotHold(
            "`python -m pytest` finds no tests in your repository. Whoever changes this code next month, you perhaps, "
            "will not know what they broke."
        )
    if found["unchanged"] != 0:
        raise DoesNotHold(
            "Your own tests do not pass on your own code here, where there is no network, no data folder, and no "
            "comment in the code. A suite that is red on a good day tells nobody anything on a bad one. Run "
            "`python -m pytest` in a fresh clone."
        )
    names = [bug.name for bug in plant_bugs(sources, number, seed, entry)]
    codes = {name: found["bugs"].get(name, 0) for name in names}
    noticed = tuple(name for name in names if codes[name] not in (0, None))
    return Kills(noticed, tuple(name for name in names if codes[name] == 0))
