"""Tables that strangers wrote: every misshapen one gets a sentence of its own, and none gets an exception."""

import os
import pickle
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grading.kit import DoesNotHold, Produced, table

COLUMNS = {"txn_id": "string", "event_ts": "timestamp", "amount": "float?", "n": "int", "flag": "bool"}
ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def good(rows: int = 3, **changed: object) -> pa.Table:
    columns: dict[str, object] = {
        "txn_id": [f"t_{row}" for row in range(rows)],
        "event_ts": pa.array([NOON] * rows, pa.timestamp("ms", "UTC")),
        "amount": [None, 1.5, 2.0][:rows] + [1.0] * max(0, rows - 3),
        "n": pa.array(range(rows), pa.int16()),
        "flag": [True] * rows,
    }
    return pa.table({name: value for name, value in {**columns, **changed}.items() if value is not None})


def written(folder: Path, content: pa.Table | bytes) -> Produced:
    if isinstance(content, bytes):
        (folder / "sales.parquet").write_bytes(content)
    else:
        pq.write_table(content, folder / "sales.parquet")
    return Produced(folder)


def complaint(produced: Produced, **options: object) -> str:
    with pytest.raises(DoesNotHold) as no:
        table(produced, "sales.parquet", **{"columns": COLUMNS, **options})  # type: ignore[arg-type]
    return no.value.sentence


def test_a_good_table_comes_back_in_the_order_and_types_of_the_contract(tmp_path: Path) -> None:
    frame = table(written(tmp_path, good(extra=["x", "y", "z"])), "sales.parquet", columns=COLUMNS, key="txn_id")
    assert list(frame.columns) == list(COLUMNS)
    assert [str(dtype) for dtype in frame.dtypes] == ["str", "datetime64[us, UTC]", "float64", "int64", "bool"]
    assert frame.amount.isna().tolist() == [True, False, False]


def test_every_reader_has_a_frame_of_its_own(tmp_path: Path) -> None:
    produced = written(tmp_path, good())
    mine = table(produced, "sales.parquet", columns=COLUMNS)
    mine["n"] = 99
    assert table(produced, "sales.parquet", columns=COLUMNS).n[0] == 0


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["a", "b", "c"], pa.large_string()),
        pa.array(["a", "b", "c"]).dictionary_encode(),
        pa.array(["a", "b", "c"], pa.string_view()),
    ],
)
def test_text_is_text_however_arrow_stores_it(tmp_path: Path, column: pa.Array) -> None:
    frame = table(written(tmp_path, good(txn_id=column)), "sales.parquet", columns=COLUMNS, key="txn_id")
    assert frame.txn_id.tolist() == ["a", "b", "c"]


def test_whole_numbers_are_numbers_and_gaps_in_ints_stay_gaps(tmp_path: Path) -> None:
    produced = written(tmp_path, good(amount=[1, 2, 3], n=[1, None, 3]))
    frame = table(produced, "sales.parquet", columns={"amount": "float", "n": "int?"})
    assert str(frame.amount.dtype) == "float64"
    assert frame.n.isna().tolist() == [False, True, False]


def test_further_columns_are_read_on_request_and_have_to_be_plain(tmp_path: Path) -> None:
    produced = written(tmp_path, good(more=[0.1, 0.2, None], word=["a", "b", "c"], empty=pa.nulls(3)))
    frame = table(produced, "sales.parquet", columns={"txn_id": "string"}, others=True)
    assert list(frame.columns) == ["txn_id", "event_ts", "amount", "n", "flag", "more", "word", "empty"]
    nested = written(tmp_path, good(more=[[1], [2], [3]]))
    assert "column more holds list" in complaint(nested, others=True)


