"""Turns till lines into pieces sold per store, article and trading day."""

import pandas as pd

ZONE = "America/Vancouver"
DAY_BEGINS_H = 2
TRAINING_TILL = 99
KEY = ["store", "sku", "date"]
# Promotions take at most 40 % off; a pack that is paid with less than that was no pack.
LEAST_SHARE_OF_PRICE = 0.55


def tidy_code(codes: pd.Series, renamed: pd.DataFrame) -> pd.Series:
    """Article codes without case and spaces, old ones replaced by those of today."""
    tidy = codes.str.strip().str.lower()
    return tidy.map(dict(zip(renamed["old_code"], renamed["sku"], strict=True))).fillna(tidy)


def trading_day(moments: pd.Series) -> pd.Series:
    """The day that a sale counts for: shops that close at two still belong to the evening before."""
    utc = moments.str.endswith("Z")
    local = pd.to_datetime(moments.where(~utc), format="%Y-%m-%d %H:%M:%S")
    aware = pd.to_datetime(moments.where(utc), format="%Y-%m-%dT%H:%M:%SZ", utc=True)
    clock = local.fillna(aware.dt.tz_convert(ZONE).dt.tz_localize(None))
    return (clock - pd.Timedelta(hours=DAY_BEGINS_H)).dt.normalize()


def count_pieces(lines: pd.DataFrame, packs: pd.DataFrame, renamed: pd.DataFrame, prices: pd.Series) -> pd.DataFrame:
    """store, sku, date, sold: pieces that customers took home, as far as tills tell."""
    lines = lines[(lines["till"] != TRAINING_TILL) & lines["kind"].isin(["sale", "void"])]
    lines = lines.drop_duplicates(["store", "receipt", "line"])
    lines = lines.assign(sku=tidy_code(lines["article"], renamed), date=trading_day(lines["moment"]))
    lines = lines.assign(pieces=_pieces(lines, packs, prices))
    signed = lines["pieces"].where(lines["kind"] == "sale", -lines["pieces"])
    return lines.assign(sold=signed).groupby(KEY, as_index=False)["sold"].sum()


def _pieces(lines: pd.DataFrame, packs: pd.DataFrame, prices: pd.Series) -> pd.Series:
    in_pack = _pack_sizes(lines, packs)
    amount = lines["amount_raw"].str.replace(",", ".", regex=False).astype("float64")
    usual = lines["qty"] * in_pack * lines["sku"].map(prices)
    counted_in_pieces = amount < LEAST_SHARE_OF_PRICE * usual
    return lines["qty"] * in_pack.mask(counted_in_pieces, 1)


def _pack_sizes(lines: pd.DataFrame, packs: pd.DataFrame) -> pd.Series:
    """How many pieces each line's unit stood for on its day; one where pieces were sold."""
    packs = packs.assign(valid_from=pd.to_datetime(packs["valid_from"])).sort_values("valid_from")
    in_packs = lines.loc[lines["unit"] == "pk", ["sku", "date"]].sort_values("date")
    held = pd.merge_asof(in_packs, packs, left_on="date", right_on="valid_from", by="sku")
    sizes = pd.Series(held["pieces"].to_numpy(), index=in_packs.index)
    return sizes.reindex(lines.index).fillna(1).astype("int64")
