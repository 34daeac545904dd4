"""Sales of which some come back, and how likely each was to: the modelling task that graders are compared on."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from worlds.seeds import Seed

SALES, HELD_OUT = 20_000, 5_000


def generate(seed: Seed, domain: Mapping[str, object], raw: Path, truth: Path) -> dict[str, str]:
    random = np.random.default_rng([seed.mechanism, seed.draw])
    rows = SALES + HELD_OUT
    channel = random.choice(["shop", "web", "phone", "app"], rows)
    sales = pd.DataFrame(
        {
            "sale": [f"s{number:06d}" for number in range(rows)],
            "channel": channel,
            "country": random.choice([f"c{number:02d}" for number in range(25)], rows),
            "euros": random.lognormal(4, 1, rows).round(2),
            **{f"x{number}": random.normal(size=rows).round(4) for number in range(6)},
        }
    )
    log_odds = -2 + 1.2 * (channel == "web") + 0.6 * np.log(sales["euros"] / 50) + 0.9 * sales["x0"] - 0.7 * sales["x3"]
    chance = 1 / (1 + np.exp(-log_odds))
    returned = (random.random(rows) < chance).astype(int)
    sales[:SALES].assign(returned=returned[:SALES]).to_csv(raw / "train.csv", index=False)
    sales[SALES:].to_csv(raw / "score.csv", index=False)
    known = pd.DataFrame({"sale": sales["sale"], "chance": chance, "returned": returned})
    known[SALES:].to_parquet(truth / "rows.parquet", index=False)
    return {}
