"""Every kind of defect: what it plants is in the log, and nothing else changed."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worlds.defects.cells import FieldMaximum, InvertedRate, MissingValue, Sentinel, WrongUnit
from worlds.defects.lines import GarbageLine, TruncatedLine
from worlds.defects.log import COLUMNS, Defect, DefectLog
from worlds.defects.rows import ForeignRow, LateDelivery, LateLabel, Redelivery, RepeatedEntity, SupersededMessage
from worlds.defects.structures import ChangedTerms, Gap, LeakingColumn, SchemaChange
from worlds.defects.texts import DateNotation, DecimalComma, DoubleEncoding, IdVariant, Misspelling, NaiveLocalTime

N = 60
DAY = 86_400
START = 1_704_067_200


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.fixture
def log() -> DefectLog:
    return DefectLog()


@pytest.fixture
def rows(rng: np.random.Generator) -> np.ndarray:
    return rng.random(N) < 0.4


@pytest.fixture
def frame(rng: np.random.Generator) -> pd.DataFrame:
    ids = [f"t_{number}" for number in range(N)]
    return pd.DataFrame(
        {
            "record_id": ids,
            "txn_id": ids,
            "amount": rng.uniform(1, 90, N).round(2),
            "age": rng.integers(0, 300, N).astype(float),
            "seconds": START + np.arange(N) * DAY,
            "received": START + np.arange(N) * DAY + 20,
            "place": np.arange(N).astype(float),
            "file": ["jan"] * 30 + ["mar"] * 30,
            "state": "captured",
            "schema": 1,
            "clock": "utc",
            "zone": np.where(np.arange(N) % 2, "Europe/Berlin", "America/New_York"),
            "decimal": ".",
            "word": rng.choice(["grocery", "travel", "gaming"], N),
            "name": rng.choice(["Müller", "Smith", "Café"], N),
            "valid_from": "2020-01-01",
            "valid_to": None,
        }
    )


def assert_only_changed(before: pd.DataFrame, after: pd.DataFrame, column: str, rows: np.ndarray) -> None:
    """Cells of `column` in `rows` are different, all others are as they were."""
    pd.testing.assert_frame_equal(before.drop(columns=column), after.drop(columns=column))
    assert (after[column].astype(str) != before[column].astype(str)).tolist() == rows.tolist()


CELLS: dict[str, tuple[Defect, str]] = {
    "wrong unit": (WrongUnit("t", "amount"), "repair"),
    "field maximum": (FieldMaximum("t", "amount"), "null"),
    "sentinel": (Sentinel("t", "age"), "null"),
    "missing value": (MissingValue("t", "age"), "keep"),
    "inverted rate": (InvertedRate("t", "amount"), "repair"),
}


@pytest.mark.parametrize(("defect", "action"), CELLS.values(), ids=CELLS)
def test_spoilt_cells_are_those_in_the_log(
    defect: Defect, action: str, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog
) -> None:
    after = defect.plant(frame, rows, log)
    assert_only_changed(frame, after, defect.column, rows)
    written = log.frame()
    assert written["record_id"].tolist() == frame["record_id"][rows].tolist()
    assert set(written["action"]) == {action}
    assert written["truth"].astype(float).tolist() == frame[defect.column][rows].tolist()


@pytest.mark.parametrize("defect", [IdVariant("t", "txn_id"), Misspelling("t", "word")], ids=lambda d: d.kind)
def test_mistyped_cells_are_those_in_the_log(
    defect: Defect, frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog
) -> None:
    after = defect.plant(frame, rows, rng, log)
    assert_only_changed(frame, after, defect.column, rows)
    assert log.frame()["corrupted"].tolist() == after[defect.column][rows].tolist()


def test_double_encoding_only_hits_names_that_can_suffer(frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> None:
    after = DoubleEncoding("t", "name").plant(frame, rows, log)
    exposed = rows & (frame["name"] != "Smith").to_numpy()
    assert_only_changed(frame, after, "name", exposed)
    assert [name.encode("cp1252").decode() for name in after["name"][exposed]] == log.frame()["truth"].tolist()


def test_a_decimal_comma_is_a_notation_and_no_other_amount(
    frame: pd.DataFrame, rows: np.ndarray, log: DefectLog
) -> None:
    after = DecimalComma("t", "amount", clean_column="amount_eur").plant(frame, rows, log)
    assert_only_changed(frame, after, "decimal", rows)
    written = log.frame()
    assert set(written["column"]) == {"amount_eur"}
    assert written["corrupted"].str.replace(",", ".").astype(float).tolist() == frame["amount"][rows].tolist()


def test_a_bare_local_time_is_a_notation_and_no_other_moment(
    frame: pd.DataFrame, rows: np.ndarray, log: DefectLog
) -> None:
    after = NaiveLocalTime("t", "seconds").plant(frame, rows, log)
    assert_only_changed(frame, after, "clock", rows)
    for row, zone in zip(log.frame().itertuples(), frame["zone"][rows], strict=True):
        assert pd.Timestamp(row.corrupted).tz_localize(zone) == pd.Timestamp(row.truth)


def test_dates_are_written_as_their_system_writes_them(frame: pd.DataFrame, log: DefectLog) -> None:
    dated = frame.assign(day=pd.to_datetime(frame["seconds"], unit="s"), system=["crm", "web"] * 30)
    formats = {"crm": "%Y-%m-%d", "web": "%m/%d/%Y"}
    after = DateNotation("t", "day", by="system", formats=formats).plant(dated, log)
    assert after["day"][:2].tolist() == ["2024-01-01", "01/02/2024"]
    assert log.frame()["record_id"].tolist() == frame["record_id"][1::2].tolist()


def appended(frame: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The rows that were added; all old ones must still be there, untouched."""
    pd.testing.assert_frame_equal(after.iloc[: len(frame)].reset_index(drop=True), frame)
    return after.iloc[len(frame) :]


