"""What till lines mean: packs, voids, returns, training, midnight, another clock."""

import pandas as pd

from pipeline.sales import count_pieces, trading_day

PACKS = pd.DataFrame(
    {"sku": ["a_1", "a_1"], "pieces": [6, 4], "valid_from": ["2022-01-01", "2024-02-01"]},
)
RENAMED = pd.DataFrame({"old_code": ["a_1x"], "sku": ["a_1"], "since": ["2024-01-10"]})
PRICES = pd.Series({"a_1": 2.0})


def line(number: int, moment: str = "2024-01-05 12:00:00", **other: object) -> dict[str, object]:
    plain = {"store": "s_1", "receipt": str(number), "line": 1, "till": 1, "moment": moment, "kind": "sale"}
    return {**plain, "article": "a_1", "unit": "ea", "qty": 1, "amount_raw": "2.00", **other}


def pieces(*lines: dict[str, object]) -> dict[str, int]:
    counted = count_pieces(pd.DataFrame(list(lines)), PACKS, RENAMED, PRICES)
    return {f"{day:%Y-%m-%d}": int(sold) for day, sold in zip(counted["date"], counted["sold"], strict=True)}


def test_packs_are_opened_with_the_size_of_their_day_and_by_what_was_paid() -> None:
    found = pieces(
        line(1, unit="pk", amount_raw="12,00"),
        line(2, "2024-02-03 12:00:00", unit="pk", amount_raw="8.00"),
        line(3, "2024-02-04 12:00:00", unit="pk", qty=4, amount_raw="8.00"),
    )
    assert found == {"2024-01-05": 6, "2024-02-03": 4, "2024-02-04": 4}


def test_only_sales_count_and_each_once() -> None:
    void = line(1, kind="void", line=3)
    again = line(1)
    found = pieces(
        line(1), line(1, line=2), void, again, line(2, kind="return"), line(3, till=99), line(4, article=" A_1X")
    )
    assert found == {"2024-01-05": 2}


def test_a_trading_day_begins_at_two_on_the_clock_of_the_shop() -> None:
    moments = pd.Series(["2024-01-06 01:59:00", "2024-01-06 02:00:00", "2024-01-06T09:59:00Z", "2024-07-06T08:59:00Z"])
    assert trading_day(moments).dt.strftime("%m-%d").tolist() == ["01-05", "01-06", "01-05", "07-05"]
