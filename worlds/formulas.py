"""Finds what is wrong with the formulas of a domain without working any of them out; tells all of it, not the first."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from worlds.expressions import DEEPEST_FORMULA, LONGEST_FORMULA, Word, measure_depth

# What is drawn at once for each row, by the words that cost more than a row does.
WIDEST_IDENTIFIER = 7
MOST_CALLS = 30
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
PARTS = (ast.Constant, ast.List, ast.Name, ast.Attribute, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Load)


@dataclass(frozen=True)
class Known:
    """What a formula may name: columns and parameters before it, columns of parents, code tables with their columns."""

    names: Collection[str] = ()
    parents: Mapping[str, Collection[str]] = field(default_factory=dict)
    tables: Mapping[str, Collection[str]] = field(default_factory=dict)
    in_params: bool = False


def find_faults(formula: str, known: Known, vocabulary: Mapping[str, Word]) -> Iterator[str]:
    """Sentences, each with its remedy."""
    if len(formula) > LONGEST_FORMULA:
        yield f"a formula has at most {LONGEST_FORMULA} characters; split it into columns."
        return
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield f"{formula!r} is not a formula; write numbers, names, + - * /, comparisons and known functions."
        return
    nodes = list(ast.walk(tree))
    if measure_depth(tree) > DEEPEST_FORMULA or sum(isinstance(node, ast.Call) for node in nodes) > MOST_CALLS:
        yield f"it is nested over {DEEPEST_FORMULA} deep or calls over {MOST_CALLS} functions; split it into columns."
        return
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    held = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if not isinstance(node, (*PARTS, *OPERATORS)):
            yield f"{type(node).__name__} is not allowed; use numbers, texts, columns, + - * /, comparisons, functions."
        elif isinstance(node, ast.Name) and id(node) not in called | held and node.id not in known.names:
            yield f"unknown name {node.id!r}; it is neither a column made before nor a parameter. {_list(known.names)}"
        elif isinstance(node, ast.Attribute):
            yield from _parent_faults(node, known)
        elif isinstance(node, ast.Call):
            yield from _call_faults(node, known, vocabulary)


def _parent_faults(node: ast.Attribute, known: Known) -> Iterator[str]:
    parent = node.value.id if isinstance(node.value, ast.Name) else ""
    if parent not in known.parents:
        yield f"{ast.unparse(node)!r} has no meaning here; a dot follows an entity only. {_list(known.parents)}"
    elif node.attr not in known.parents[parent]:
        yield f"{parent} has no column {node.attr!r}. {_list(known.parents[parent])}"


def _call_faults(node: ast.Call, known: Known, vocabulary: Mapping[str, Word]) -> Iterator[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in vocabulary:
        yield f"unknown function {name!r}. {_list(vocabulary)}"
    elif node.keywords or len(node.args) != vocabulary[name].takes:
        yield f"{name} takes {vocabulary[name].takes} values, not {len(node.args)}; give them in order, without names."
    else:
        yield from _word_faults(name, [_constant(argument) for argument in node.args], known)


def _word_faults(name: str, values: list[Any], known: Known) -> Iterator[str]:
    if name == "identifiers" and not (isinstance(values[1], int | float) and 1 <= values[1] <= WIDEST_IDENTIFIER):
        yield f"identifiers are drawn from all of their width at once; give a width from 1 to {WIDEST_IDENTIFIER}."
    if name == "switch" and not known.in_params:
        yield "switch(off, on) may stand in params only; name the parameter here instead."
    if name == "switch" and known.in_params and values[0] is not None and values[0] == values[1]:
        yield f"switch({values[0]}, {values[1]}) has no variance: both sides are equal; give two values."
    if name in ("choice", "lookup"):
        table, column = values[0], values[1] if name == "lookup" else "share"
        if table not in known.tables:
            yield f"no table {table!r}; name one in quotes. {_list(known.tables)}"
        elif column not in known.tables[table]:
            yield f"table {table} has no column {column!r}. {_list(known.tables[table])}"


def _constant(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _list(names: Collection[str]) -> str:
    return f"Known: {', '.join(sorted(names)) or 'none'}."
