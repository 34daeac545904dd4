"""Turns STORE_URL into where trees, artefacts, packages and worlds are kept."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from config.environment import SettingError, check_own_folder

FORMS = "say file:///path or s3://bucket/prefix?endpoint=https://host&region=name"
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
OLD_NAME = "MILEPOST_STORE"
QUERIES = frozenset({"endpoint", "region"})
CREDENTIALS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def parse_store_url(url: str, copies: Path) -> tuple[Path, dict[str, str] | None]:
    """The folder on this host, and what of a bucket must be known to reach it; None where the folder is the store.

    copies: the folder, where the store is a bucket. Credentials are the library's to find, and never in the address.
    """
    if OLD_NAME in os.environ:
        raise SettingError(f"{OLD_NAME} has become STORE_URL: say STORE_URL=file:// and the same path.")
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _read_folder(parts.netloc, unquote(parts.path)), None
    if parts.scheme == "s3":
        return copies, _read_bucket(url)
    raise SettingError(f"STORE_URL begins with {parts.scheme!r}; {FORMS}.")


def _read_folder(host: str, path: str) -> Path:
    if host or not path.startswith("/") or path == "/":
        raise SettingError(f"STORE_URL names no folder: after file:// comes its whole path from / on; {FORMS}.")
    return check_own_folder("STORE_URL", Path(path).resolve())


def _read_bucket(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise SettingError(f"STORE_URL holds credentials; put them in {CREDENTIALS}.")
    if not BUCKET.fullmatch(parts.netloc):
        raise SettingError(f"STORE_URL names no bucket, but {parts.netloc!r}; {FORMS}.")
    asked = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(asked)
    if given.keys() - QUERIES or len(given) < len(asked):
        names = ", ".join(name for name, _ in asked)
        raise SettingError(f"STORE_URL asks {names}; it can have endpoint and region, each once.")
    endpoint = given.get("endpoint", "")
    if "endpoint" in given and not _is_address(endpoint):
        raise SettingError("STORE_URL has an endpoint that is no address; say http:// or https:// and a host.")
    prefix = unquote(parts.path).strip("/")
    return {"name": parts.netloc, "prefix": prefix, "endpoint": endpoint, "region": given.get("region", "")}


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc and has_port
