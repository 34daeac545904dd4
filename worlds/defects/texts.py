"""Defects of how a cell is written: case and spaces, misspellings, encodings, decimal signs, clocks, date formats."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from worlds.clocks import write_moments, write_utc
from worlds.defects.log import Defect, DefectLog


@dataclass(frozen=True)
class IdVariant(Defect):
    """The same id in capitals or with a space behind it."""

    kind: str = "id_variant"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        capitals = rng.random(int(rows.sum())) < 0.5
        ids = frame[self.column].to_numpy()[rows]
        cells = [name.upper() if capital else f"{name} " for name, capital in zip(ids, capitals, strict=True)]
        return self.overwrite(frame, rows, cells, log)


@dataclass(frozen=True)
class Misspelling(Defect):
    """A code typed by hand: capitals, spaces, a letter lost, doubled or swapped."""

    kind: str = "misspelling"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog) -> pd.DataFrame:
        cells = [_mistype(word, rng) for word in frame[self.column].to_numpy()[rows]]
        return self.overwrite(frame, rows, cells, log)


def _mistype(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(1, len(word) - 2))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    doubled = word[:at] + word[at] + word[at:]
    slips = [word.upper(), word.title(), f" {word} ", f"{word.title()} ", word[:at] + word[at + 1 :], doubled]
    return slips[int(rng.integers(len(slips)))] if swapped == word or rng.random() < 0.85 else swapped


@dataclass(frozen=True)
class DoubleEncoding(Defect):
    """Text that was UTF-8, read as `encoding` and stored again. Only texts with other than ASCII letters suffer."""

    kind: str = "double_encoding"
    encoding: str = "cp1252"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        exposed = np.array([not text.isascii() for text in frame[self.column]])
        chosen = rows & exposed
        cells = [text.encode().decode(self.encoding) for text in frame[self.column].to_numpy()[chosen]]
        return self.overwrite(frame, chosen, cells, log)


@dataclass(frozen=True)
class EscapedText(Defect):
    """Text as it stands in a web page's source: & and letters other than ASCII's as entities. Only those suffer."""

    kind: str = "escaped_text"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        exposed = np.array([not text.isascii() or "&" in text for text in frame[self.column]])
        chosen = rows & exposed
        cells = [_escape(text) for text in frame[self.column].to_numpy()[chosen]]
        return self.overwrite(frame, chosen, cells, log)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").encode("ascii", "xmlcharrefreplace").decode()


@dataclass(frozen=True)
class DecimalComma(Defect):
    """Amounts written with a comma; `notation` is the column that says which sign the writer uses."""

    kind: str = "decimal_comma"
    notation: str = "decimal"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        amounts = [f"{amount:.2f}" for amount in frame[self.column].to_numpy(dtype=float)[rows]]
        log.add(self, frame["record_id"].to_numpy()[rows], amounts, [text.replace(".", ",") for text in amounts])
        return frame.assign(**{self.notation: np.where(rows, ",", frame[self.notation])})


@dataclass(frozen=True)
class NaiveLocalTime(Defect):
    """Moments written as the wall clock of `zone` (a column) without saying so; `notation` says how each is written."""

    kind: str = "naive_local_time"
    zone: str = "zone"
    notation: str = "clock"

    def plant(self, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> pd.DataFrame:
        seconds, zone = frame[self.column].to_numpy()[rows], frame[self.zone].to_numpy()[rows]
        local = write_moments(seconds, zone, np.full(len(seconds), "naive"))
        log.add(self, frame["record_id"].to_numpy()[rows], write_utc(seconds), local)
        return frame.assign(**{self.notation: np.where(rows, "naive", frame[self.notation])})


@dataclass(frozen=True)
class DateNotation(Defect):
    """Dates in the format of the system they come from (`by`); `formats` says which. The first is the plain one."""

    kind: str = "date_notation"
    by: str = "source_system"
    formats: Mapping[str, str] | None = None

    def plant(self, frame: pd.DataFrame, log: DefectLog) -> pd.DataFrame:
        formats = dict(self.formats or {})
        dates, systems = pd.to_datetime(frame[self.column]), frame[self.by].to_numpy()
        plain = dates.dt.strftime(next(iter(formats.values()))).to_numpy(dtype=object)
        written = plain.copy()
        for system, pattern in formats.items():
            written[systems == system] = dates[systems == system].dt.strftime(pattern)
        foreign = systems != next(iter(formats))
        log.add(self, frame["record_id"].to_numpy()[foreign], plain[foreign], written[foreign])
        return frame.assign(**{self.column: written})
