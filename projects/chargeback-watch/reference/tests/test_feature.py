"""Features: only what was known at the moment of the sale."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from pipeline.build import build_features
from pipeline.dictionary import Dictionary
from pipeline.signals import HOUR, count_before, local_clock

AS_OF = datetime(2024, 4, 1, tzinfo=UTC)
START = datetime(2024, 1, 1, tzinfo=UTC)


def world(sales: int = 400) -> dict[str, pd.DataFrame]:
    """A small clean archive: two customers, two merchants, a fee that changes, some disputes."""
    rng = np.random.default_rng(5)
    hours = np.sort(rng.choice(120 * 24 * 60, sales, replace=False))
    moments = pd.Series([START + timedelta(minutes=int(m)) for m in hours]).dt.as_unit("us")
    ids = [f"t_{i}" for i in range(sales)]
    return {
        "transactions": pd.DataFrame(
            {
                "txn_id": ids,
                "event_ts": moments,
                "customer_id": rng.choice(["c_1", "c_2"], sales),
                "merchant_id": rng.choice(["m_1", "m_2"], sales),
                "amount_eur": rng.uniform(1, 90, sales),
                "currency": "EUR",
                "channel": "web",
                "device_age_days": rng.uniform(0, 90, sales),
                "settlement": "settled",
            }
        ),
        "merchants": pd.DataFrame({"merchant_id": ["m_1", "m_2"], "category": "travel", "country": ["DE", "US"]}),
        "customers": pd.DataFrame({"customer_id": ["c_1", "c_2"], "country": "DE", "signup_date": START}),
        "contracts": pd.DataFrame(
            {
                "merchant_id": ["m_1", "m_1", "m_2"],
                "fee_bps": [100, 200, 300],
                "valid_from": pd.to_datetime(["2020-01-01", "2024-02-01", "2020-01-01"], utc=True),
            }
        ),
        "labels": pd.DataFrame({"txn_id": ids[::9], "disputed_at": moments[::9] + timedelta(days=12)}),
    }


def test_a_sale_has_the_same_features_whatever_follows_it(dictionary: Dictionary) -> None:
    tables = world()
    today = build_features(**tables, dictionary=dictionary, as_of=AS_OF).set_index("txn_id")
    past = START + timedelta(days=60)
    tables["transactions"] = tables["transactions"][tables["transactions"]["event_ts"] < past]
    tables["labels"] = tables["labels"][tables["labels"]["disputed_at"] < past]
    then = build_features(**tables, dictionary=dictionary, as_of=past).set_index("txn_id")
    same = [column for column in then if column not in ("split", "y")]
    pd.testing.assert_frame_equal(today.loc[then.index, same], then[same])


def test_every_sale_is_one_row_and_unknown_outcomes_are_minus_one(dictionary: Dictionary) -> None:
    tables = world()
    features = build_features(**tables, dictionary=dictionary, as_of=AS_OF)
    assert sorted(features["txn_id"]) == sorted(tables["transactions"]["txn_id"])
    assert set(features.loc[features["split"] == "score", "y"]) == {-1}
    assert set(features.loc[features["split"] == "immature", "y"]) <= {-1, 1}
    assert set(features.loc[features["split"] == "train", "y"]) == {0, 1}


def test_the_fee_is_the_one_in_force(dictionary: Dictionary) -> None:
    features = build_features(**world(), dictionary=dictionary, as_of=AS_OF)
    at_first = features[features["merchant_id"] == "m_1"]
    before = at_first["event_ts"] < pd.Timestamp("2024-02-01", tz="UTC")
    assert set(at_first.loc[before, "fee_bps"]) == {100}
    assert set(at_first.loc[~before, "fee_bps"]) == {200}


def test_the_last_hour_begins_an_hour_ago_and_ends_just_before_now() -> None:
    customer = np.zeros(4, dtype="int64")
    assert count_before(customer, np.array([0, 1, HOUR, HOUR + 1]), HOUR).tolist() == [0, 1, 2, 2]


def test_the_hour_is_local_and_follows_summer_time() -> None:
    noon = [int(datetime(2024, month, 1, 12, tzinfo=UTC).timestamp()) for month in (1, 7)]
    hours, weekdays = local_clock(np.array(noon), ["Europe/Berlin"] * 2)
    assert (hours.tolist(), weekdays.tolist()) == ([13, 14], [0, 0])
