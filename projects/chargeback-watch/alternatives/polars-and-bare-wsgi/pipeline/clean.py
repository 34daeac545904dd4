"""Milestone 2 in polars: every repair is an expression and the mask of the rows that it mended.

python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from difflib import get_close_matches
from html import unescape
from pathlib import Path

import polars as pl
from pipeline.dictionary import Dictionary, hand_on, read_dictionary

UTC_TEXT = "%Y-%m-%dT%H:%M:%S%z"
LOG_COLUMNS = ["table", "record_id", "column", "issue", "action"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    hand_on(options.source, options.out)
    told = read_dictionary(options.source)
    read = {path.stem: pl.read_parquet(path) for path in options.source.glob("*.parquet")}
    log: list[pl.DataFrame] = []
    tables = {
        "merchants": (merchants := tidy_merchants(read["merchants"], told, log)),
        "customers": tidy_customers(read["customers"], told, log),
        "contracts": read["contracts"].with_columns(
            pl.col("valid_from", "valid_to").str.to_datetime("%Y-%m-%d", time_zone="UTC")
        ),
        "labels": standing_disputes(read["disputes"], log),
        "transactions": tidy_sales(read["transactions"], merchants, rates_by_day(read["fx"], log), told, log),
        "change_log": pl.concat(log).select(LOG_COLUMNS),
    }
    for name, table in tables.items():
        table.write_parquet(options.out / f"{name}.parquet")


def note(log: list[pl.DataFrame], table: str, ids: pl.Series, column: str, issue: str, action: str) -> None:
    rows = pl.DataFrame({"record_id": ids.unique()}, schema={"record_id": pl.String})
    said = {"table": table, "column": column, "issue": issue, "action": action}
    log.append(rows.with_columns(**{name: pl.lit(text) for name, text in said.items()}).select(LOG_COLUMNS))


def plain(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase()


def zoned(column: str) -> pl.Expr:
    """Texts that end in Z or an offset, in UTC; null where a text does not."""
    return pl.col(column).str.replace("Z$", "+0000").str.to_datetime(UTC_TEXT, strict=False, time_zone="UTC")


def tidy_merchants(raw: pl.DataFrame, told: Dictionary, log: list[pl.DataFrame]) -> pl.DataFrame:
    rows = raw.with_columns(plain("merchant_id"))
    twice = rows.filter(~pl.col("merchant_id").is_first_distinct())
    note(log, "merchants", twice["merchant_id"], "*", "twice", "dedupe")
    rows = rows.unique("merchant_id", keep="first", maintain_order=True)
    mended = rows.with_columns(
        pl.col("name").map_elements(as_meant, return_dtype=pl.String),
        pl.col("category").map_elements(lambda typed: nearest(typed, told.categories), return_dtype=pl.String),
    )
    for column in ("name", "category"):
        changed = rows.filter(rows[column] != mended[column])["merchant_id"]
        note(log, "merchants", changed, column, "wrongly written", "repair")
    return mended.select("merchant_id", "name", "category", "country")


def as_meant(name: str) -> str:
    try:
        return unescape(name.encode("cp1252").decode())
    except UnicodeError:
        return unescape(name)


def nearest(typed: str, known: tuple[str, ...]) -> str:
    return (get_close_matches(typed.strip().lower(), known, 1, 0.6) or [typed])[0]


def tidy_customers(raw: pl.DataFrame, told: Dictionary, log: list[pl.DataFrame]) -> pl.DataFrame:
    plain_systems = [system for system, pattern in told.date_formats.items() if pattern == "%Y-%m-%d"]
    foreign = raw.filter(~pl.col("source_system").is_in(plain_systems))["customer_id"]
    note(log, "customers", foreign, "signup_date", "another system's format", "repair")
    born = pl.col("birth_year").is_between(*told.birth_years)
    note(log, "customers", raw.filter(~born)["customer_id"], "birth_year", "a code", "null")
    date = pl.coalesce(
        pl.when(pl.col("source_system") == system).then(
            pl.col("signup_date").str.to_datetime(pattern, strict=False, time_zone="UTC")
        )
        for system, pattern in told.date_formats.items()
    )
    year = pl.when(born).then(pl.col("birth_year")).cast(pl.Float64)
    return raw.select(
        "customer_id", "country", year.alias("birth_year"), date.alias("signup_date"), "lifetime_disputes"
    )


def standing_disputes(raw: pl.DataFrame, log: list[pl.DataFrame]) -> pl.DataFrame:
    note(log, "disputes", raw.filter(pl.col("status") == "withdrawn")["dispute_id"], "*", "withdrawn", "drop")
    standing = raw.filter(pl.col("status") != "withdrawn").unique("txn_id")
    return standing.select("txn_id", zoned("disputed_at"))


def rates_by_day(raw: pl.DataFrame, log: list[pl.DataFrame]) -> pl.DataFrame:
    """One row per currency and calendar day: upside-down rates turned back, days without one take the last."""
    usual = pl.col("eur_per_unit").median().over("currency")
    # A currency near parity is about as far from its inverse as from itself; what was turned over jumps.
    off, off_if_turned = ((pl.col("eur_per_unit") / usual).log().abs(), (pl.col("eur_per_unit") * usual).log().abs())
    upside_down = (off > 0.1) & (off_if_turned < off)
    rows = raw.with_columns(upside_down.alias("wrong"), pl.col("date").str.to_date())
    wrong = rows.filter("wrong").select(pl.format("{}:{}", "currency", pl.col("date").dt.to_string("%Y-%m-%d")))
    note(log, "fx", wrong.to_series(), "eur_per_unit", "upside down", "repair")
    rate = pl.when("wrong").then(1 / pl.col("eur_per_unit")).otherwise("eur_per_unit")
    rows = rows.select("currency", "date", rate.alias("rate")).sort("date")
    last = pl.DataFrame({"currency": rows["currency"].unique()}).with_columns(
        date=pl.lit(rows["date"].max()).dt.offset_by("7d"), rate=pl.lit(None, pl.Float64)
    )
    days = pl.concat([rows, last]).sort("date").upsample("date", every="1d", group_by="currency")
    return days.with_columns(pl.col("currency", "rate").forward_fill())


def tidy_sales(
    raw: pl.DataFrame, merchants: pl.DataFrame, rates: pl.DataFrame, told: Dictionary, log: list[pl.DataFrame]
) -> pl.DataFrame:
    refund = pl.col("type") != told.sale
    note(log, "transactions", raw.filter(refund)["txn_id"], "*", "refund", "drop")
    odd = raw.filter(~refund & (pl.col("customer_id") != plain("customer_id")))
    note(log, "transactions", odd["txn_id"], "customer_id", "spelling", "repair")
    rows = raw.filter(~refund).with_columns(plain("txn_id"), plain("customer_id"), plain("merchant_id"))
    ping = pl.col("customer_id") == told.monitoring_customer
    note(log, "transactions", rows.filter(ping)["txn_id"], "*", "monitoring", "drop")
    rows = rows.filter(~ping).sort("received_at")
    note(log, "transactions", rows.filter(~pl.col("txn_id").is_last_distinct())["txn_id"], "*", "again", "dedupe")
    rows = rows.unique("txn_id", keep="last", maintain_order=True)
    rows = rows.join(merchants.select("merchant_id", "country"), on="merchant_id", how="left")
    own = pl.col("country").replace_strict(told.currencies)
    note(log, "transactions", rows.filter(own != pl.col("currency"))["txn_id"], "currency", "not its own", "repair")
    rows = with_times(rows.with_columns(currency=own), told, log).sort("received_at")
    again = ~pl.struct("customer_id", "merchant_id", "event_ts").is_first_distinct()
    note(log, "transactions", rows.filter(again)["txn_id"], "*", "tried again", "dedupe")
    rows = with_amounts(rows.filter(~again), rates, told, log)
    no_age = ~pl.col("device_age_days").is_between(0, 4000)
    note(log, "transactions", rows.filter(no_age)["txn_id"], "device_age_days", "a code", "null")
    return rows.sort("event_ts", "txn_id").select(
        *("txn_id", "event_ts", "customer_id", "merchant_id", "amount_eur", "currency", "channel"),
        pl.when(~no_age).then("device_age_days").alias("device_age_days"),
        "settlement",
    )


def with_times(rows: pl.DataFrame, told: Dictionary, log: list[pl.DataFrame]) -> pl.DataFrame:
    bare = (pl.col("schema") == 1) & ~pl.col("ts_raw").str.contains("T")
    note(log, "transactions", rows.filter(bare)["txn_id"], "event_ts", "no zone", "repair")
    clock = pl.col("ts_raw").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    local = pl.coalesce(
        pl.when(pl.col("country") == country).then(
            clock.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
        )
        for country, zone in told.zones.items()
    )
    milliseconds = pl.col("ts_raw").cast(pl.Int64, strict=False) * 1000
    newer = milliseconds.cast(pl.Datetime("us", "UTC"))
    moment = pl.when(pl.col("schema") == 2).then(newer).when(bare).then(local).otherwise(zoned("ts_raw"))
    rows = rows.with_columns(event_ts=moment)
    late = (zoned("received_at") - pl.col("event_ts")).dt.total_seconds()
    wrong = rows.filter(late.abs() > 420)
    note(log, "transactions", wrong["txn_id"], "event_ts", "a wrong clock", "repair")
    return rows.with_columns(event_ts=pl.col("event_ts") + pl.duration(minutes=(late / 900).round() * 15))


def with_amounts(rows: pl.DataFrame, rates: pl.DataFrame, told: Dictionary, log: list[pl.DataFrame]) -> pl.DataFrame:
    comma = pl.col("amount_raw").str.contains(",")
    note(log, "transactions", rows.filter(comma)["txn_id"], "amount_eur", "comma", "repair")
    number = pl.col("amount_raw").str.replace(",", ".").cast(pl.Float64)
    rows = rows.with_columns(
        amount=pl.when(pl.col("schema") == 2).then(number / 100).otherwise(number), date=pl.col("event_ts").dt.date()
    )
    full = pl.col("amount") >= told.field_maximum
    note(log, "transactions", rows.filter(full)["txn_id"], "amount_eur", "field full", "null")
    rows = rows.with_columns(amount=pl.when(~full).then("amount"))
    days = cents_days(rows)
    rows = rows.join(days, on="gateway", how="left")
    cents = (pl.col("schema") == 1) & pl.col("date").is_between("first", "last").fill_null(False)
    note(log, "transactions", rows.filter(cents)["txn_id"], "amount_eur", "cents", "repair")
    euros = pl.when(cents).then(pl.col("amount") / 100).otherwise("amount") * pl.col("rate").fill_null(1.0)
    return rows.join(rates, on=["currency", "date"], how="left").with_columns(amount_eur=euros)


def cents_days(rows: pl.DataFrame) -> pl.DataFrame:
    """First and last day on which a gateway's amounts stand far above what its merchants usually take."""
    size = pl.col("amount").log10()
    rows = rows.with_columns(excess=size - size.median().over("merchant_id")).filter(pl.col("schema") == 1)
    daily = rows.group_by("gateway", "date").agg(pl.col("excess").median())
    odd = daily.filter(pl.col("excess") > 1).group_by("gateway")
    found = odd.agg(first=pl.col("date").min(), last=pl.col("date").max(), days=pl.len())
    return found.filter(pl.col("days") > 7).drop("days")


if __name__ == "__main__":
    main()
