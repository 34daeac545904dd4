"""Holds the code to its budgets: how long a function and a file may be. Reads only; says every breach at once."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

ROOMS = ("config", "curriculum", "grading", "worlds", "people", "frontend", "client", "scripts", "projects")
OUTSIDE = ("/migrations/", "/starter/", "/reference/", "/alternatives/", "/wrong/", "/tests/")
MOST_LINES_OF_A_FUNCTION = 60
MEDIAN_LINES_OF_A_FUNCTION = 8
NINE_IN_TEN_FUNCTIONS = 30
MOST_LINES_OF_A_FILE = 450


def list_sources() -> list[Path]:
    tracked = subprocess.run(["git", "ls-files", "--", *ROOMS], capture_output=True, text=True, check=True)
    paths = [Path(line) for line in tracked.stdout.splitlines() if line.endswith(".py")]
    return [path for path in paths if path.exists() and not any(part in f"/{path}" for part in OUTSIDE)]


def measure_functions(path: Path) -> list[tuple[str, int]]:
    found = ast.walk(ast.parse(path.read_text()))
    functions = [node for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(f"{path}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1) for node in functions]


def main() -> int:
    sources = list_sources()
    functions = [function for path in sources for function in measure_functions(path)]
    lengths = sorted(length for _, length in functions)
    median, ninetieth = statistics.median(lengths), lengths[int(len(lengths) * 0.9)]
    files = {path: len(path.read_text().splitlines()) for path in sources}
    breaches = [f"{name}: {length} lines" for name, length in functions if length > MOST_LINES_OF_A_FUNCTION]
    breaches += [f"{path}: {length} lines" for path, length in files.items() if length > MOST_LINES_OF_A_FILE]
    if median > MEDIAN_LINES_OF_A_FUNCTION or ninetieth > NINE_IN_TEN_FUNCTIONS:
        breaches.append(f"the median function has {median} lines and the ninetieth percentile {ninetieth}")
    print(f"{len(files)} files, {len(functions)} functions: median {median}, p90 {ninetieth}, longest {lengths[-1]}")
    print("\n".join(breaches))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
