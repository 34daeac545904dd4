"""What the world knows and the learner does not. Reads our own files only, so it may raise whatever it likes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth folder of one world, as data.py wrote it. facts: name -> text, the placeholders that the world gave to
    the milestone's commands. What is not there raises FileNotFoundError or KeyError: the author's fault."""

    folder: Path
    facts: Mapping[str, str] = field(default_factory=dict)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """truth/<name>.parquet, all columns or only these."""
        return pd.read_parquet(self.folder / f"{name}.parquet", columns=None if columns is None else list(columns))

    def json(self, name: str) -> Any:
        """truth/<name>.json."""
        return json.loads((self.folder / f"{name}.json").read_text("utf-8"))

    def time(self, fact: str) -> pd.Timestamp:
        """The fact of this name as an instant in UTC, e.g. truth.time("as_of")."""
        return pd.Timestamp(self.facts[fact]).tz_convert("UTC")