def test_a_redelivery_is_the_same_message_later(
    frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog
) -> None:
    again = appended(frame, Redelivery("t").plant(frame, rows, rng, log))
    pd.testing.assert_frame_equal(
        again.drop(columns="place").reset_index(drop=True), frame[rows].drop(columns="place").reset_index(drop=True)
    )
    assert log.frame()["record_id"].tolist() == again["record_id"].tolist()


def test_a_superseded_message_is_dearer_and_received_before_the_one_that_counts(
    frame: pd.DataFrame, rows: np.ndarray, log: DefectLog
) -> None:
    first = appended(frame, SupersededMessage("t", "amount").plant(frame, rows, log))
    assert (first["amount"].to_numpy() > frame["amount"][rows].to_numpy()).all()
    assert (first["received"].to_numpy() < frame["received"][rows].to_numpy()).all()
    assert set(first["state"]) == {"authorised"}
    assert log.frame()["corrupted"].astype(float).tolist() == first["amount"].tolist()


def test_a_late_message_moves_to_the_next_file_and_the_last_file_has_none(
    frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog
) -> None:
    after = LateDelivery("t").plant(frame, rows, rng, log)
    moved = rows & (frame["file"] == "jan").to_numpy()
    assert_only_changed(frame.drop(columns="place"), after.drop(columns="place"), "file", moved)
    assert log.frame()["record_id"].tolist() == frame["record_id"][moved].tolist()


def test_foreign_rows_are_added_and_named(frame: pd.DataFrame, log: DefectLog) -> None:
    foreign = frame.head(3).assign(record_id=["r_1", "r_2", "r_3"])
    after = ForeignRow("t", kind="refund").plant(frame, foreign, log)
    assert appended(frame, after)["record_id"].tolist() == log.frame()["record_id"].tolist() == ["r_1", "r_2", "r_3"]


