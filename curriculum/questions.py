"""Reads what a milestone's checks ask out of their source, without importing it: the web has no pandas."""

import ast
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One check as a learner reads it before handing in."""

    name: str
    question: str
    skills: tuple[str, ...] = ()
    level: int = 1
    points: int = 1
    required: bool = True


def read_questions(source: str) -> list[Question]:
    """The functions decorated with @check, in file order."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return [_read(node, call) for node in functions if (call := _find_check(node)) is not None]


def plain_questions(source: str) -> list[dict[str, object]]:
    return [asdict(question) for question in read_questions(source)]


def _find_check(node: ast.FunctionDef) -> ast.Call | None:
    calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    return next((call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "check"), None)


def _read(node: ast.FunctionDef, call: ast.Call) -> Question:
    told = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
    first = (ast.get_docstring(node) or node.name).split("\n\n")[0]
    return Question(
        name=node.name,
        question=" ".join(first.split()),
        skills=tuple(told.get("skills", ())),
        level=told.get("level", 1),
        points=told.get("points", 1),
        required=told.get("required", True),
    )
