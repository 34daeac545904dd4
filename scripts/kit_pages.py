"""Writes docs/kit.md: what check authors may import, told by the docstrings and by nothing else."""

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import grading.kit

PAGE = Path(__file__).resolve().parent.parent / "docs" / "kit.md"
# In the order in which an author needs them; a module that is not named here comes last.
ORDER = (
    *("checking", "gates", "produced", "truth", "tables", "documents", "models", "opening", "strict_json", "compare"),
    *("probes", "interventions", "skill", "slices", "forecasts", "plots", "http", "asking", "serving"),
    *("bodies", "malformed", "monitoring", "bugs", "linting", "printing"),
)
INTRODUCTION = """# The kit

What `checks.py` and `probes.py` import: `from grading.kit import check, expect, table, ...`. This page is made of the
docstrings by `scripts/kit_pages.py`; docs/authoring.md says how a project is written.
"""


def write_page() -> str:
    parts = [INTRODUCTION]
    for module in _modules():
        parts.append(f"## {module.__name__.rpartition('.')[2]}\n\n{inspect.getdoc(module)}\n")
        parts += [_describe(name, getattr(module, name)) for name in _public(module)]
    return "\n".join(parts)


def _modules() -> list[ModuleType]:
    """The modules that have public names, each name told where it is defined."""
    names = {getattr(grading.kit, name).__module__ for name in grading.kit.__all__}
    return sorted((sys.modules[name] for name in names), key=_place)


def _place(module: ModuleType) -> tuple[int, str]:
    name = module.__name__.rpartition(".")[2]
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _public(module: ModuleType) -> Iterator[str]:
    """In the order of the file."""
    return (
        name
        for name, value in vars(module).items()
        if name in grading.kit.__all__ and value.__module__ == module.__name__
    )


def _describe(name: str, value: type | FunctionType) -> str:
    [node] = ast.parse(inspect.getsource(value)).body
    methods = node.body if isinstance(node, ast.ClassDef) else []
    told = [_tell_method(method) for method in methods if isinstance(method, ast.FunctionDef) and _is_told(method)]
    return "\n".join([f"### {name}\n", f"```python\n{_head(node)}\n```\n", f"{inspect.getdoc(value)}\n", *told])


def _head(node: ast.stmt) -> str:
    """The definition without its body; of a class that holds values, its values."""
    if isinstance(node, ast.FunctionDef):
        return f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}" if node.returns else node.name
    assert isinstance(node, ast.ClassDef)
    values = ", ".join(ast.unparse(part) for part in node.body if isinstance(part, ast.AnnAssign))
    return f"{node.name}({values})" if values else node.name


def _is_told(method: ast.FunctionDef) -> bool:
    return not method.name.startswith("_") and ast.get_docstring(method) is not None


def _tell_method(method: ast.FunctionDef) -> str:
    head = method.name if method.decorator_list else _head(method).replace("(self, ", "(").replace("(self)", "()")
    return f"- `{head}`: {' '.join((ast.get_docstring(method) or '').split())}\n"


if __name__ == "__main__":
    PAGE.write_text(write_page(), "utf-8")
