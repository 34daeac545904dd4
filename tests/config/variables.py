"""Finds every environment variable that the product reads, wherever it does."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "credentials", "curriculum", "grading", "worlds", "people", "frontend", "client", "scripts")
# Not an operator's to set, each for its reason; the client's own are in its README.
SURROUNDINGS = {
    "PATH": "where git is found",
    "XDG_CONFIG_HOME": "where a learner's desktop keeps settings",
    "XDG_CACHE_HOME": "where it keeps what can be fetched again",
    "MILEPOST_ROOT": "the engine tells the examiner's jail where our code is mounted",
    "PYTHON": "which interpreter scripts/bootstrap begins with",
    "CI": "that a script runs in CI",
    **dict.fromkeys(
        [f"MILEPOST_LOAD_{word}" for word in ("CAST", "SEED", "THINK", "TREE", "WARM")],
        "what scripts/load tells the processes that it starts",
    ),
}
READERS = re.compile(r"read_[a-z_]+")
SHELL = re.compile(r"\$\{?(MILEPOST_[A-Z_]+|SECRET_KEY|[A-Z]+_URL|[A-Z]+(?=:-))")
# The readers themselves, whose names are given to them.
READERS_FILE = "config/environment.py"


def find_settings() -> set[str]:
    """What an operator sets."""
    return {
        name
        for name, paths in find_reads().items()
        if name not in SURROUNDINGS and any(not path.startswith("client/") for path in paths)
    }


@cache
def find_reads() -> dict[str, set[str]]:
    """Variable -> the files that read it. A name that is nowhere spelled out is an error."""
    found: dict[str, set[str]] = {}
    for path in _python_files():
        for name in _in_python(path):
            found.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    for path in _shell_files():
        own = set(re.findall(r"^\s*(?:for )?([A-Z_]+)(?:=| in )", text := path.read_text(), re.MULTILINE))
        for name in set(SHELL.findall(text)) - own:
            found.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    return found


def _python_files() -> Iterator[Path]:
    yield ROOT / "manage.py"
    for room in ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "skeleton" not in path.parts)


def _shell_files() -> list[Path]:
    """What in the folders of scripts and of deployment is no Python."""
    places = [place for name in ("scripts", ".ci") for place in (ROOT / name).iterdir()]
    return [path for path in places if path.is_file() and path.read_bytes().startswith(b"#!/usr/bin/env bash")]


def _in_python(path: Path) -> Iterator[str]:
    if path == ROOT / READERS_FILE:
        return
    tree = ast.parse(path.read_text())
    constants = _constants(tree)
    for node in ast.walk(tree):
        named = _named_in(node)
        if named is None:
            continue
        for value in _values(named, constants):
            assert isinstance(value, str), f"{path}:{node.lineno} reads a variable whose name cannot be told"
            yield value


def _constants(tree: ast.Module) -> dict[str, object]:
    """The module's own constants, and what loops take out of its tables of names."""
    found: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Tuple)
            and isinstance(node.targets[0], ast.Tuple)
        ):
            for target, value in zip(node.targets[0].elts, node.value.elts, strict=True):
                if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                    found[target.id] = value.value
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(node.value, ast.Dict):
            found[node.target.id] = [key.value for key in node.value.keys if isinstance(key, ast.Constant)]
        if (
            isinstance(node, ast.comprehension)
            and isinstance(node.iter, ast.Name)
            and isinstance(node.target, ast.Name)
        ):
            found[node.target.id] = found.get(node.iter.id)
    return found


def _values(named: ast.expr, constants: dict[str, object]) -> list[object]:
    value = constants.get(named.id) if isinstance(named, ast.Name) else getattr(named, "value", None)
    return value if isinstance(value, list) else [value]


def _named_in(node: ast.AST) -> ast.expr | None:
    """The expression that names the variable, where this reads one."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_environ(node.value):
        return node.slice
    if not (isinstance(node, ast.Call) and node.args):
        return None
    if isinstance(node.func, ast.Name) and READERS.fullmatch(node.func.id):
        # A reader of settings is told its variable in capitals; other functions of such names read files.
        told = node.args[0]
        is_variable = isinstance(told, ast.Constant) and isinstance(told.value, str) and told.value.isupper()
        return told if is_variable else None
    if isinstance(node.func, ast.Attribute) and (
        (node.func.attr in {"get", "pop"} and _is_environ(node.func.value)) or node.func.attr == "getenv"
    ):
        return node.args[0]
    return None


def _is_environ(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "environ") or (
        isinstance(node, ast.Name) and node.id == "environ"
    )
