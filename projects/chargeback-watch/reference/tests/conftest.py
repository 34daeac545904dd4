"""A small business for all tests, as its data dictionary describes it."""

import pytest

from pipeline.dictionary import Dictionary, make_dictionary


@pytest.fixture(scope="session")
def dictionary() -> Dictionary:
    columns = {
        "merchants": ("merchant_id", "name", "category", "country", "gateway"),
        "customers": ("customer_id", "country", "signup_date", "source_system", "birth_year", "lifetime_disputes"),
        "contracts": ("merchant_id", "fee_bps", "valid_from", "valid_to"),
        "rates": ("date", "currency", "eur_per_unit"),
        "disputes": ("dispute_id", "txn_id", "disputed_at", "status"),
    }
    same = ("txn_id", "received_at", "currency", "gateway", "channel", "state", "settlement")
    old = {name: name for name in same} | {"type": "type", "ts_raw": "ts", "amount_raw": "amount"}
    new = old | {"txn_id": "id", "type": "kind", "ts_raw": "event_time_ms", "amount_raw": "amount_minor"}
    return make_dictionary(
        {
            "countries": {
                "DE": {"zone": "Europe/Berlin", "currency": "EUR"},
                "FR": {"zone": "Europe/Paris", "currency": "EUR"},
                "US": {"zone": "America/New_York", "currency": "USD"},
            },
            "categories": ["gaming", "pharmacy", "travel"],
            "channels": ["app", "web"],
            "home_currency": "EUR",
            "types": {"sale": "sale", "refund": "refund"},
            "monitoring_customer": "c_000000",
            "field_maximum": 9_999_999.99,
            "birth_years": [1935, 2006],
            "date_formats": {"crm": "%Y-%m-%d", "web": "%m/%d/%Y", "legacy": "%d.%m.%y"},
            "maturity_days": 35,
            "messages": {
                "1": old | {"customer_id": "customer", "merchant_id": "merchant", "device_age_days": "device_age_days"},
                "2": new
                | {"customer_id": "customer_id", "merchant_id": "merchant_id", "device_age_days": "device.age_days"},
            },
            **{table: {name: name for name in names} for table, names in columns.items()},
        }
    )
