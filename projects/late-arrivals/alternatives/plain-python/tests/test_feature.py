"""Features row by row: what is not known yet counts for nothing, and no flight is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from pipeline.feature import Row, describe

NOON = datetime(2013, 6, 14, 16, tzinfo=UTC)
PLANES = [{"tailnum": "N1", "built": 2004.0}]
WEATHER = [
    {"observed_at": NOON - timedelta(hours=hours), "visib_mi": sight, "wind_mph": None, "precip_in": 0.05}
    for hours, sight in ((1, 1.0), (2, 4.0), (3, 8.0))
]


def flight(number: int, minutes: int, delay: float | None, late: float | None, tail: str = "N1") -> Row:
    leaves = NOON + timedelta(minutes=minutes)
    codes = {"flight_id": f"f_{number}", "carrier": "UA", "dest": "IAH", "tailnum": tail}
    moments = {"sched_dep_ts": leaves, "sched_arr_ts": leaves + timedelta(hours=3)}
    return codes | moments | {"dep_delay_min": delay, "arr_delay_min": late}


@pytest.fixture
def rows() -> list[Row]:
    flights = [
        flight(0, 0, 5.0, 31.0),
        flight(1, -180, 40.0, 30.0),
        flight(2, -150, 30.0, None),
        flight(3, -170, None, None, "N2"),
        flight(4, 60, None, None),
    ]
    return list(describe(flights, WEATHER, PLANES, NOON + timedelta(minutes=30)))


def test_no_flight_is_lost_and_those_that_never_landed_are_void(rows: list[Row]) -> None:
    assert [row["split"] for row in rows] == ["train", "train", "void", "void", "score"]
    assert [row["y"] for row in rows] == [1, 0, -1, -1, -1]


def test_two_hours_before_noon_one_had_left_and_two_were_missing(rows: list[Row]) -> None:
    told = {name: rows[0][name] for name in ("n_departed_2h", "late_share_2h", "n_overdue_3h", "overdue_share")}
    assert told == {"n_departed_2h": 1, "late_share_2h": 1.0, "n_overdue_3h": 2, "overdue_share": 2 / 3}
    assert rows[4]["n_departed_2h"] == 2
    assert rows[4]["late_share_2h"] == 0.5


def test_the_last_reading_is_known_and_the_next_is_not(rows: list[Row]) -> None:
    assert (rows[0]["visib_known"], rows[0]["wind"], rows[4]["visib_known"]) == (4.0, 9.0, 1.0)


def test_clock_and_age_are_new_yorks(rows: list[Row]) -> None:
    assert (rows[0]["local_hour"], rows[0]["block_min"], rows[0]["plane_age"], rows[3]["plane_age"]) == (
        12,
        180,
        9,
        None,
    )
