"""Cleaning: what is broken is repaired and written down, the rest is not touched."""

import numpy as np
import pandas as pd
import pytest

from pipeline.amounts import euros, published_rates
from pipeline.change_log import ChangeLog
from pipeline.clean import clean_customers, clean_labels, clean_merchants, clean_transactions
from pipeline.dictionary import Dictionary
from pipeline.moments import parse_moments, set_clocks_right
from pipeline.texts import closest, readable, undo_double_encoding


def messages(**columns: list) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    plain = {"txn_id": [f"t_{i}" for i in range(n)], "schema": [1] * n, "currency": ["EUR"] * n}
    return pd.DataFrame(plain | {"gateway": ["gw"] * n, "merchant_id": ["m_1"] * n} | columns)


def rates(*values: float, start: str = "2024-01-01") -> pd.DataFrame:
    days = pd.bdate_range(start, periods=len(values)).strftime("%Y-%m-%d")
    return pd.DataFrame({"date": days, "currency": "GBP", "eur_per_unit": values})


def test_a_bare_time_is_read_on_the_merchants_wall_clock(dictionary: Dictionary) -> None:
    sales = messages(ts_raw=["2024-01-15 12:00:00", "2024-07-15 12:00:00", "2024-07-15T12:00:00+02:00"])
    log = ChangeLog()
    moments = parse_moments(sales, pd.Series(["US", "DE", "DE"]), dictionary.zones, log)
    assert moments.dt.strftime("%d %H:%M").tolist() == ["15 17:00", "15 10:00", "15 10:00"]
    assert log.frame()["record_id"].tolist() == ["t_0", "t_1"]


def test_a_rate_published_the_wrong_way_round_is_turned() -> None:
    log = ChangeLog()
    fixed = published_rates(rates(1.17, 1.16, 1 / 1.17, 1.18, 1.17), log)
    assert fixed.loc["2024-01-03", "GBP"] == pytest.approx(1.17)
    assert log.frame()["record_id"].tolist() == ["GBP:2024-01-03"]


def test_a_weekend_has_the_rate_of_the_friday_before_and_not_of_the_monday_after() -> None:
    fixed = published_rates(rates(1.10, 1.20, start="2024-01-05"), ChangeLog())
    assert fixed.loc["2024-01-07", "GBP"] == 1.10


def test_commas_minor_units_and_lost_amounts_become_euros(dictionary: Dictionary) -> None:
    days = pd.date_range("2024-01-01", periods=40, freq="D", tz="UTC").as_unit("us")
    written = ["12,50"] * 20 + ["1250.00"] * 10 + ["12.50"] * 9 + ["9999999.99"]
    sales = messages(amount_raw=written, event_ts=list(days))
    amounts = euros(sales, published_rates(rates(1.2, 1.2), ChangeLog()), dictionary, ChangeLog())
    assert amounts[:39].tolist() == [12.5] * 39
    assert np.isnan(amounts[39])


def test_one_dear_sale_is_not_an_incident(dictionary: Dictionary) -> None:
    days = pd.date_range("2024-01-01", periods=10, freq="D", tz="UTC").as_unit("us")
    written = ["10.00"] * 9 + ["5000.00"]
    sales = messages(amount_raw=written, event_ts=list(days))
    assert euros(sales, published_rates(rates(1.2), ChangeLog()), dictionary, ChangeLog())[9] == 5000


@pytest.mark.parametrize("typed", ["Travel", " TRAVEL ", "travl", "travvel", "tarvel"])
def test_a_slip_of_the_keyboard_finds_its_category(typed: str) -> None:
    assert closest(typed, ("fashion", "travel")) == "travel"


def test_a_word_that_is_near_nothing_stays() -> None:
    assert closest("insurance", ("fashion", "travel")) == "insurance"


def test_double_encoding_is_undone_and_a_right_name_stays() -> None:
    assert undo_double_encoding("CafÃ© Noir") == "Café Noir"
    assert undo_double_encoding("Müller") == "Müller"


def test_a_name_from_a_web_form_is_read_as_it_was_meant() -> None:
    assert readable("M&#252;ller &amp; Co") == readable("MÃ¼ller & Co") == "Müller & Co"


def test_a_clock_that_stood_wrong_is_set_by_the_time_at_which_we_received_the_message() -> None:
    sales = messages(received_at=["2024-05-01T12:00:09Z"] * 3)
    written = pd.to_datetime(["2024-05-01T12:00:00Z", "2024-05-01T10:45:00Z", "2024-05-01T14:30:00Z"])
    log = ChangeLog()
    right = set_clocks_right(sales.assign(event_ts=written), log)
    assert right.dt.strftime("%H:%M:%S").tolist() == ["12:00:00"] * 3
    assert log.frame()["record_id"].tolist() == ["t_1", "t_2"]


def test_a_retried_sale_is_one_sale_in_the_merchants_currency(dictionary: Dictionary) -> None:
    plain = {"type": "sale", "customer_id": "c_1", "channel": "web", "device_age_days": 3.0, "settlement": "settled"}
    sales = messages(
        ts_raw=["2024-01-02T10:00:00Z"] * 2,
        amount_raw=["10.00"] * 2,
        received_at=["2024-01-02T10:00:30Z", "2024-01-02T10:00:04Z"],
    ).assign(source_file="one", line_no=[1, 2], **plain)
    merchants = pd.DataFrame({"merchant_id": ["m_1"], "country": ["US"]})
    dollars = published_rates(rates(0.9, 0.8).assign(currency="USD"), ChangeLog())
    cleaned = clean_transactions(sales, merchants, dollars, dictionary, ChangeLog())
    assert cleaned[["txn_id", "currency", "amount_eur"]].to_numpy().tolist() == [["t_1", "USD", 8.0]]


def test_the_date_format_follows_the_source_system(dictionary: Dictionary) -> None:
    customers = pd.DataFrame(
        {
            "customer_id": ["c_1", "c_2", "c_3"],
            "country": "DE",
            "signup_date": ["2023-04-05", "04/05/2023", "05.04.23"],
            "source_system": ["crm", "web", "legacy"],
            "birth_year": [1980, 0, 9999],
            "lifetime_disputes": 0,
        }
    )
    fixed = clean_customers(customers, dictionary, ChangeLog())
    assert fixed["signup_date"].dt.strftime("%Y-%m-%d").tolist() == ["2023-04-05"] * 3
    assert fixed["birth_year"].isna().tolist() == [False, True, True]


def test_a_merchant_keyed_in_twice_is_one_row(dictionary: Dictionary) -> None:
    twice = pd.DataFrame({"merchant_id": ["m_1", "M_1"], "name": "Müller", "category": "travel", "country": "DE"})
    assert len(clean_merchants(twice, dictionary, ChangeLog())) == 1


def test_withdrawn_disputes_are_no_labels() -> None:
    disputes = pd.DataFrame(
        {
            "dispute_id": ["d_1", "d_2"],
            "txn_id": ["t_1", "t_2"],
            "disputed_at": "2024-01-05T00:00:00Z",
            "status": ["won", "withdrawn"],
        }
    )
    assert clean_labels(disputes, ChangeLog())["txn_id"].tolist() == ["t_1"]
