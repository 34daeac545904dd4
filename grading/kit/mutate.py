"""Makes wrong sources out of right ones: one classical mistake at one place, by rewriting Python's syntax tree.

It knows no project and runs nothing. Each operator is a function from a node to the node that stands in its place in
the wrong source, or None where the mistake cannot be made.
"""

import ast
import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Operator = Callable[[ast.AST], ast.AST | None]

TURNED: dict[type[ast.AST], ast.AST] = {
    ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt(),
    ast.Eq: ast.NotEq(), ast.NotEq: ast.Eq(), ast.Is: ast.IsNot(), ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(), ast.NotIn: ast.In(),
}  # fmt: skip
UNITS = frozenset({7, 24, 30, 60, 100, 1000, 1024, 3600, 86_400, 10_000, 1_000_000, 0.01, 0.001})
JOINS = {"left": "inner", "inner": "left", "right": "inner", "outer": "inner", "full": "inner"}
SIDES = {
    "direction": {"backward": "forward", "forward": "backward"},
    # From left to right, what comes in the same moment is seen too; the other way round nothing is looked ahead at.
    "side": {"left": "right"},
    "keep": {"first": "last", "last": "first"},
    "strategy": {"forward": "backward", "backward": "forward"},
}
FILTERS = frozenset({"isin", "notna", "isna", "between", "eq", "ne", "gt", "ge", "lt", "le", "is_in", "is_not_null"})
NULL_HANDLING = frozenset({"fillna", "dropna", "fill_null", "drop_nulls", "mask", "where", "nan_to_num"})
DEDUPING = frozenset({"drop_duplicates", "unique"})
LABELS = frozenset({"y", "label", "labels", "target", "outcome", "outcomes"})
# What bounds a value, or what is accepted or waited for: how much is too much is the author's own choice.
BOUNDS = frozenset({"le", "lt", "ge", "gt", "max_length", "min_length", "timeout"})
CLAMPS = frozenset({"maximum", "minimum", "clip", "max", "min"})
LOOKS_BACK = {"ffill": "bfill", "forward_fill": "backward_fill", "searchsorted": "", "shift": ""}
LEAST_LISTED = 3


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong source: which operator was used on which line, the whole text, and what differs."""

    operator: str
    line: int
    source: str
    diff: str


def find_mistakes(source: str) -> Iterator[tuple[str, int]]:
    """Each operator with the number of a node, in the order of the walk, that it can be used on."""
    tree = ast.parse(source)
    kept_out, settings = _kept_out(tree), _settings(tree)
    for place, node in enumerate(ast.walk(tree)):
        # A setting with a name is chosen, and so might its neighbour be: windows are widened where they are used.
        left_alone = {"widen-window"} if id(node) in settings else set()
        if id(node) not in kept_out:
            names = [name for name, operator in OPERATORS.items() if operator(node) is not None]
            yield from ((name, place) for name in names if name not in left_alone)


def make_mistake(source: str, operator: str, place: int, path: str = "") -> Mistake:
    """The source with this mistake at this place."""
    tree = ast.parse(source)
    before = ast.unparse(tree)
    target = next(node for number, node in enumerate(ast.walk(tree)) if number == place)
    wrong = OPERATORS[operator](target)
    if wrong is None:
        raise ValueError(f"{operator} cannot be used on node {place}.")
    after = ast.unparse(ast.fix_missing_locations(_Replacement(target, wrong).visit(tree)))
    diff = "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), path, path, lineterm="", n=1))
    return Mistake(operator, _find_line(target), after + "\n", diff)


def list_lines(source: str) -> list[str]:
    """For each node, by its number, the line on which it begins, without its indentation."""
    lines = source.splitlines()
    return [lines[_find_line(node) - 1].strip() if lines else "" for node in ast.walk(ast.parse(source))]


def _find_line(node: ast.AST) -> int:
    """Where the node begins; of one that stands nowhere itself (the loop of a comprehension), where its parts do."""
    return next((inner.lineno for inner in ast.walk(node) if hasattr(inner, "lineno")), 1)


class _Replacement(ast.NodeTransformer):
    def __init__(self, target: ast.AST, wrong: ast.AST) -> None:
        self.target, self.wrong = target, wrong

    def visit(self, node: ast.AST) -> ast.AST:
        return self.wrong if node is self.target else self.generic_visit(node)


def _kept_out(tree: ast.AST) -> set[int]:
    """Nodes that are no part of what the program computes: types, refusals, bounds, the command line, `if __name__`."""
    found: set[int] = set()
    for node in ast.walk(tree):
        roots: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.args, *node.args.kwonlyargs]
            roots = [node.returns, *node.decorator_list, *(argument.annotation for argument in arguments)]
        elif isinstance(node, ast.AnnAssign):
            roots = [node.annotation]
        elif isinstance(node, ast.keyword) and node.arg in BOUNDS:
            roots = [node.value]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CLAMPS:
            roots = [one for one in node.args if isinstance(one, ast.Constant)]
        elif isinstance(node, ast.Raise | ast.Assert | ast.Import | ast.ImportFrom) or _is_of_command_line(node):
            roots = [node]
        found |= {id(inner) for root in roots if root is not None for inner in ast.walk(root)}
    return found


def _settings(tree: ast.Module) -> set[int]:
    """Nodes in what the module gives a name in capitals: penalties, patience, how many of something."""
    found: set[int] = set()
    for line in tree.body:
        if isinstance(line, ast.Assign) and all(isinstance(one, ast.Name) and one.id.isupper() for one in line.targets):
            found |= {id(inner) for inner in ast.walk(line.value)}
    return found


def _is_of_command_line(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "__name__" in ast.unparse(node.test)
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return named and node.func.attr in {"add_argument", "mkdir"}  # type: ignore[attr-defined]


def _called(node: ast.AST, names: frozenset[str]) -> ast.Call | None:
    """The node, if it calls a method of one of these names."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
        return node
    return None