def test_a_repeated_entity_differs_in_its_id_only(
    frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator, log: DefectLog
) -> None:
    after = RepeatedEntity("t", "txn_id").plant(frame, rows, rng, log)
    again = after[after["txn_id"].str.isupper()].sort_values("place")
    pd.testing.assert_frame_equal(
        again.drop(columns="txn_id").reset_index(drop=True), frame[rows].drop(columns="txn_id").reset_index(drop=True)
    )
    assert sorted(log.frame()["record_id"]) == sorted(again["record_id"])
    assert len(after) == N + rows.sum()


@pytest.mark.parametrize("defect", [LateLabel("t", "amount"), Gap("t", "amount")], ids=lambda d: d.kind)
def test_rows_that_are_not_there_are_in_the_log(
    defect: Defect, frame: pd.DataFrame, rows: np.ndarray, log: DefectLog
) -> None:
    after = defect.plant(frame, rows, log)
    assert after["record_id"].tolist() == frame["record_id"][~rows].tolist()
    assert log.frame()["record_id"].tolist() == frame["record_id"][rows].tolist()


def test_a_schema_change_is_one_line_of_the_log(frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> None:
    after = SchemaChange("t", "schema").plant(frame, rows, "day 80", log)
    assert_only_changed(frame, after, "schema", rows)
    assert log.frame()["record_id"].tolist() == ["day 80"]


def test_changed_terms_follow_one_another_without_a_gap(frame: pd.DataFrame, rows: np.ndarray, log: DefectLog) -> None:
    n = int(rows.sum())
    days = np.array(["2024-03-01"] * n, dtype=object)
    after = ChangedTerms("t", "amount").plant(frame, rows, np.arange(n, dtype=float), days, log)
    twice = after[after.duplicated("record_id", keep=False)]
    assert sorted(twice["record_id"].unique()) == sorted(log.frame()["record_id"])
    for _, terms in twice.groupby("record_id"):
        assert terms["valid_to"].tolist()[0] == terms["valid_from"].tolist()[1] == "2024-03-01"


def test_a_leaking_column_is_named(frame: pd.DataFrame, log: DefectLog) -> None:
    after = LeakingColumn("t", "settled").plant(frame, np.arange(N), log)
    pd.testing.assert_frame_equal(after.drop(columns="settled"), frame)
    assert log.frame()["action"].tolist() == ["do not use"]


@pytest.mark.parametrize("order", [("garbage", "truncated"), ("truncated", "garbage")], ids="-".join)
def test_lines_that_are_no_records_are_named_by_file_and_line(
    order: tuple[str, str], rng: np.random.Generator, log: DefectLog
) -> None:
    files = {"a": ['{"n": 1}', '{"n": 2}'], "b": ['{"n": 3}', '{"n": 4}']}
    plant: dict[str, Callable] = {
        "garbage": lambda files: GarbageLine("files").plant(files, "b", rng, log),
        "truncated": lambda files: TruncatedLine("files").plant(files, "a", rng, log),
    }
    for name in order:
        files = plant[name](files)
    for row in log.frame().itertuples():
        name, number = row.record_id.split(":")
        assert files[name][int(number) - 1] == row.corrupted
    whole = [line for lines in files.values() for line in lines if line.endswith("}") and line.startswith("{")]
    assert sorted(whole) == ['{"n": 1}', '{"n": 2}', '{"n": 3}', '{"n": 4}']


@given(seed=st.integers(0, 2**32 - 1), last=st.text("0123456789", max_size=30))
def test_a_line_that_breaks_off_lacks_a_field(seed: int, last: str) -> None:
    """However long its last field is: with all of its fields it would be taken for a whole one."""
    files = {"a": [f"f_1;17.5;{last}"], "b": ["f_2;18.0;x"]}
    planted = TruncatedLine("files", delimiter=";").plant(files, "a", np.random.default_rng(seed), DefectLog())
    assert planted["a"][0].count(";") < 2
    assert planted["b"][-1] == files["a"][0]


def test_an_empty_log_has_its_columns() -> None:
    assert list(DefectLog().frame().columns) == list(COLUMNS)
