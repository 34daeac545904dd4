"""Turns the four ways in which gateways write a moment into UTC, and sets right what a wrong clock wrote."""

from collections.abc import Mapping

import pandas as pd

from pipeline.change_log import ChangeLog

MOMENT = "datetime64[us, UTC]"
QUARTER = pd.Timedelta(minutes=15)
# A message reaches us within minutes; what seems to have taken longer was written by a clock that stood wrong.
LONGEST_WAY = pd.Timedelta(minutes=7)


def set_clocks_right(sales: pd.DataFrame, log: ChangeLog) -> pd.Series:
    """Moments by a wrong clock moved to the quarter of an hour that fits our own clock, which wrote received_at."""
    received = pd.to_datetime(sales["received_at"], format="%Y-%m-%dT%H:%M:%SZ", utc=True).astype(MOMENT)
    way = received - sales["event_ts"]
    wrong = (way.abs() > LONGEST_WAY) & (sales["schema"] == 2)
    log.note("transactions", sales.loc[wrong, "txn_id"], "event_ts", "the gateway's clock stood wrong", "repair")
    return (sales["event_ts"] + (way / QUARTER).round().where(wrong, 0) * QUARTER).astype(MOMENT)


def parse_moments(sales: pd.DataFrame, country: pd.Series, zones: Mapping[str, str], log: ChangeLog) -> pd.Series:
    """UTC moments: milliseconds (schema 2), texts with Z or an offset, and bare texts on the merchant's wall clock."""
    written = sales["ts_raw"]
    milliseconds = sales["schema"] == 2
    bare = ~milliseconds & ~written.str.contains("T", regex=False)
    zoned = ~milliseconds & ~bare
    moments = pd.Series(pd.NaT, index=sales.index, dtype=MOMENT)
    moments[milliseconds] = pd.to_datetime(written[milliseconds].astype("int64"), unit="ms", utc=True).astype(MOMENT)
    moments[zoned] = pd.to_datetime(written[zoned], format="%Y-%m-%dT%H:%M:%S%z", utc=True).astype(MOMENT)
    for name in zones:
        here = bare & (country == name)
        clock = pd.to_datetime(written[here], format="%Y-%m-%d %H:%M:%S")
        local = clock.dt.tz_localize("UTC")
        moments[here] = local.dt.tz_convert("UTC").astype(MOMENT)
    log.note("transactions", sales.loc[bare, "txn_id"], "event_ts", "local time without offset", "repair")
    return moments
