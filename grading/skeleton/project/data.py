"""Makes one world of The Till: true sales, and the file that a day's tills send, in which some come twice or spoilt."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from worlds.seeds import Seed

SALES = 300
TWICE = SALES // 12
GARBAGE = 3


def generate(seed: Seed, domain: Mapping[str, Any], raw: Path, truth: Path) -> dict[str, str]:
    """Write the till's file into `raw`, what is true into `truth`; no facts for commands to name."""
    shops: list[str] = domain["shops"]
    comma = shops[int(seed.mechanism_stream("comma").integers(len(shops)))]
    sales = draw_sales(seed, shops, domain["most_cents"])
    lines = [write_line(sale, comma) for sale in sales]
    lines += [lines[int(place)] for place in seed.draw_stream("twice").choice(SALES, TWICE, replace=False)]
    lines += [f"{domain['garbage']} {number}" for number in range(GARBAGE)]
    order = seed.draw_stream("order").permutation(len(lines))
    shuffled = [lines[place] for place in order]
    (raw / "till.txt").write_text("\n".join(shuffled) + "\n")
    (truth / "sales.json").write_text(json.dumps(sales))
    (truth / "lines.json").write_text(json.dumps(shuffled))
    return {}


def draw_sales(seed: Seed, shops: list[str], most_cents: int) -> list[dict[str, Any]]:
    """Sales in cents, so that no fraction of a cent is ever in doubt."""
    where = seed.draw_stream("shop").integers(len(shops), size=SALES)
    cents = seed.draw_stream("amount").integers(100, most_cents, size=SALES)
    return [
        {"id": f"s{number:05d}", "shop": shops[int(shop)], "cents": int(amount)}
        for number, (shop, amount) in enumerate(zip(where, cents, strict=True))
    ]


def write_line(sale: Mapping[str, Any], comma: str) -> str:
    amount = f"{sale['cents'] / 100:.2f}"
    return f"{sale['id']};{sale['shop']};{amount.replace('.', ',') if sale['shop'] == comma else amount}"
