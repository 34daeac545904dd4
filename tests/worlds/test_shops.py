"""Plans that change, weather as it was forecast, tills that add up, calendars that fold, counts that are corrected."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from worlds.articles import code_of_the_day, draw_master
from worlds.calendar_file import Event, spans, write_calendar
from worlds.defects.log import DefectLog
from worlds.defects.stock import Recount, WrittenBelowZero
from worlds.diary import keep_diary
from worlds.promotions import Habits, Version, draw_plan, known_discount
from worlds.shops import Calendar
from worlds.tills import PACK, ring_up
from worlds.weather import draw_weather, in_fahrenheit, observations


def version(number: int, published: int, depth: float, cancelled: bool = False) -> Version:
    return Version(1, number, published, 0, (0,), 10, 12, depth, cancelled)


def test_what_is_known_of_a_plan_depends_on_the_day() -> None:
    plan = [version(1, 2, 0.2), version(2, 8, 0.3), version(3, 9, 0.3, cancelled=True)]
    shape = (1, 1, 20)
    assert [known_discount(plan, day, shape)[0, 0, 11] for day in (1, 5, 8, 9)] == [0, 0.2, 0.3, 0]
    assert known_discount(plan, 8, shape)[0, 0].nonzero()[0].tolist() == [10, 11, 12]


def test_plans_change_before_they_begin_and_some_overlap() -> None:
    habits = Habits(22, changed=0.5, late=0.1, overlapping=0.3, depths=(0.15, 0.3))
    plan = draw_plan(6, 10, 200, habits, np.random.default_rng(4))
    first = {v.promotion: v for v in plan if v.number == 1}
    second = [v for v in plan if v.number == 2]
    assert second
    assert all(first[v.promotion].published < v.published < first[v.promotion].first for v in second)
    deepest, everything = known_discount(plan, 999, (6, 10, 200)), [v for v in plan if not v.cancelled]
    assert deepest.max() == 0.3
    assert len({(v.article, v.first) for v in everything}) < len(everything)


def test_forecasts_are_right_on_average_and_know_less_the_further_ahead() -> None:
    days = pd.date_range("2020-01-01", periods=3000, freq="D")
    weather = draw_weather(days, 14, 10.0, np.random.default_rng(5))
    came = np.array([weather.temp[i + 1 : i + 15] for i in range(2900)])
    errors = came - weather.said_temp[:2900]
    assert abs(errors.mean()) < 0.3
    assert errors[:, 0].std() < errors[:, 6].std() < errors[:, 13].std()
    wet = np.array([weather.wet[i + 1 : i + 15] for i in range(2900)])
    likely = weather.chance[:2900] > 0.8
    assert 0.8 < wet[likely].mean() < 1


def test_fahrenheit_is_the_same_warmth() -> None:
    days = pd.date_range("2024-01-01", periods=4)
    seen = observations(draw_weather(days, 2, 5.0, np.random.default_rng(1)), days.strftime("%Y-%m-%d").tolist())
    other = in_fahrenheit(seen, np.array([False, True, True, False]))
    assert other["unit"].tolist() == ["C", "F", "F", "C"]
    assert np.allclose((other["temp"][1] - 32) / 1.8, seen["temp"][1], atol=0.06)


def test_till_lines_add_up_to_what_was_sold() -> None:
    rng = np.random.default_rng(6)
    sold = rng.poisson(7, (5, 30))
    pieces = np.zeros((5, 30), dtype="int64")
    pieces[2], pieces[2, 15:] = 3, 4
    late = np.array([True, False, False, False, True])
    lines = ring_up(sold, pieces, late, 100, rng)
    total = lines.groupby(["series", "day"])["pieces"].sum()
    assert all(total.get((series, day + 100), 0) == sold[series, day] for series in range(5) for day in range(30))
    packs = lines[lines["unit"] == PACK]
    assert set(packs["series"]) == {2}
    assert set(packs["pieces"]) == {3, 4}
    assert lines.loc[~late[lines["series"]], "seconds"].max() < 22 * 3600
    assert lines["seconds"].max() > 24 * 3600


def test_a_calendar_is_folded_and_ends_the_day_after(tmp_path: Path) -> None:
    day = pd.Timestamp("2024-05-20")
    event = Event("e1", 0, "CONFIRMED", day, day, "HOLIDAY", "all", "Bäcker " * 20)
    write_calendar(tmp_path / "c.ics", [event], "-//x")
    text = (tmp_path / "c.ics").read_bytes().decode()
    assert "DTEND;VALUE=DATE:20240521" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "SUMMARY:" + "Bäcker " * 20 in re.sub("\r\n ", "", text)
    assert spans(np.array([True, True, False, True])) == [(0, 1), (3, 3)]


def test_codes_and_packs_change_on_their_day() -> None:
    skus, dates = [f"a_{number}" for number in range(10)], [f"day {number}" for number in range(200)]
    master = draw_master(skus, dates, 200, 6, 2, np.random.default_rng(7))
    assert (master.pieces > 0).any(axis=1).sum() == 6
    assert len(master.grown) == 3
    old, sku, _, day = master.renamed.iloc[0]
    codes = code_of_the_day(np.array([sku, sku, "other"], dtype=object), np.array([day - 1, day, 0]), master)
    assert codes.tolist() == [old, sku, "other"]


def test_counts_are_spoilt_and_written_down() -> None:
    log, rng = DefectLog(), np.random.default_rng(8)
    counts = pd.DataFrame({"record_id": ["x", "y"], "on_hand": [0, 5], "counted_at": ["2024-01-01 23:40:00"] * 2})
    below = WrittenBelowZero("t", "on_hand").plant(counts, np.array([True, False]), rng, log)
    assert below["on_hand"][0] < 0
    assert below["on_hand"][1] == 5
    twice = Recount("t", "on_hand").plant(counts, np.array([False, True]), rng, log)
    first = twice[twice["counted_at"].str.endswith("21:05:00")]
    assert first["record_id"].tolist() == ["y"]
    assert first["on_hand"].tolist() == [0]
    assert log.frame()["kind"].tolist() == ["negative_stock", "recount"]


def test_a_diary_tells_what_takes_place_and_what_was_only_planned() -> None:
    days = pd.date_range("2024-01-01", periods=60)
    festival = np.zeros((2, 60), dtype=bool)
    festival[0, 10:12] = festival[1, 40] = True
    is_open = np.ones((2, 60), dtype=bool)
    is_open[1, 20:23] = False
    calendar = Calendar(days, np.arange(60) == 5, is_open & (np.arange(60) != 5), festival)
    diary = keep_diary(calendar, ["s_1", "s_2"], 1.0, 3, np.random.default_rng(9))
    assert diary.days["kind"].value_counts().to_dict() == {"festival": 3, "closure": 3, "holiday": 2}
    assert len(diary.moved) == 2
    assert len(diary.called_off) == 3
    assert sum(event.status == "CANCELLED" for event in diary.events) == 3
    last = {event.uid: event for event in diary.events if event.uid in diary.moved}
    assert {event.first for event in last.values()} == {days[10], days[40]}
