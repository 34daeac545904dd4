"""Faults of machines, retried and out-of-order messages, escaped texts: what is planted is in the log, and no more."""

import html

import numpy as np
import pandas as pd
import pytest

from worlds.defects.faults import ClockFault, MixedUpCode
from worlds.defects.log import DefectLog
from worlds.defects.rows import NearDuplicate, OutOfOrder
from worlds.defects.texts import EscapedText

N = 40
START = 1_704_067_200


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture
def rows(rng: np.random.Generator) -> np.ndarray:
    return rng.random(N) < 0.4


@pytest.fixture
def frame(rng: np.random.Generator) -> pd.DataFrame:
    ids = [f"t_{number}" for number in range(N)]
    seconds = START + np.arange(N) * 3600
    return pd.DataFrame(
        {
            "record_id": ids,
            "txn_id": ids,
            "seconds": seconds,
            "received": seconds + 20,
            "place": seconds.astype(float),
            "currency": rng.choice(["EUR", "GBP"], N),
            "name": rng.choice(["Müller & Co", "Smith", "Café"], N),
        }
    )


def assert_only_changed(before: pd.DataFrame, after: pd.DataFrame, column: str, rows: np.ndarray) -> None:
    pd.testing.assert_frame_equal(before.drop(columns=column), after.drop(columns=column))
    assert (after[column].astype(str) != before[column].astype(str)).tolist() == rows.tolist()


@pytest.mark.parametrize("shift", [-5400, 7200])
def test_a_wrong_clock_moves_its_rows_by_one_shift(frame: pd.DataFrame, rows: np.ndarray, shift: int) -> None:
    log = DefectLog()
    after = ClockFault("t", "seconds", shift_s=shift, clean_column="event_ts").plant(frame, rows, log)
    assert_only_changed(frame, after, "seconds", rows)
    moved = pd.to_datetime(log.frame()["corrupted"]) - pd.to_datetime(log.frame()["truth"])
    assert set(moved.dt.total_seconds()) == {shift}
    assert log.frame()["record_id"].tolist() == frame["record_id"][rows].tolist()
    assert set(log.frame()["column"]) == {"event_ts"}


def test_a_code_that_is_right_by_chance_is_no_defect(frame: pd.DataFrame, rows: np.ndarray) -> None:
    log = DefectLog()
    after = MixedUpCode("t", "currency", code="EUR").plant(frame, rows, log)
    assert_only_changed(frame, after, "currency", rows & (frame["currency"] == "GBP").to_numpy())
    assert set(log.frame()["truth"]) == {"GBP"}
    assert set(log.frame()["corrupted"]) == {"EUR"}


def test_a_near_duplicate_has_an_id_of_its_own_and_is_received_later(
    frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator
) -> None:
    log, ids = DefectLog(), np.array([f"t_{900 + number}" for number in range(rows.sum())], dtype=object)
    after = NearDuplicate("t", "txn_id").plant(frame, rows, ids, rng, log)
    pd.testing.assert_frame_equal(after.iloc[:N], frame)
    again = after.iloc[N:]
    assert again["txn_id"].tolist() == log.frame()["record_id"].tolist() == ids.tolist()
    assert log.frame()["truth"].tolist() == frame["txn_id"][rows].tolist()
    assert (again["received"].to_numpy() > frame["received"][rows].to_numpy()).all()
    same = ["seconds", "place", "currency", "name"]
    pd.testing.assert_frame_equal(again[same].reset_index(drop=True), frame.loc[rows, same].reset_index(drop=True))


def test_messages_out_of_order_change_their_place_only(
    frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator
) -> None:
    log = DefectLog()
    after = OutOfOrder("t").plant(frame, rows, rng, log)
    assert_only_changed(frame, after, "place", rows)
    assert log.frame()["record_id"].tolist() == frame["record_id"][rows].tolist()


def test_escaped_names_can_be_read_again_and_plain_ones_do_not_suffer(frame: pd.DataFrame, rows: np.ndarray) -> None:
    log = DefectLog()
    after = EscapedText("t", "name").plant(frame, rows, log)
    exposed = rows & (frame["name"] != "Smith").to_numpy()
    assert_only_changed(frame, after, "name", exposed)
    assert after["name"].str.isascii()[exposed].all()
    assert [html.unescape(name) for name in after["name"]] == frame["name"].tolist()
