"""STORE_URL says where things are kept; a wrong one stops the start with a sentence that names the remedy."""

from pathlib import Path

import pytest

from config.environment import SettingError
from config.stores import parse_store_url

COPIES = Path("/srv/copies")


def test_a_folder_is_itself_and_a_bucket_has_a_folder_of_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_store_url("file:///srv/a%20b/store", COPIES) == (Path("/srv/a b/store"), None)
    assert parse_store_url("s3://kept", COPIES) == (
        COPIES,
        {"name": "kept", "prefix": "", "endpoint": "", "region": ""},
    )
    url = "s3://kept/mile/post/?endpoint=http://127.0.0.1:9000&region=eu-central-1"
    assert parse_store_url(url, COPIES)[1] == {
        "name": "kept",
        "prefix": "mile/post",
        "endpoint": "http://127.0.0.1:9000",
        "region": "eu-central-1",
    }
    monkeypatch.setenv("MILEPOST_STORE", "/srv/store")
    with pytest.raises(SettingError, match="has become STORE_URL"):
        parse_store_url("file:///srv/store", COPIES)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "begins with ''; say file:///path or s3://"),
        ("/srv/store", "begins with ''"),
        ("gs://bucket", "begins with 'gs'"),
        ("file://srv/store", "names no folder"),
        ("file:///", "names no folder"),
        ("s3:///prefix", "names no bucket, but ''"),
        ("s3://Not_A_Bucket/x", "names no bucket, but 'Not_A_Bucket'"),
        ("s3://key:secret@bucket/x", "put them in AWS_ACCESS_KEY_ID"),
        ("s3://bucket?address=http://host", "asks .*address"),
        ("s3://bucket?region=a&region=b", "each once"),
        ("s3://bucket?endpoint=host:9000", "endpoint that is no address"),
        ("s3://bucket?endpoint=http://host:99999", "endpoint that is no address"),
        ("s3://bucket?endpoint=http://key:secret@host", "endpoint that is no address"),
        ("s3://bucket?endpoint=", "endpoint that is no address"),
    ],
)
def test_a_wrong_one_stops_the_start(url: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence) as told:
        parse_store_url(url, COPIES)
    assert "secret" not in str(told.value)
