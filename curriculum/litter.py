"""What tools leave behind in folders, and nobody means to publish or to hand in."""

LITTER = frozenset(
    {".git", "__pycache__", ".venv", "venv", "node_modules", ".ipynb_checkpoints", "__MACOSX", ".DS_Store"}
    | {".pytest_cache", ".mypy_cache", ".ruff_cache", ".idea", ".vscode"}
)


def is_litter(path: str) -> bool:
    """Whether any part of this path, with forward slashes, is such a thing."""
    return any(part in LITTER or part.endswith(".pyc") for part in path.split("/"))
