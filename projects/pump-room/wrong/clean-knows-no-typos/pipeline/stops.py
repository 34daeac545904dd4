"""Stops of pumps from work orders and alarms: when each really began and ended, and whether it was planned."""

import pandas as pd

ZONE = "Europe/Brussels"
KINDS = {
    **dict.fromkeys(("bearing failure", "seal leak", "motor trip", "blocked impeller"), "failure"),
    **dict.fromkeys(("planned service", "yearly inspection", "cleaning"), "planned"),
}
LATEST_WRITTEN_UP = pd.Timedelta(hours=7)


def list_stops(orders: pd.DataFrame, alarms: pd.DataFrame) -> pd.DataFrame:
    """One row per stop: pump_id, started_at, ended_at (empty while it lasts), kind."""
    orders = orders[orders["status"] != "cancelled"].drop_duplicates(["pump_id", "opened_at"])
    stops = pd.DataFrame(
        {
            "pump_id": orders["pump_id"],
            "opened_at": _utc(orders["opened_at"]),
            "ended_at": _utc(orders["closed_at"]),
            "kind": [kind_of(*order) for order in zip(orders["planned"], orders["cause"], strict=True)],
        }
    )
    stops = _with_alarm(stops[stops["kind"].notna()], alarms)
    failed = (stops["kind"] == "failure") & stops["raised_at"].notna()
    stops["started_at"] = stops["opened_at"].where(~failed, stops["raised_at"])
    columns = ["pump_id", "started_at", "ended_at", "kind"]
    return stops[columns].sort_values(["pump_id", "started_at"], ignore_index=True)


def kind_of(planned: str | None, cause: str) -> str | None:
    """By the flag where there is one, else by the cause that the text most resembles."""
    if planned in ("0", "1"):
        return "planned" if planned == "1" else "failure"
    return KINDS.get(cause)


def _utc(local: pd.Series) -> pd.Series:
    return pd.to_datetime(local).dt.tz_localize(ZONE).dt.tz_convert("UTC").dt.as_unit("s")


def _with_alarm(stops: pd.DataFrame, alarms: pd.DataFrame) -> pd.DataFrame:
    """Each stop with the last E-STOP of its pump in the hours before its order."""
    rung = alarms.loc[alarms["code"] == "E-STOP", ["pump_id", "raised_at"]].sort_values("raised_at")
    return pd.merge_asof(
        stops.sort_values("opened_at"),
        rung,
        left_on="opened_at",
        right_on="raised_at",
        by="pump_id",
        tolerance=LATEST_WRITTEN_UP,
    )
