"""Reading a table that a stranger wrote: Parquet only, its promises looked at before its rows.

Nothing here raises anything but DoesNotHold, whatever the bytes. Contracts are stated in logical types and not in
pandas dtypes, because the same column comes back as `object`, `str`, `datetime64[s, UTC]` or `datetime64[ms, UTC]`
from one library version to the next.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from grading.kit.checking import DoesNotHold
from grading.kit.opening import MEGABYTE, describe_bytes, open_regular
from grading.kit.printing import counted, listed, printable
from grading.kit.produced import Produced

MOST_ROWS = 1_000_000
MOST_COLUMNS = 300
MOST_UNPACKED_MB = 256
YEAR_1, YEAR_9999 = -62_135_596_800_000_000, 253_402_300_799_999_999  # microseconds from 1970

_CANONICAL: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
}
_UTC = ("UTC", "Etc/UTC", "+00:00", "Z", "GMT")
_REMEDY = {
    "string": "write text",
    "int": "write whole numbers (a column of floats, or one with gaps, is not an int column)",
    "float": "write numbers, and leave a cell empty where the number is unknown",
    "bool": "write true and false",
    "timestamp": "write timestamps with the time zone UTC",
    "date": "write dates",
}


def table(
    produced: Produced,
    name: str,
    *,
    columns: Mapping[str, str],
    key: str | Sequence[str] | None = None,
    others: bool = False,
    max_rows: int = MOST_ROWS,
    max_mb: float = 64,
    may_be_empty: bool = False,
) -> pd.DataFrame:
    """A Parquet file of the artefact as a DataFrame, or DoesNotHold with a sentence that names field and remedy.

    columns: column -> logical type: "string", "int", "float", "bool", "timestamp" (an instant, UTC, any unit) or
        "date"; with a `?` at the end nulls are allowed ("float?").
    key: column or columns that name a row: no nulls, nothing twice.
    others: also read the columns that `columns` does not name (numbers, bools and strings; anything else is refused);
        otherwise they are left out unread.
    max_rows: more rows are refused before one is read.

    Returns columns in the order of `columns` (then the others): string -> str, int -> int64 (with nulls: Int64),
    float -> float64 with NaN for null, bool -> bool, timestamp -> datetime64[us, UTC], date -> object. Infinite
    numbers are refused; NaN counts as null. The frame is the caller's own.
    """
    keys = (key,) if isinstance(key, str) else tuple(key or ())
    wanted = tuple(columns.items())
    with open_regular(produced, name, max_mb):
        pass  # what is missing or refused is said here, where the artefact is at hand; what is read below is kept
    frame = _read(produced.folder, name, wanted, keys, others, max_rows, max_mb, may_be_empty)
    return frame.copy(deep=False)


@lru_cache(maxsize=32)
def _read(
    folder: Path,
    name: str,
    wanted: tuple[tuple[str, str], ...],
    keys: tuple[str, ...],
    others: bool,
    max_rows: int,
    max_mb: float,
    may_be_empty: bool,
) -> pd.DataFrame:
    arrow = _arrow(folder, name, dict(wanted), others, max_rows, max_mb)
    if arrow.num_rows == 0 and not may_be_empty:
        raise DoesNotHold(f"{name} has its columns but not a single row: whatever filled it let nothing through.")
    columns = [_canonical(name, column, arrow.column(column), kind) for column, kind in wanted]
    names = [column for column, _ in wanted]
    for column in arrow.column_names:
        if column not in names:
            names.append(column)
            columns.append(_free(name, column, arrow.column(column)))
    frame = _frame(name, pa.table(columns, names=names))
    _distinct(name, frame, keys)
    return frame


def _arrow(folder: Path, name: str, wanted: Mapping[str, str], others: bool, max_rows: int, max_mb: float) -> pa.Table:
    with open_regular(Produced(folder), name, max_mb) as file:
        start, end = file.read(4096), _tail(file)
        if not start.startswith(b"PAR1"):
            raise DoesNotHold(
                f"{name} is not a Parquet file: it is {describe_bytes(start)}. Write it with to_parquet; the name "
                f"alone does not make the format."
            )
        if end != b"PAR1":
            raise DoesNotHold(
                f"{name} begins as a Parquet file but is cut off: the writer was never closed, or the process "
                f"ended while it wrote."
            )
        try:
            file.seek(0)
            source = pq.ParquetFile(
                file,
                memory_map=False,
                thrift_string_size_limit=MEGABYTE,
                thrift_container_size_limit=200_000,
            )
            _promises(name, source, max_rows)
            chosen = _choose(name, source.schema_arrow, wanted, others)
            return _rows(name, source, chosen, max_rows)
        except DoesNotHold:
            raise
        except MemoryError:
            raise DoesNotHold(
                f"{name} holds far more than its size says: one long text in every row. Leave such a column out."
            ) from None
        except Exception as error:
            why = printable(error, 160)
            raise DoesNotHold(f"{name} is a damaged Parquet file ({why}). Write it again.") from None


def _tail(file: object) -> bytes:
    size: int = file.seek(0, 2)  # type: ignore[attr-defined]
    file.seek(max(0, size - 4))  # type: ignore[attr-defined]
    end: bytes = file.read(4)  # type: ignore[attr-defined]
    return end


def _promises(name: str, source: pq.ParquetFile, max_rows: int) -> None:
    """Look at what the file says about itself before one row is decoded."""
    about = source.metadata
    if about.num_rows > max_rows:
        raise DoesNotHold(
            f"{name} says that it holds {about.num_rows:,} rows; at most {max_rows:,} are read. A join that "
            f"multiplies rows, or a loop that appends its own output, does this."
        )
    if about.num_columns > MOST_COLUMNS:
        raise DoesNotHold(
            f"{name} has {about.num_columns:,} columns; at most {MOST_COLUMNS} are read. Was a table written with "
            f"rows and columns swapped, or every id one-hot encoded?"
        )
    unpacked = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    if unpacked > MOST_UNPACKED_MB * MEGABYTE:
        raise DoesNotHold(
            f"{name} unpacks to {unpacked // MEGABYTE:,} MB; at most {MOST_UNPACKED_MB} MB are read. Look for a text "
            f"column that holds whole documents."
        )


def _choose(name: str, schema: pa.Schema, wanted: Mapping[str, str], others: bool) -> list[str]:
    twice = sorted({column for column in schema.names if schema.names.count(column) > 1})
    if twice:
        raise DoesNotHold(f"{name} has the column {listed(twice)} more than once; give every column its own name.")
    missing = [column for column in wanted if column not in schema.names]
    if missing:
        raise DoesNotHold(
            f"{name} lacks {counted(len(missing), 'column')}: {listed(missing, 20)}."
            + _guess_misspelt(missing, schema),
            expected=listed(wanted, 30),
            found=listed(schema.names, 30),
        )
    for column in wanted:
        _check_type(name, column, schema.field(column).type, wanted[column].rstrip("?"))
    return [c for c in schema.names if c in wanted or (others and not c.startswith("__index_level_"))]


def _guess_misspelt(missing: Sequence[str], schema: pa.Schema) -> str:
    """A question for each missing column that another one is nearly called like."""
    near = {column: get_close_matches(column, schema.names, 1, 0.75) for column in missing}
    asked = [f"is {found[0]} meant to be {column}" for column, found in near.items() if found]
    return f" {listed(asked, 4)}?".replace(" is", " Is", 1) if asked else ""


def _check_type(name: str, column: str, found: pa.DataType, kind: str) -> None:
    plain = found.value_type if pa.types.is_dictionary(found) else found
    if pa.types.is_null(plain) or _fits(plain, kind):
        return
    if kind == "timestamp" and pa.types.is_timestamp(plain):
        zone = f"the time zone {printable(plain.tz, 40)}" if plain.tz else "no time zone"
        raise DoesNotHold(
            f"{name}: column {column} holds timestamps with {zone}; {_REMEDY[kind]}. A time without its zone can mean "
            f"several instants, and the next reader will guess.",
            expected="timestamp, UTC",
            found=found,
        )
    raise DoesNotHold(
        f"{name}: column {column} holds {printable(found, 60)} where {kind} is promised; {_REMEDY[kind]}.",
        expected=kind,
        found=found,
    )


def _fits(found: pa.DataType, kind: str) -> bool:
    types = pa.types
    if kind == "string":
        return bool(types.is_string(found) or types.is_large_string(found) or types.is_string_view(found))
    if kind == "int":
        return bool(types.is_integer(found))
    if kind == "float":
        return bool(types.is_floating(found) or types.is_integer(found))
    if kind == "bool":
        return bool(types.is_boolean(found))
    if kind == "timestamp":
        return bool(types.is_timestamp(found) and found.tz in _UTC)
    if kind == "date":
        return bool(types.is_date(found))
    raise ValueError(f"{kind} is not a logical type; use one of {', '.join(_CANONICAL)}")


def _rows(name: str, source: pq.ParquetFile, columns: list[str], max_rows: int) -> pa.Table:
    """Decode in batches and count: the file's promises may be lies."""
    batches, rows, size = [], 0, 0
    for batch in source.iter_batches(65_536, columns=columns, use_threads=False):
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > max_rows or size > MOST_UNPACKED_MB * MEGABYTE:
            raise DoesNotHold(f"{name} holds more than it says in its own header; write it again.")
        batches.append(batch)
    schema = pa.schema([source.schema_arrow.field(column) for column in columns])
    arrow = pa.Table.from_batches(batches, schema=schema) if batches else schema.empty_table()
    arrow.validate(full=True)
    return arrow


