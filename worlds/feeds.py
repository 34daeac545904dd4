"""A feed of messages as gateways send it: files of JSON lines, some broken. It knows notations and no business."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from worlds.clocks import write_moments, write_utc
from worlds.defects.lines import Files, GarbageLine, TruncatedLine
from worlds.defects.log import DefectLog
from worlds.sources import json_lines, write_gzip_lines


def write_feed(
    messages: pd.DataFrame,
    schemas: Mapping[int, Mapping[str, str]],
    known_for: str,
    rng: np.random.Generator,
    log: DefectLog,
    raw: Path,
) -> dict[str, dict[str, int]]:
    """Write the messages by `file`, an error page in one and two that break off; return lines and rejects by file."""
    messages = messages.sort_values(["file", "place", "record_id"], kind="stable")
    records = write_records(messages, schemas, known_for)
    files: Files = {str(name): list(records[rows]) for name, rows in messages.groupby("file").indices.items()}
    names = sorted(files)
    garbage = GarbageLine("files", "*")
    files = garbage.plant(files, names[int(rng.integers(len(names)))], rng, log)
    broken = {names[0], names[2]} if len(names) > 3 else {names[0]}
    for name in sorted(broken):
        files = TruncatedLine("files", "*").plant(files, name, rng, log)
    for name, lines in files.items():
        write_gzip_lines(raw / name, lines, broken=name in broken)
    rejects = {name: sum(line == garbage.text for line in lines) + (name in broken) for name, lines in files.items()}
    return {"lines": {name: len(lines) for name, lines in files.items()}, "rejects": rejects}


def write_records(messages: pd.DataFrame, schemas: Mapping[int, Mapping[str, str]], known_for: str) -> np.ndarray:
    """Each message as a line of JSON, in its own schema; `known_for` names the device's age inside its object."""
    amount, age = messages["amount"].tolist(), messages["device_age_days"].tolist()
    decimal, moments = messages["decimal"], (messages[name].to_numpy() for name in ("seconds", "zone", "clock"))
    whole_age = pd.Series([None if days != days else int(days) for days in age], dtype=object, index=messages.index)
    written = messages.assign(
        moment=write_moments(*moments),
        event_time_ms=messages["seconds"] * 1000,
        received_at=write_utc(messages["received"]),
        amount_text=[f"{value:.2f}".replace(".", sign) for value, sign in zip(amount, decimal, strict=True)],
        amount_minor=[round(value * 100) for value in amount],
        age=whole_age,
        device=whole_age.map(lambda days: {known_for: days}),
    )
    return json_lines(written, "schema", schemas)