def test_a_missing_file_says_so_and_one_that_was_not_taken_says_why(tmp_path: Path) -> None:
    assert complaint(Produced(tmp_path)).startswith("sales.parquet is missing")
    refused = Produced(tmp_path, refused={"sales.parquet": "is larger than 32 MB"})
    assert complaint(refused) == "sales.parquet was written but not taken: it is larger than 32 MB."


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "sales.parquet").mkdir()
    assert "is a folder" in complaint(Produced(tmp_path))
    (tmp_path / "sales.parquet").rmdir()
    (tmp_path / "sales.parquet").symlink_to("/etc/passwd")
    assert "is a symbolic link" in complaint(Produced(tmp_path))
    (tmp_path / "sales.parquet").unlink()
    os.mkfifo(tmp_path / "sales.parquet")
    assert "is not a regular file" in complaint(Produced(tmp_path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (pickle.dumps({"a": 1}), "it is a Python pickle"),
        (b"<!DOCTYPE html><html>502</html>", "it is an HTML or XML page"),
        (b"txn_id,amount\nt_1,2.5\n", "it is CSV text"),
        (b'{"txn_id": "t_1"}', "it is JSON text"),
        (b"PK\x03\x04" + bytes(100), "it is a ZIP archive"),
        (b"\x1f\x8b" + bytes(100), "it is gzip-compressed"),
        (b"ARROW1\0\0" + bytes(100), "it is an Arrow/Feather file"),
        (b"\x00\xff\xfe\x80" * 50, "bytes that we do not recognise"),
        (b"PAR1" + bytes(500), "is cut off"),
        (b"PAR1" + bytes(500) + b"PAR1", "damaged Parquet file"),
        (b"PAR1", "damaged Parquet file"),
    ],
)
def test_a_file_that_is_something_else_is_called_what_it_is(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in complaint(written(tmp_path, content))


def test_a_file_whose_middle_is_overwritten_is_damaged(tmp_path: Path) -> None:
    written(tmp_path, good(500))
    data = bytearray((tmp_path / "sales.parquet").read_bytes())
    data[40:400] = os.urandom(360)
    assert "sales.parquet" in complaint(written(tmp_path, bytes(data)))


def test_millions_of_rows_in_few_bytes_are_refused_by_their_own_header(tmp_path: Path) -> None:
    """Runs of one value pack to nothing: a few kB that unpack to gigabytes."""
    schema = pa.schema({"n": pa.int8()})
    with pq.ParquetWriter(tmp_path / "sales.parquet", schema, compression="zstd") as writer:
        batch = pa.table({"n": pa.array(bytes(4_000_000), pa.int8())}, schema=schema)
        for _ in range(5):
            writer.write_table(batch)
    assert "holds 20,000,000 rows" in complaint(Produced(tmp_path), columns={"n": "int"})


def test_many_columns_and_heavy_texts_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = pa.table({f"c{number}": [1] for number in range(301)})
    assert "has 301 columns" in complaint(written(tmp_path, wide), columns={"c0": "int"})
    monkeypatch.setattr("grading.kit.tables.MOST_UNPACKED_MB", 2)
    heavy = written(tmp_path, pa.table({"txn_id": ["x" * 3_000_000]}))
    assert "unpacks to 2 MB" in complaint(heavy, columns={"txn_id": "string"})


def test_one_text_in_every_row_is_refused_when_memory_ends(tmp_path: Path) -> None:
    """359 bytes that say they are 300 kB and unpack to 18 GB; in a process of its own, with the examiner's bound."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 60_000, pa.int32()), pa.array(["x" * 300_000]))
    pq.write_table(pa.table({"txn_id": column}), tmp_path / "sales.parquet", compression="zstd", store_schema=False)
    code = (
        "import resource; from pathlib import Path; from grading.kit import DoesNotHold, Produced, table\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30))\n"
        f"try: table(Produced(Path({str(tmp_path)!r})), 'sales.parquet', columns={{'txn_id': 'string'}})\n"
        "except DoesNotHold as no: print(no.sentence)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "holds far more than its size says" in said


def test_a_file_over_the_limit_is_refused_by_its_size(tmp_path: Path) -> None:
    assert "at most 0.001 MB are read" in complaint(written(tmp_path, good(300)), max_mb=0.001)


def test_missing_columns_are_named_beside_those_that_are_there(tmp_path: Path) -> None:
    sentence = complaint(written(tmp_path, good(n=None, flag=None, flags=[True] * 3)))
    assert "lacks 2 columns: n, flag" in sentence
    assert sentence.endswith("lacks 2 columns: n, flag. Is flags meant to be flag?")


def test_the_same_column_twice_is_refused(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["n", "n"])
    assert "the column n more than once" in complaint(written(tmp_path, twice), columns={"n": "int"})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"txn_id": [1, 2, 3]}, "column txn_id holds int64 where string is promised"),
        ({"n": [1.0, 2.0, 3.0]}, "column n holds double where int is promised"),
        ({"amount": ["1,5", "2", "3"]}, "column amount holds string where float is promised"),
        ({"flag": [1, 0, 1]}, "column flag holds int64 where bool is promised"),
        ({"event_ts": pa.array([NOON] * 3, pa.timestamp("us"))}, "timestamps with no time zone"),
        ({"event_ts": pa.array([NOON] * 3, pa.timestamp("us", "Europe/Paris"))}, "the time zone Europe/Paris"),
        ({"event_ts": pa.array([date(2024, 3, 1)] * 3)}, "column event_ts holds date32"),
        ({"event_ts": pa.array([2**62] * 3, pa.timestamp("us", "UTC"))}, "were milliseconds read as seconds?"),
        ({"amount": [1.0, float("inf"), 2.0]}, "1 cell of column amount is infinite"),
        ({"n": [1, None, 3]}, "1 cell of column n is empty"),
        ({"txn_id": pa.nulls(3)}, "3 cells of column txn_id are empty"),
        ({"n": pa.array([1, 2, 2**64 - 1], pa.uint64())}, "column n cannot be read as int64"),
    ],
)
def test_a_column_that_breaks_the_contract_is_named_with_the_remedy(
    tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    assert words in complaint(written(tmp_path, good(**changed)))


def test_nan_counts_as_empty(tmp_path: Path) -> None:
    produced = written(tmp_path, good(amount=[1.0, float("nan"), None]))
    assert table(produced, "sales.parquet", columns={"amount": "float?"}).amount.isna().sum() == 2
    assert "2 cells of column amount are empty" in complaint(produced, columns={"amount": "float"})


def test_repeated_and_blank_keys_are_counted(tmp_path: Path) -> None:
    assert "1 row repeats a txn_id" in complaint(written(tmp_path, good(txn_id=["a", "a", "b"])), key="txn_id")
    assert "2 rows without a txn_id" in complaint(written(tmp_path, good(txn_id=["", "", "b"])), key="txn_id")
    both = written(tmp_path, good(txn_id=["a", "a", "b"], n=[1, 1, 2]))
    assert "repeats a txn_id and n" in complaint(both, key=("txn_id", "n"))


def test_no_row_at_all_is_a_sentence_unless_it_is_allowed(tmp_path: Path) -> None:
    produced = written(tmp_path, good().slice(0, 0))
    assert "not a single row" in complaint(produced)
    assert len(table(produced, "sales.parquet", columns=COLUMNS, may_be_empty=True)) == 0


def test_bytes_that_are_not_utf8_in_a_text_column_are_damage(tmp_path: Path) -> None:
    texts = pa.array([b"\xff\xfe", b"ok", b"fine"]).view(pa.string())
    assert "damaged" in complaint(written(tmp_path, good(txn_id=texts)))


def test_an_instant_is_the_same_in_whatever_unit_it_is_stored(tmp_path: Path) -> None:
    frame = pd.DataFrame({"txn_id": ["a"], "event_ts": [pd.Timestamp(NOON)], "amount": [1.0], "n": [1], "flag": [True]})
    for unit in ("s", "ms", "us", "ns"):
        times = frame.event_ts.astype(f"datetime64[{unit}, UTC]")
        frame.assign(event_ts=times).to_parquet(tmp_path / f"{unit}.parquet")
        assert table(Produced(tmp_path), f"{unit}.parquet", columns=COLUMNS).event_ts[0] == pd.Timestamp(NOON)
