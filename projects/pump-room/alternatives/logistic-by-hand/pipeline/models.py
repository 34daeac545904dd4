"""Whichever model lies in a folder: this tree's own, or the network of a colleague."""

from pathlib import Path

from pipeline import logistic, model


def load_model(folder: Path) -> tuple[logistic.Model | model.Model, str]:
    return logistic.load_model(folder) if (folder / logistic.FILE).exists() else model.load_model(folder)
