"""Writes down every record that cleaning changed, so that an auditor can follow it."""

from collections.abc import Iterable

import pandas as pd

COLUMNS = ["table", "record_id", "column", "issue", "action"]


class ChangeLog:
    """Records that were repaired, set to null, merged (dedupe) or dropped, and why."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []

    def note(self, table: str, record_ids: Iterable[str], column: str, issue: str, action: str) -> None:
        ids = pd.Series(record_ids, dtype="str").drop_duplicates()
        self._parts.append(
            pd.DataFrame({"record_id": ids}).assign(table=table, column=column, issue=issue, action=action)
        )

    def frame(self) -> pd.DataFrame:
        empty = pd.DataFrame({column: pd.Series(dtype="str") for column in COLUMNS})
        return pd.concat([empty, *self._parts], ignore_index=True)[COLUMNS]
