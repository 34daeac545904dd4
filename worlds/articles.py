"""An article master with a history: pack sizes and codes that change on a day. It does not know who sells what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

SIZES = (3, 4, 6)
FIRST_DAY = "2022-01-01"


@dataclass(frozen=True)
class Master:
    """packs: sku, pieces, valid_from. renamed: old_code, sku, since, day. pieces (articles, days) in a pack, or nought.
    grown: sku, before, after of packs whose size changes."""

    packs: pd.DataFrame
    renamed: pd.DataFrame
    grown: pd.DataFrame
    pieces: npt.NDArray[np.int64]


def draw_master(
    skus: Sequence[str], dates: Sequence[str], history: int, packed: int, renamed: int, rng: np.random.Generator
) -> Master:
    """`packed` articles are sold in packs too, every other of them with a change of size; `renamed` get a new code."""
    pieces = np.zeros((len(skus), len(dates)), dtype="int64")
    rows, grown = [], []
    for number, article in enumerate(sorted(rng.permutation(len(skus))[:packed].tolist())):
        before, after = rng.permutation(SIZES)[:2].tolist()
        pieces[article] = before
        rows.append((skus[article], before, FIRST_DAY))
        if number % 2 == 0:
            day = int(rng.integers(60, history - 40))
            pieces[article, day:] = after
            rows.append((skus[article], after, dates[day]))
            grown.append((skus[article], before, after))
    chosen = rng.permutation(len(skus))[:renamed].tolist()
    days = rng.integers(70, history - 60, renamed).tolist()
    codes = [(f"{skus[article]}x", skus[article], dates[day], day) for article, day in zip(chosen, days, strict=True)]
    return Master(
        pd.DataFrame(rows, columns=["sku", "pieces", "valid_from"]),
        pd.DataFrame(codes, columns=["old_code", "sku", "since", "day"]),
        pd.DataFrame(grown, columns=["sku", "before", "after"]),
        pieces,
    )


def code_of_the_day(
    sku: npt.NDArray[np.object_], day: npt.NDArray[np.int64], master: Master
) -> npt.NDArray[np.object_]:
    codes = sku.copy()
    for old, new, since in zip(master.renamed["old_code"], master.renamed["sku"], master.renamed["day"], strict=True):
        codes[(sku == new) & (day < since)] = old
    return codes
