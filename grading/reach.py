"""Which files of a tree a command can reach, so that a milestone is judged again only when something it uses changed.

A command is then given exactly those files and no others, which makes the answer right by construction. Python files
are followed by their static imports; every file that is not Python is reached. A tree that imports or runs code in any
other way (importlib, exec, a subprocess…) is not guessed at: all of it is reached. So is a tree with too much text or
text too hard to read: it is a stranger's, and it is parsed in the worker's own process.
"""

import ast
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from curriculum.package import MilestoneSpec

DYNAMIC_MODULES = frozenset(
    {"importlib", "runpy", "pkgutil", "imp", "zipimport", "subprocess", "multiprocessing", "code"}
)
DYNAMIC_NAMES = frozenset({"__import__", "__builtins__", "__file__", "exec", "eval", "compile"})
DYNAMIC_ATTRIBUTES = frozenset(
    {"__import__", "__loader__", "__spec__", "modules", "meta_path", "path_hooks"}
    | {"system", "popen", "posix_spawn", "posix_spawnp"}
    | {f"{verb}{form}" for verb in ("exec", "spawn") for form in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")}
)
# A parsed file takes a thousand times its size: two letters and a newline become three objects.
MOST_PARSED = 200_000


class _Unknowable(Exception):
    """The tree uses code in a way that its text does not tell."""


def reach(paths: Iterable[str], read: Callable[[str], bytes], entry: str) -> frozenset[str]:
    """The paths that module `entry` ("pipeline.ingest") can use, out of all the tree's paths."""
    everything = frozenset(paths)
    python = frozenset(path for path in everything if path.endswith(".py"))
    try:
        return (everything - python) | _follow(python, read, entry)
    except (_Unknowable, SyntaxError, ValueError, RecursionError, MemoryError):
        return everything


def reach_any(paths: Iterable[str], read: Callable[[str], bytes], milestone: MilestoneSpec) -> frozenset[str]:
    """The paths that any module can use that this milestone starts."""
    everything = frozenset(paths)
    return frozenset(path for entry in list_entries(milestone) for path in reach(everything, read, entry))


def entry_module(command: tuple[str, ...]) -> str:
    """The module that a command starts: "pipeline.ingest" of "python -m pipeline.ingest …"; else nothing."""
    return command[command.index("-m") + 1] if "-m" in command else ""


def list_entries(milestone: MilestoneSpec) -> frozenset[str]:
    """The modules that a milestone starts: its command's, its service's and its probes'."""
    commands = (milestone.command, milestone.listen, *(probe.command for probe in milestone.probes))
    return frozenset({*map(entry_module, commands), milestone.serve.partition(":")[0]}) - {""}


def _follow(python: frozenset[str], read: Callable[[str], bytes], entry: str) -> frozenset[str]:
    reached: set[str] = set()
    parsed = 0
    stem = entry.replace(".", "/")
    if not python & {f"{stem}.py", f"{stem}/__main__.py", f"{stem}/__init__.py"}:
        raise _Unknowable(entry)
    waiting = _files_of(python, entry)
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            source = read(path)
            parsed += len(source)
            if parsed > MOST_PARSED:
                raise _Unknowable(path)
            for module in _imports(path, source):
                waiting |= _files_of(python, module) - reached
    return frozenset(reached)


def _files_of(python: frozenset[str], module: str) -> set[str]:
    """The files that importing `module` runs: it, the packages around it, and a package's __main__."""
    parts = module.split(".")
    found: set[str] = set()
    for depth in range(1, len(parts) + 1):
        stem = "/".join(parts[:depth])
        found |= {f"{stem}.py", f"{stem}/__init__.py"} & python
    return found | ({"/".join(parts) + "/__main__.py"} & python)


@lru_cache(1024)
def _imports(path: str, source: bytes) -> frozenset[str]:
    """The same file stands in many trees of a package."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(path, node)
            if any(alias.name == "*" for alias in node.names):  # __all__ may name modules, and import them
                raise _Unknowable(path)
            modules |= {base} | {f"{base}.{alias.name}" for alias in node.names}
        elif _is_dynamic(node):
            raise _Unknowable(path)
    if any(module.split(".")[0] in DYNAMIC_MODULES for module in modules):
        raise _Unknowable(path)
    return frozenset(modules)


def _absolute(path: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = PurePosixPath(path).parent.parts
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _is_dynamic(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in DYNAMIC_NAMES
    if not isinstance(node, ast.Attribute):
        return False
    finds_modules = node.attr == "path" and isinstance(node.value, ast.Name) and node.value.id == "sys"
    return finds_modules or node.attr in DYNAMIC_ATTRIBUTES
