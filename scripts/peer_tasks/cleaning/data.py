"""Sales as a shop would send them, and as they were: the cleaning task that graders are compared on."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from worlds.seeds import Seed

SALES = 20_000


def generate(seed: Seed, domain: Mapping[str, object], raw: Path, truth: Path) -> dict[str, str]:
    random = np.random.default_rng([seed.mechanism, seed.draw])
    sales = pd.DataFrame(
        {
            "sale": [f"s{number:06d}" for number in range(SALES)],
            "shop": random.choice([f"shop{number}" for number in range(40)], SALES),
            "at": pd.Timestamp("2024-03-01", tz="UTC") + pd.to_timedelta(random.integers(0, 2_600_000, SALES), "s"),
            "euros": random.integers(100, 90_000, SALES) / 100,
            "age": np.where(random.random(SALES) < 0.1, np.nan, random.integers(0, 900, SALES)),
        }
    )
    sales.to_parquet(truth / "rows.parquet", index=False)
    sent = sales.copy()
    sent["euros"] = sent.euros.where(sent["shop"] != "shop7", sent.euros * 100).round(2)
    sent["at"] = sent["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").where(sent.index % 3 > 0, _day_first(sent["at"]))
    sent["age"] = sent["age"].fillna(9999).astype(int)
    twice = pd.concat([sent, sent.sample(1_000, random_state=seed.draw)])
    twice.sample(frac=1, random_state=seed.draw).to_csv(raw / "sales.csv", index=False)
    return {}


def _day_first(times: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    return times.dt.strftime("%d.%m.%Y %H:%M:%S")
