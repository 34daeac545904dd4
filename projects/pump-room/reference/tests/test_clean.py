"""The traps of cleaning, each in a few rows."""

import pandas as pd

from pipeline.clean import find_pumps
from pipeline.clocks import true_hours
from pipeline.sensors import CONVERTED, STUCK, WITHOUT_PROBE, mend
from pipeline.stops import kind_of, list_stops

DAY = 86_400
NOON = 1_709_294_400


def test_a_clock_that_gains_and_starts_again_is_read_right() -> None:
    sync = pd.DataFrame(
        {
            "device_id": "d",
            "ts_device": [NOON + 300, NOON + DAY + 420, 946_684_800, 946_684_800 + DAY],
            "ts_server": [NOON, NOON + DAY, NOON + DAY + 1, NOON + 2 * DAY + 1],
        }
    )
    packets = pd.DataFrame({"device_id": "d", "ts_device": [NOON + 300 + 43_200 + 60, 946_684_800 + 43_200]})
    hours = true_hours(packets, sync)
    assert hours.dt.strftime("%d %H").tolist() == ["02 00", "03 00"]


def test_units_probes_and_stuck_sensors() -> None:
    packets = pd.DataFrame(
        {
            "device_id": "d",
            "site": "alder",
            "ts": pd.date_range("2024-03-01", periods=8, freq="h", tz="UTC"),
            "vib": [4.0, *[3.3] * 6, 4.1],
            "temp": [122.0, 50.0, 51.0, -40.0, 52.0, 53.0, 54.0, 55.0],
            "pressure": [72.519, 73.0, 74.0, 75.0, 76.0, 77.0, 78.0, 79.0],
            "load": 0.5,
        }
    )
    mended = mend(packets)
    assert round(mended["temp_c"][0], 6) == 50.0
    assert round(mended["pressure_bar"][0], 6) == 5.0
    assert mended["vib"].isna().tolist() == [False, *[True] * 6, False]
    assert mended["quality"][0] == CONVERTED
    assert mended["quality"][3] == CONVERTED + STUCK + WITHOUT_PROBE


def test_a_reading_goes_to_the_pump_of_its_day() -> None:
    places = pd.DataFrame(
        {"device_id": "d", "pump_id": ["p", "q"], "valid_from": ["2024-01-01T00:00:00Z", "2024-03-01T12:30:00Z"]}
    )
    ts = pd.to_datetime(["2024-03-01T12:00Z", "2024-03-01T13:00Z"]).as_unit("s")
    assert find_pumps(pd.DataFrame({"device_id": "d", "ts": ts}), places)["pump_id"].tolist() == ["p", "q"]


def test_a_failure_begins_with_its_alarm_and_a_typo_is_read() -> None:
    orders = pd.DataFrame(
        {
            "pump_id": "p",
            "opened_at": ["2024-04-02 14:00:00", "2024-04-05 09:00:00"],
            "closed_at": ["2024-04-03 08:00:00", None],
            "planned": [None, "1"],
            "cause": ["SEAL LAEK ", "cleaning"],
            "status": ["done", "open"],
        }
    )
    rung = pd.to_datetime(["2024-04-02T09:12Z"]).as_unit("s")
    stops = list_stops(orders, pd.DataFrame({"pump_id": "p", "code": "E-STOP", "raised_at": rung}))
    assert stops["kind"].tolist() == ["failure", "planned"]
    assert stops["started_at"].dt.strftime("%d %H:%M").tolist() == ["02 09:12", "05 07:00"]
    assert stops["ended_at"].isna().tolist() == [False, True]
    assert kind_of(None, "yearly inspetion") == "planned"
