"""Ingest: every line is loaded or rejected, every page is read."""

import gzip
from pathlib import Path
from unittest.mock import patch

import pytest

from pipeline import disputes_api
from pipeline.dictionary import Dictionary
from pipeline.ingest import load_merchants, load_transactions

OLD = """{
    "txn_id": "t_1", "type": "sale", "ts": "2024-01-01 10:00:00", "received_at": "2024-01-01T10:00:05Z",
    "amount": "12,50", "currency": "EUR", "customer": "C_1 ", "merchant": "m_1", "gateway": "gw", "channel": "web",
    "device_age_days": -999, "state": "captured", "settlement": "settled"}""".replace("\n", "")
NEW = """{
    "schema": 2, "id": "t_2", "kind": "sale", "event_time_ms": 1704103200000, "received_at": "2024-01-01T10:00:05Z",
    "amount_minor": 1250, "currency": "EUR", "customer_id": "c_1", "merchant_id": "m_1", "gateway": "gw",
    "channel": "web", "device": {"age_days": null}, "state": "captured", "settlement": "settled"}""".replace("\n", "")


def test_both_schemas_are_loaded_and_what_is_neither_is_rejected_with_a_reason(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    lines = [
        OLD,
        "<html>502</html>",
        NEW,
        '{"schema": 3}',
        "[1]",
        OLD[:40],
    ]
    (tmp_path / "transactions_2024-01.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    rows, rejects, files = load_transactions(tmp_path, dictionary)
    assert [row[3] for row in rows] == ["t_1", "t_2"]
    assert [reject["line"] for reject in rejects] == [2, 4, 5, 6]
    assert all(reject["reason"] and reject["raw"] for reject in rejects)
    assert (files[0]["lines"], files[0]["loaded"], files[0]["rejected"]) == (6, 2, 4)


@pytest.mark.parametrize("separator", [";", "|"])
def test_the_separator_of_the_back_office_is_found(tmp_path: Path, separator: str, dictionary: Dictionary) -> None:
    path = tmp_path / "merchants.csv"
    header = separator.join(["merchant_id", "name", "category", "country", "gateway"])
    row = separator.join(["m_1", f'"Müller{separator} Söhne"', "travel", "DE", "gw"])
    path.write_bytes(f"{header}\n{row}\n".encode("cp1252"))
    assert load_merchants(path, dictionary.columns["merchants"]) == [
        ("m_1", f"Müller{separator} Söhne", "travel", "DE", "gw")
    ]


def test_overlapping_pages_give_each_dispute_once() -> None:
    pages = {
        "0": {"items": [{"dispute_id": "d_1"}, {"dispute_id": "d_2"}], "next_cursor": "1"},
        "1": {"items": [{"dispute_id": "d_2"}, {"dispute_id": "d_3"}], "next_cursor": None},
    }
    with patch.object(disputes_api, "_get", lambda url: pages[url.rpartition("=")[2]]):
        assert [item["dispute_id"] for item in disputes_api.fetch_disputes("http://x", "dispute_id")] == [
            "d_1",
            "d_2",
            "d_3",
        ]


def test_a_cursor_that_comes_back_is_an_error_and_not_a_loop() -> None:
    with (
        patch.object(disputes_api, "_get", lambda url: {"items": [], "next_cursor": "0"}),
        pytest.raises(RuntimeError, match="twice"),
    ):
        disputes_api.fetch_disputes("http://x", "dispute_id")
