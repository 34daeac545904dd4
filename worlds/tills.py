"""What a till writes of the pieces that were sold: lines, packs, prices, moments. It does not know what is wrong."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Whole = npt.NDArray[np.int64]

TILL_HEADER = "receipt;line;till;moment;kind;article;unit;qty;amount"
SINGLE, PACK = "ea", "pk"
HOUR = 3600
SHARE_IN_PACKS = 0.5
SHARE_OF_NEW_LINES = 0.5
OPENS, CLOSES, CLOSES_LATE = 7, 22, 26


def ring_up(
    sold: Whole, pieces: Whole, late: npt.NDArray[np.bool_], first: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Lines for the pieces in `sold` (series, days); those of one day add up to it. Columns: series, day, unit, qty,
    pieces (in all), seconds (since midnight; past 86,400 in shops that close late).

    pieces (series, days): how many are in a pack, nought where there is none. late (series,): open until two at night.
    first: the number of the first of these days.
    """
    whole = np.where(pieces > 0, sold // np.maximum(pieces, 1), 0)
    packs = np.asarray(rng.binomial(whole, SHARE_IN_PACKS), dtype="int64")
    singles = np.asarray(sold - packs * pieces, dtype="int64")
    frames = [_pack_lines(packs, pieces), _single_lines(singles, rng)]
    lines = pd.concat(frames, ignore_index=True)
    seconds = _moments(late[lines["series"]], rng)
    return lines.assign(seconds=seconds, day=lines["day"] + first)


def _pack_lines(packs: Whole, pieces: Whole) -> pd.DataFrame:
    series, day = np.nonzero(packs)
    number = packs[series, day]
    series, day = np.repeat(series, number), np.repeat(day, number)
    return pd.DataFrame({"series": series, "day": day, "unit": PACK, "qty": 1, "pieces": pieces[series, day]})


def _single_lines(singles: Whole, rng: np.random.Generator) -> pd.DataFrame:
    """Pieces in a row; each begins a new line or joins the one before it."""
    series, day = np.nonzero(singles)
    number = singles[series, day]
    starts = rng.random(int(number.sum())) < SHARE_OF_NEW_LINES
    starts[np.cumsum(number) - number] = True
    line = np.cumsum(starts) - 1
    qty = np.bincount(line)
    first = np.flatnonzero(starts)
    owner = np.repeat(np.arange(len(number)), number)[first]
    return pd.DataFrame({"series": series[owner], "day": day[owner], "unit": SINGLE, "qty": qty, "pieces": qty})


def _moments(late: npt.NDArray[np.bool_], rng: np.random.Generator) -> Whole:
    closes = np.where(late, CLOSES_LATE, CLOSES)
    return np.asarray((OPENS + (closes - OPENS) * rng.beta(2.0, 1.6, len(late))) * HOUR, dtype="int64")


def till_moments(lines: pd.DataFrame, midnight: pd.DatetimeIndex, zone: str) -> npt.NDArray[np.object_]:
    """When each line was rung up, as its till writes it: by the shop's clock, or UTC. midnight: of its trading day."""
    local = midnight + pd.to_timedelta(lines["seconds"].to_numpy(), unit="s")
    # The hour that is there twice is read as its second pass; from the text nobody could tell.
    aware = local.tz_localize(zone, ambiguous=np.zeros(len(local), dtype=bool), nonexistent="shift_forward")
    utc = (lines["clock"] == "utc").to_numpy()
    return np.where(utc, aware.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ"), local.strftime("%Y-%m-%d %H:%M:%S"))


def till_texts(
    lines: pd.DataFrame, midnight: pd.DatetimeIndex, zone: str, comma: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    """Each line as a till writes it, in the order of TILL_HEADER; `comma`: whose amounts have commas."""
    moment = till_moments(lines, midnight, zone)
    amount = [f"{value:.2f}".replace(".", "," if c else ".") for value, c in zip(lines["amount"], comma, strict=True)]
    columns = [lines[name].tolist() for name in ("receipt", "line", "till")] + [moment.tolist()]
    columns += [lines[name].tolist() for name in ("kind", "article", "unit", "qty")] + [amount]
    return np.array([";".join(map(str, row)) for row in zip(*columns, strict=True)], dtype=object)
