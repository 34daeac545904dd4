from pathlib import Path

import pandas as pd


def main(raw: Path, out: Path) -> None:
    sales = pd.read_csv(raw / "sales.csv").drop_duplicates("sale").sort_values("sale", ignore_index=True)
    iso = pd.to_datetime(sales["at"], format="%Y-%m-%dT%H:%M:%SZ", utc=True, errors="coerce")
    day_first = pd.to_datetime(sales["at"], format="%d.%m.%Y %H:%M:%S", utc=True, errors="coerce")
    sales["at"] = iso.fillna(day_first)
    typical = sales.groupby("shop")["euros"].transform("median")
    sales["euros"] = sales["euros"].where(typical < 10 * typical.median(), sales["euros"] / 100).round(2)
    sales["age"] = sales["age"].where(sales["age"] != 9999).astype(float)
    sales.to_parquet(out / "rows.parquet", index=False)
