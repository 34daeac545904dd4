"""Turns the four ways in which gateways write a moment into UTC."""

import pandas as pd

from pipeline.change_log import ChangeLog
from pipeline.dictionary import ZONES

MOMENT = "datetime64[us, UTC]"


def parse_moments(sales: pd.DataFrame, country: pd.Series, log: ChangeLog) -> pd.Series:
    """UTC moments: milliseconds (schema 2), texts with Z or an offset, and bare texts on the merchant's wall clock."""
    written = sales["ts_raw"]
    milliseconds = sales["schema"] == 2
    bare = ~milliseconds & ~written.str.contains("T", regex=False)
    zoned = ~milliseconds & ~bare
    moments = pd.Series(pd.NaT, index=sales.index, dtype=MOMENT)
    moments[milliseconds] = pd.to_datetime(written[milliseconds].astype("int64"), unit="ms", utc=True).astype(MOMENT)
    moments[zoned] = pd.to_datetime(written[zoned], format="%Y-%m-%dT%H:%M:%S%z", utc=True).astype(MOMENT)
    for name in ZONES:
        here = bare & (country == name)
        clock = pd.to_datetime(written[here], format="%Y-%m-%d %H:%M:%S")
        local = clock.dt.tz_localize("UTC")
        moments[here] = local.dt.tz_convert("UTC").astype(MOMENT)
    log.note("transactions", sales.loc[bare, "txn_id"], "event_ts", "local time without offset", "repair")
    return moments
