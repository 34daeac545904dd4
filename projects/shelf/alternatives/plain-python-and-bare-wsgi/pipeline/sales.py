"""Turns till lines into pieces sold per store, article and trading day, line by line, without a data frame's help."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

ZONE = ZoneInfo("America/Vancouver")
DAY_BEGINS = timedelta(hours=2)
TRAINING_TILL = 99
KEY = ["store", "sku", "date"]
# Promotions take at most 40 % off; a pack that is paid with less than that was no pack.
LEAST_SHARE_OF_PRICE = 0.55


def tidy_code(codes: pd.Series, renamed: pd.DataFrame) -> pd.Series:
    """Article codes without case and spaces, old ones replaced by those of today."""
    today = dict(zip(renamed["old_code"], renamed["sku"], strict=True))
    return pd.Series([_tidy(code, today) for code in codes], index=codes.index)


def _tidy(code: str, today: dict[str, str]) -> str:
    tidy = code.strip().lower()
    return today.get(tidy, tidy)


@lru_cache(maxsize=300_000)
def day_of(moment: str) -> date:
    """The day that a sale counts for: shops that close at two still belong to the evening before."""
    if moment.endswith("Z"):
        clock = datetime.fromisoformat(moment).astimezone(UTC).astimezone(ZONE).replace(tzinfo=None)
    else:
        clock = datetime.fromisoformat(moment)
    return (clock - DAY_BEGINS).date()


def trading_day(moments: pd.Series) -> pd.Series:
    return pd.to_datetime(pd.Series([day_of(moment) for moment in moments], index=moments.index))


def count_pieces(lines: pd.DataFrame, packs: pd.DataFrame, renamed: pd.DataFrame, prices: pd.Series) -> pd.DataFrame:
    """store, sku, date, sold: pieces that customers took home, as far as tills tell."""
    today, sizes = dict(zip(renamed["old_code"], renamed["sku"], strict=True)), _sizes(packs)
    price = {str(sku): float(value) for sku, value in prices.items()}
    sold: defaultdict[tuple[str, str, date], int] = defaultdict(int)
    seen: set[tuple[str, str, int]] = set()
    for line in _each(lines):
        name = (line["store"], line["receipt"], line["line"])
        if line["till"] == TRAINING_TILL or line["kind"] not in ("sale", "void") or name in seen:
            continue
        seen.add(name)
        sku, day = _tidy(line["article"], today), day_of(line["moment"])
        pieces = _pieces(line, sizes[sku] if line["unit"] == "pk" else [], day, price[sku])
        sold[line["store"], sku, day] += pieces if line["kind"] == "sale" else -pieces
    rows = [(*key, pieces) for key, pieces in sorted(sold.items())]
    return pd.DataFrame(rows, columns=[*KEY, "sold"]).astype({"date": "datetime64[s]"})


def _each(lines: pd.DataFrame) -> Iterator[dict[str, Any]]:
    columns = [lines[name].tolist() for name in lines.columns]
    return (dict(zip(lines.columns, row, strict=True)) for row in zip(*columns, strict=True))


def _sizes(packs: pd.DataFrame) -> dict[str, list[tuple[date, int]]]:
    """The sizes of each article's pack, each with its first day."""
    sizes: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in sorted(packs.itertuples(index=False), key=lambda row: row.valid_from):
        sizes[row.sku].append((date.fromisoformat(row.valid_from), int(row.pieces)))
    return sizes


def _pieces(line: dict[str, Any], sizes: list[tuple[date, int]], day: date, price: float) -> int:
    if not sizes:
        return int(line["qty"])
    size = sizes[bisect_right([first for first, _ in sizes], day) - 1][1]
    paid, usual = float(line["amount_raw"].replace(",", ".")), line["qty"] * size * price
    return int(line["qty"]) if paid < LEAST_SHARE_OF_PRICE * usual else int(line["qty"]) * size
