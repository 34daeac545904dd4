"""Reads the formulas of a domain: parsed by `ast`, a closed set of words, no `eval`. It knows no meaning."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

# What a formula may yield: an array, a number, a text, a list of these. numpy's own types do not say more.
Value = Any

LONGEST_FORMULA = 600
DEEPEST_FORMULA = 40

_BINARY: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class ExpressionError(ValueError):
    """A formula of a domain cannot be read; the sentence says where and what to write instead."""


@dataclass(frozen=True)
class Parent:
    """The entity that each row belongs to: its table, and the row of it."""

    table: pd.DataFrame
    index: np.ndarray


@dataclass(frozen=True)
class Scope:
    """What one formula may see: columns made before it, parents, parameters, code tables, and a stream of its own."""

    path: str
    rows: int
    stream: Callable[[str], np.random.Generator]
    columns: Mapping[str, Value] = field(default_factory=dict)
    params: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parents: Mapping[str, Parent] = field(default_factory=dict)
    switched: bool | None = None

    @cached_property
    def rng(self) -> np.random.Generator:
        return self.stream(self.path)

    def refuse(self, what: str) -> ExpressionError:
        return ExpressionError(f"{self.path}: {what}")

    def column(self, name: str) -> Value:
        if name not in self.columns:
            raise self.refuse(f"no column {name!r} yet; there are {', '.join(sorted(self.columns)) or 'none'}.")
        return self.columns[name]

    def code_table(self, name: str) -> Mapping[str, Any]:
        if name not in self.tables:
            raise self.refuse(f"no table {name!r}; there are {', '.join(sorted(self.tables)) or 'none'}.")
        return self.tables[name]


@dataclass(frozen=True)
class Word:
    """One function of the vocabulary: how many values it takes and what it does with them."""

    takes: int
    call: Callable[..., Value]


def evaluate(formula: str, scope: Scope, vocabulary: Mapping[str, Word]) -> Value:
    """The value of `formula`: an array of `scope.rows`, or one number for all rows."""
    reader = _Reader(scope, vocabulary)
    try:
        return reader.read(_parse(formula, scope))
    except (OverflowError, ZeroDivisionError, TypeError) as fault:
        raise scope.refuse(f"{formula!r} cannot be computed: {fault}.") from fault


def _parse(formula: str, scope: Scope) -> ast.expr:
    if len(formula) > LONGEST_FORMULA:
        raise scope.refuse(f"a formula has at most {LONGEST_FORMULA} characters; split it into columns.")
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise scope.refuse(f"{formula!r} is not a formula.") from fault
    if measure_depth(tree) > DEEPEST_FORMULA:
        raise scope.refuse(f"a formula is nested at most {DEEPEST_FORMULA} deep; split it into columns.")
    return tree


def measure_depth(tree: ast.AST) -> int:
    """How deep the parts of a formula are nested."""
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


@dataclass(frozen=True)
class _Reader:
    scope: Scope
    vocabulary: Mapping[str, Word]

    def read(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=bool() | int() | float() as number):
                return float(number)
            case ast.Constant(value=str() as text):
                return text
            case ast.List(elts=items):
                return [self.read(item) for item in items]
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Name(id=parent), attr=column):
                return self._parent_column(parent, column)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _BINARY[type(op)](self.read(left), self.read(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.read(operand)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return _COMPARE[type(op)](self.read(left), self.read(right))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
        raise self.scope.refuse(
            f"{ast.unparse(node)!r} ({type(node).__name__}) is not allowed; "
            "use numbers, texts, columns, + - * /, comparisons and the known functions."
        )

    def _name(self, name: str) -> Value:
        if name in self.scope.columns:
            return self.scope.columns[name]
        if name in self.scope.params:
            return self.scope.params[name]
        raise self.scope.refuse(f"unknown name {name!r}; it is neither a column made before nor a parameter.")

    def _parent_column(self, parent: str, column: str) -> Value:
        if parent not in self.scope.parents:
            raise self.scope.refuse(f"{parent!r} is not an entity of this row, so {parent}.{column} has no meaning.")
        table = self.scope.parents[parent].table
        if column not in table.columns:
            raise self.scope.refuse(f"{parent} has no column {column!r}; it has {', '.join(table.columns)}.")
        return table[column].to_numpy()[self.scope.parents[parent].index]

    def _call(self, name: str, arguments: list[ast.expr]) -> Value:
        if name not in self.vocabulary:
            raise self.scope.refuse(f"unknown function {name!r}; known are {', '.join(sorted(self.vocabulary))}.")
        word = self.vocabulary[name]
        if len(arguments) != word.takes:
            raise self.scope.refuse(f"{name} takes {word.takes} values, not {len(arguments)}.")
        return word.call(self.scope, *(self.read(argument) for argument in arguments))