def _with_keyword(node: ast.AST, name: str, swap: dict[str, str]) -> ast.keyword | None:
    if isinstance(node, ast.keyword) and node.arg == name and isinstance(node.value, ast.Constant):
        other = swap.get(str(node.value.value))
        return ast.keyword(name, ast.Constant(other)) if other else None
    return None


# --- the operators ----------------------------------------------------------------------------------------------------


def compare_off_by_one(node: ast.AST) -> ast.AST | None:
    """`<` where `<=` belongs; equal where different belongs."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return ast.Compare(node.left, [TURNED[type(node.ops[0])]], node.comparators)  # type: ignore[list-item]
    return None


def turn_condition(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.If | ast.IfExp):
        turned: ast.expr = ast.UnaryOp(ast.Not(), node.test)
        if isinstance(node, ast.If):
            return ast.If(turned, node.body, node.orelse)
        return ast.IfExp(turned, node.body, node.orelse)
    return None


def swap_and_or(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.BoolOp):
        return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        return ast.BinOp(node.left, ast.BitOr() if isinstance(node.op, ast.BitAnd) else ast.BitAnd(), node.right)
    return None


def turn_sum(node: ast.AST) -> ast.AST | None:
    """A difference where a sum belongs, and the other way round."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        texts = any(isinstance(side, ast.Constant | ast.JoinedStr) for side in (node.left, node.right))
        if not texts:
            return ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)
    return None


def mistake_unit(node: ast.AST) -> ast.AST | None:
    """Hours taken for days, cents for euros: ten times too much."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value in UNITS:
        return ast.Constant(node.value * 10)
    return None


def widen_window(node: ast.AST) -> ast.AST | None:
    """One more than it should be: in a slice, a window, a step."""
    if isinstance(node, ast.Constant) and type(node.value) is int and 1 < node.value < 60 and node.value not in UNITS:
        return ast.Constant(node.value + 1)
    return None


def swap_join(node: ast.AST) -> ast.AST | None:
    return _with_keyword(node, "how", JOINS)


def look_ahead(node: ast.AST) -> ast.AST | None:
    """Take what comes next where the last one before belongs."""
    for name, swap in SIDES.items():
        if swapped := _with_keyword(node, name, swap):
            return swapped
    call = _called(node, frozenset(LOOKS_BACK))
    if call is None:
        return None
    method = call.func.attr  # type: ignore[attr-defined]
    if method == "shift" and len(call.args) == 1:
        return ast.Call(call.func, [ast.UnaryOp(ast.USub(), call.args[0])], call.keywords)
    if method == "searchsorted":
        if any(keyword.arg == "side" for keyword in call.keywords):
            return None
        return ast.Call(call.func, call.args, [*call.keywords, ast.keyword("side", ast.Constant("right"))])
    other = LOOKS_BACK[method]
    return ast.Call(ast.Attribute(call.func.value, other, ast.Load()), call.args, call.keywords) if other else None  # type: ignore[attr-defined]


def remove_filter(node: ast.AST) -> ast.AST | None:
    """All rows where some belong; with a split, that is to fit on all of them."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _chooses_rows(node.slice):
        return node.value
    if call := _called(node, frozenset({"filter"})):
        return call.func.value  # type: ignore[attr-defined, no-any-return]
    if isinstance(node, ast.comprehension) and node.ifs:
        return ast.comprehension(node.target, node.iter, [], node.is_async)
    return None


def _chooses_rows(inside: ast.AST) -> bool:
    if isinstance(inside, ast.Compare) or (isinstance(inside, ast.UnaryOp) and isinstance(inside.op, ast.Invert)):
        return True
    if isinstance(inside, ast.BinOp) and isinstance(inside.op, ast.BitAnd | ast.BitOr):
        return True
    return _called(inside, FILTERS) is not None


