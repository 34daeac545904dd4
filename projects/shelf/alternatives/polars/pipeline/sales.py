"""Turns till lines into pieces sold per store, article and trading day, with polars; tables come and go as pandas'."""

import pandas as pd
import polars as pl

ZONE = "America/Vancouver"
DAY_BEGINS = pl.duration(hours=2)
TRAINING_TILL = 99
KEY = ["store", "sku", "date"]
# Promotions take at most 40 % off; a pack that is paid with less than that was no pack.
LEAST_SHARE_OF_PRICE = 0.55


def _to_polars(frame: pd.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({name: frame[name].to_list() for name in frame.columns})


def _tidy(column: str, renamed: pd.DataFrame) -> pl.Expr:
    today = dict(zip(renamed["old_code"], renamed["sku"], strict=True))
    return pl.col(column).str.strip_chars().str.to_lowercase().replace(today)


def _day(column: str) -> pl.Expr:
    """The day that a sale counts for: shops that close at two still belong to the evening before."""
    utc = pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False).dt.replace_time_zone("UTC")
    clock = utc.dt.convert_time_zone(ZONE).dt.replace_time_zone(None)
    local = pl.col(column).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    return (pl.coalesce(local, clock) - DAY_BEGINS).dt.date()


def tidy_code(codes: pd.Series, renamed: pd.DataFrame) -> pd.Series:
    """Article codes without case and spaces, old ones replaced by those of today."""
    tidy = pl.DataFrame({"code": codes.to_list()}).select(_tidy("code", renamed))
    return pd.Series(tidy["code"].to_list(), index=codes.index)


def trading_day(moments: pd.Series) -> pd.Series:
    days = pl.DataFrame({"moment": moments.to_list()}).select(_day("moment"))
    return pd.to_datetime(pd.Series(days["moment"].to_list(), index=moments.index))


def count_pieces(lines: pd.DataFrame, packs: pd.DataFrame, renamed: pd.DataFrame, prices: pd.Series) -> pd.DataFrame:
    """store, sku, date, sold: pieces that customers took home, as far as tills tell."""
    sizes = _to_polars(packs).with_columns(pl.col("valid_from").str.to_date()).sort("valid_from")
    price = pl.DataFrame({"sku": prices.index.to_list(), "price": prices.to_list()})
    sold = (
        _to_polars(lines)
        .filter((pl.col("till") != TRAINING_TILL) & pl.col("kind").is_in(["sale", "void"]))
        .unique(["store", "receipt", "line"], keep="first", maintain_order=True)
        .with_columns(sku=_tidy("article", renamed), date=_day("moment"))
        .sort("date")
        .join_asof(sizes, left_on="date", right_on="valid_from", by="sku", check_sortedness=False)
        .join(price, on="sku", how="left")
        .with_columns(size=pl.when(pl.col("unit") == "pk").then(pl.col("pieces")).otherwise(1))
        .with_columns(paid=pl.col("amount_raw").str.replace(",", ".", literal=True).cast(pl.Float64))
        .with_columns(usual=LEAST_SHARE_OF_PRICE * pl.col("qty") * pl.col("size") * pl.col("price"))
        .with_columns(
            pieces=pl.col("qty") * pl.when(pl.col("paid") < pl.col("usual")).then(1).otherwise(pl.col("size"))
        )
        .with_columns(signed=pl.when(pl.col("kind") == "sale").then(pl.col("pieces")).otherwise(-pl.col("pieces")))
        .group_by(KEY, maintain_order=True)
        .agg(sold=pl.col("signed").sum())
    )
    return pd.DataFrame({name: sold[name].to_list() for name in sold.columns}).astype({"date": "datetime64[s]"})
