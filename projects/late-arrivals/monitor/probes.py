"""Other weeks that a monitor may live through, made from truth; and the weeks ahead, for both models."""

from pathlib import Path

from grading.kit import Produced, Truth, lay_out_features

KEPT = ["flight_id", "carrier", "flight", "tailnum", "dest", "sched_dep_ts", "sched_arr_ts", "dep_delay_min"]
AFTER_LANDING = ["arr_delay_min", "air_time_min"]


def quiet(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """Days of the weeks to learn from, drawn again, and no change."""
    return _write_stream("quiet", truth, prepared)


def seconds(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The same days; from some week on the delays of one carrier arrive in seconds."""
    return _write_stream("seconds", truth, prepared)


def population(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The same days; from some week on a large carrier flies a quarter of its flights, each as late as it was."""
    return _write_stream("population", truth, prepared)


def served(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The flights of the weeks ahead as the learner's own features describe them, for the model that was served."""
    return _write_ahead(produced, truth, prepared)


def retrained(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The same rows for the model that is handed over."""
    return _write_ahead(produced, truth, prepared)


def _write_stream(name: str, truth: Truth, prepared: Path) -> dict[str, str]:
    """Its flights as clean would have left them, without the arrivals of the weeks ahead; and the weather."""
    flights = truth.table(f"stream_{name}")
    landed = {column: flights[column].mask(flights.hidden) for column in AFTER_LANDING}
    flights[[*KEPT, *AFTER_LANDING, "distance_mi"]].assign(**landed).to_parquet(
        prepared / "flights.parquet", index=False
    )
    truth.table("stream_weather").to_parquet(prepared / "weather.parquet", index=False)
    return {}


def _write_ahead(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """In the learner's own columns and types, without an answer."""
    ahead = truth.table("stream_concept", ["flight_id", "hidden"])
    asked = ahead.flight_id[ahead.hidden]
    lay_out_features(produced, prepared, columns={"flight_id": "string"}, rows=lambda own: own.flight_id.isin(asked))
    return {}
