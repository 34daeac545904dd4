"""Whichever model lies in a folder: this tree's own, or the network of a colleague."""

from pathlib import Path

from pipeline import model, trees


def load_model(folder: Path) -> tuple[trees.Model | model.Model, str]:
    return trees.load_model(folder) if (folder / trees.FILE).exists() else model.load_model(folder)
