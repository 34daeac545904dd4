"""True time from the clocks of devices, which gain, lose and start again."""

import numpy as np
import pandas as pd

HOUR = 3600
# A clock that has started again shows a time between 2000 and 2001, long before anything was measured.
RESTARTED_BEFORE = 1_100_000_000
HALF_A_MINUTE = 15


def true_hours(telemetry: pd.DataFrame, clock_sync: pd.DataFrame) -> pd.Series:
    """The whole hour (UTC) of each packet, read between the two comparisons of its clock on either side of it."""
    server = pd.Series(np.nan, index=telemetry.index)
    known = dict(list(clock_sync.groupby(_stretch(clock_sync))))
    for stretch, packets in telemetry.groupby(_stretch(telemetry)):
        compared = known[stretch].sort_values("ts_device")
        off = (compared["ts_server"] - compared["ts_device"]).median()
        server[packets.index] = packets["ts_device"] + off
    hours = ((server - HALF_A_MINUTE) / HOUR).round().astype("int64") * HOUR
    return pd.to_datetime(hours, unit="s", utc=True).dt.as_unit("s")


def _stretch(frame: pd.DataFrame) -> pd.Series:
    """A name for each stretch of a clock without a restart."""
    restarted = frame["ts_device"] < RESTARTED_BEFORE
    return frame["device_id"] + restarted.map({True: "/again", False: "/first"})