def keep_doubles(node: ast.AST) -> ast.AST | None:
    """What comes twice stays twice."""
    if call := _called(node, DEDUPING):
        return call.func.value  # type: ignore[attr-defined, no-any-return]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "set" and node.args:
        return ast.Call(ast.Name("list", ast.Load()), node.args, [])
    return None


def ignore_nulls(node: ast.AST) -> ast.AST | None:
    """What is missing is left as it comes."""
    call = _called(node, NULL_HANDLING)
    if call is None or (isinstance(call.func.value, ast.Name) and call.func.value.id in {"np", "pl", "pd"}):  # type: ignore[attr-defined]
        return None
    return call.func.value  # type: ignore[attr-defined, no-any-return]


def flip_order(node: ast.AST) -> ast.AST | None:
    """Ascending where descending belongs."""
    if isinstance(node, ast.keyword) and node.arg in {"ascending", "descending", "reverse"}:
        return ast.keyword(node.arg, ast.UnaryOp(ast.Not(), node.value))
    if (call := _called(node, frozenset({"sort_values"}))) and not _has(call, "ascending"):
        return ast.Call(call.func, call.args, [*call.keywords, ast.keyword("ascending", ast.Constant(False))])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sorted":
        turned = ast.keyword("reverse", ast.Constant(True))
        return None if _has(node, "reverse") else ast.Call(node.func, node.args, [*node.keywords, turned])
    return None


def _has(call: ast.Call, name: str) -> bool:
    return any(keyword.arg == name for keyword in call.keywords)


def shuffle_labels(node: ast.AST) -> ast.AST | None:
    """The outcomes in another order than the rows."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id in LABELS:
            return ast.Assign(node.targets, _backwards(node.value))
    fits = isinstance(node, ast.Call) and len(node.args) > 1
    if fits and ast.unparse(node.func).rpartition(".")[2] in {"fit", "partial_fit"}:  # type: ignore[attr-defined]
        first, second, *others = node.args  # type: ignore[attr-defined]
        return ast.Call(node.func, [first, _backwards(second), *others], node.keywords)  # type: ignore[attr-defined]
    return None


def _backwards(value: ast.expr) -> ast.expr:
    return ast.Subscript(value, ast.Slice(step=ast.UnaryOp(ast.USub(), ast.Constant(1))), ast.Load())


def predict_constant(node: ast.AST) -> ast.AST | None:
    """The same for everybody."""
    squashes = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and "exp(" in ast.unparse(node.right)
    if isinstance(node, ast.Return) and node.value is not None and _predicts(node.value):
        return ast.Return(_flatten(node.value))
    if squashes or _called(node, frozenset({"predict_proba", "predict"})):
        return _flatten(node)  # type: ignore[arg-type]
    return None


def _predicts(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and "predict" in ast.unparse(value.func)


def _flatten(value: ast.expr) -> ast.expr:
    return ast.BinOp(ast.BinOp(value, ast.Mult(), ast.Constant(0)), ast.Add(), ast.Constant(0.5))


def hard_code_output(node: ast.AST) -> ast.AST | None:
    """A column that says the same in every row."""
    if (call := _called(node, frozenset({"assign", "with_columns"}))) and call.keywords:
        last = call.keywords[-1]
        constant = last.arg is None or isinstance(last.value, ast.Constant)
        return None if constant else ast.Call(call.func, call.args, [*call.keywords[:-1], _nought(last)])
    return None


def _nought(keyword: ast.keyword) -> ast.keyword:
    return ast.keyword(keyword.arg, ast.Constant(0))


def drop_class(node: ast.AST) -> ast.AST | None:
    """The last one of several known cases is forgotten: cases have names, and numbers are settings."""
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load) and len(node.elts) >= LEAST_LISTED:
        if all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in node.elts):
            return type(node)(node.elts[:-1], ast.Load())
    elif isinstance(node, ast.Dict) and len(node.keys) >= LEAST_LISTED:
        return ast.Dict(node.keys[:-1], node.values[:-1])
    return None


def forget_step(node: ast.AST) -> ast.AST | None:
    """A line that changes something in place is left out."""
    changes = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
    return ast.Pass() if changes or isinstance(node, ast.AugAssign) else None


OPERATORS: dict[str, Operator] = {
    operator.__name__.replace("_", "-"): operator
    for operator in (
        compare_off_by_one,
        turn_condition,
        swap_and_or,
        turn_sum,
        mistake_unit,
        widen_window,
        swap_join,
        look_ahead,
        remove_filter,
        keep_doubles,
        ignore_nulls,
        flip_order,
        shuffle_labels,
        predict_constant,
        hard_code_output,
        drop_class,
        forget_step,
    )
}