def _canonical(name: str, column: str, values: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    base, nulls_allowed = kind.rstrip("?"), kind.endswith("?")
    values = _cast(name, column, values, _CANONICAL[base])
    if base == "float":
        values = _finite(name, column, values)
    if base == "timestamp":
        _within_calendar(name, column, values)
    empty = values.null_count
    if empty and not nulls_allowed:
        raise DoesNotHold(
            f"{name}: {counted(empty, 'cell')} of column {column} {'is' if empty == 1 else 'are'} empty (null or NaN), "
            f"and every row needs one. Look for a join that found no partner, or a value that could not be parsed.",
            expected=f"{len(values):,} values",
            found=f"{len(values) - empty:,} values",
        )
    return values


def _cast(name: str, column: str, values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return values.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OverflowError) as error:
        why = printable(error, 120)
        raise DoesNotHold(f"{name}: column {column} cannot be read as {kind} ({why}).") from None


def _finite(name: str, column: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    infinite = pc.sum(pc.is_inf(values)).as_py() or 0
    if infinite:
        raise DoesNotHold(
            f"{name}: {counted(infinite, 'cell')} of column {column} {'is' if infinite == 1 else 'are'} infinite. Look "
            f"for a division by zero or the logarithm of zero; an unknown number is an empty cell."
        )
    return pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)


def _within_calendar(name: str, column: str, values: pa.ChunkedArray) -> None:
    span = pc.min_max(values.cast(pa.int64()))
    low, high = span["min"].as_py(), span["max"].as_py()
    if low is not None and (low < YEAR_1 or high > YEAR_9999):
        raise DoesNotHold(
            f"{name}: column {column} holds dates before the year 1 or after 9999: were milliseconds read as seconds?"
        )


def _free(name: str, column: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column that the contract leaves to the learner: a number, a bool, a string or an instant."""
    found = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_null(found):
        return _canonical(name, column, values, "float?")
    for kind in ("bool", "int", "float", "string", "timestamp"):
        if _fits(found, kind):
            return _canonical(name, column, values, kind + "?")
    raise DoesNotHold(
        f"{name}: column {printable(column, 60)} holds {printable(found, 60)}; further columns may be numbers, bools "
        f"or strings."
    )


def _frame(name: str, arrow: pa.Table) -> pd.DataFrame:
    gaps = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    with_gaps = {f.type for f, c in zip(arrow.schema, arrow.columns, strict=True) if c.null_count} & set(gaps)
    try:
        frame: pd.DataFrame = arrow.to_pandas(ignore_metadata=True)
        for column, values in zip(arrow.column_names, arrow.columns, strict=True):
            if values.type in with_gaps and values.null_count:
                frame[column] = pd.array(values.to_pylist(), dtype=gaps[values.type])
    except Exception as error:
        raise DoesNotHold(f"{name} cannot be read as a table ({printable(error, 160)}).") from None
    return frame


def _distinct(name: str, frame: pd.DataFrame, keys: tuple[str, ...]) -> None:
    if not keys:
        return
    blank = sum(int((frame[key] == "").sum()) for key in keys if frame[key].dtype == "str")
    if blank:
        raise DoesNotHold(f"{name}: {counted(blank, 'row')} without a {' and '.join(keys)}; a row needs its name.")
    twice = int(frame.duplicated(list(keys)).sum())
    if twice:
        verb = "repeats" if twice == 1 else "repeat"
        raise DoesNotHold(
            f"{name}: {counted(twice, 'row')} {verb} a {' and '.join(keys)} that an earlier row has. Look for a source "
            f"that delivers twice, or a join whose right side has several rows for one key.",
            expected=f"{len(frame) - twice:,} rows",
            found=f"{len(frame):,} rows",
        )
