"""Your tests. One for every trap you fell into is a good rule."""

import importlib

import pytest


@pytest.mark.parametrize("name", ["ingest", "clean", "feature", "train", "predict"])
def test_every_milestone_has_a_command(name: str) -> None:
    assert callable(importlib.import_module(f"pipeline.{name}").main)
