"""What a package says of its marks: which ones its checks read, and what marks.json holds. Derives none of them."""

import ast
import json

from curriculum.package import ProjectPackage

MARKS = "marks.json"
READER = "read_mark"


def marks_read(package: ProjectPackage, kind: str) -> tuple[str, ...]:
    """The names that this milestone's checks.py reads: `read_mark(__file__, "skill_is_enough")`, in file order."""
    tree = ast.parse(package.words(f"{kind}/checks.py"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_reader(node)]
    names = [str(call.args[1].value) for call in calls if isinstance(call.args[1], ast.Constant)]
    return tuple(dict.fromkeys(names))


def _is_reader(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == READER and len(call.args) > 1


def read_marks(package: ProjectPackage) -> dict[str, dict[str, object]]:
    """Every entry of marks.json; none, if there is no such file or no such mapping in it."""
    try:
        told = json.loads(package.words(MARKS) or "{}")
    except ValueError:
        return {}
    return {name: entry for name, entry in told.items() if isinstance(entry, dict)} if isinstance(told, dict) else {}
