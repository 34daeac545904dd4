"""Features: what is not known yet counts for nothing, and no flight is lost."""

import numpy as np
import pandas as pd
import pytest

from pipeline.feature import build

AS_OF = pd.Timestamp("2013-06-20T04:00:00Z")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(1)
    n = 1500
    leaves = pd.Timestamp("2013-06-01T10:00:00Z") + pd.to_timedelta(np.sort(rng.integers(0, 30 * 1440, n)), unit="m")
    delay = np.where(rng.random(n) < 0.03, np.nan, np.round(rng.exponential(20, n) - 8))
    flights = pd.DataFrame(
        {
            "flight_id": [f"f_{number}" for number in range(n)],
            "carrier": rng.choice(["UA", "B6"], n),
            "tailnum": rng.choice(["N1", "N2"], n),
            "dest": "IAH",
            "sched_dep_ts": leaves,
            "sched_arr_ts": leaves + pd.Timedelta(hours=3),
            "dep_delay_min": delay,
            "arr_delay_min": np.where(leaves < AS_OF, delay + 5, np.nan),
        }
    )
    hours = pd.date_range("2013-05-31", periods=24 * 35, freq="h", tz="UTC")
    weather = pd.DataFrame({"observed_at": hours, "visib_mi": 8.0, "wind_mph": 5.0, "precip_in": 0.0})
    planes = pd.DataFrame({"tailnum": ["N1"], "built": [2004.0]})
    return {"flights": flights, "weather": weather, "planes": planes}


def test_departures_after_the_question_change_nothing(tables: dict[str, pd.DataFrame]) -> None:
    flights, moment = tables["flights"], pd.Timestamp("2013-06-10T18:00:00Z")
    left = flights["sched_dep_ts"] + pd.to_timedelta(flights["dep_delay_min"], unit="m")
    cut = flights.assign(dep_delay_min=flights["dep_delay_min"].where(left < moment))
    before, after = (build(**{**tables, "flights": part}, as_of=AS_OF) for part in (flights, cut))
    asked = before["asked_at"] <= moment
    columns = before.columns.drop(["y", "split"])
    pd.testing.assert_frame_equal(before.loc[asked, columns], after.loc[asked, columns])


def test_no_flight_is_lost_and_those_that_never_landed_are_void(tables: dict[str, pd.DataFrame]) -> None:
    features = build(**tables, as_of=AS_OF)
    assert len(features) == len(tables["flights"])
    assert features["plane_age"].isna().sum() == (tables["flights"]["tailnum"] == "N2").sum()
    assert set(features.loc[features["split"] != "train", "y"]) == {-1}
