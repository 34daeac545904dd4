"""Other weeks that a monitor may live through, made from truth: quiet ones, a wrong unit, other pumps."""

from pathlib import Path

from grading.kit import Produced, Truth, lay_out_features

TABLES = ("readings", "stops", "alarms", "pumps")


def quiet(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The same weeks without any change."""
    return _write_stream(truth, prepared)


def unit(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """From some week on one station's devices send a channel in another unit."""
    return _write_stream(truth, prepared, unit=("readings",))


def population(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """From some week on a third of the pumps is new; what wears a pump is what it was."""
    return _write_stream(truth, prepared, population=TABLES)


def retrained(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """All rows of the stream as the learner's own features describe them, without an answer."""
    lay_out_features(produced, prepared, columns={"row_id": "string"})
    return {}


def _write_stream(truth: Truth, prepared: Path, **changed: tuple[str, ...]) -> dict[str, str]:
    """Its tables as clean would have made them; those that are `changed` are those of the stream of that name."""
    names = {"pumps": "pumps", **{name: f"stream_quiet_{name}" for name in TABLES if name != "pumps"}}
    names |= {name: f"stream_{stream}_{name}" for stream, tables in changed.items() for name in tables}
    for name, kept in names.items():
        truth.table(kept).to_parquet(prepared / f"{name}.parquet", index=False)
    return {}
