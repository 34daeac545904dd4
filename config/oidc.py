"""Turns the settings of an identity provider into allauth's. Half a set stops the start."""

from typing import Any
from urllib.parse import urlsplit

from config.environment import SettingError

NEEDED = ("OIDC_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


def parse_provider(url: str, client: str, secret: str, name: str) -> dict[str, Any]:
    """allauth's settings of the one provider, called so on the pages; empty without one."""
    missing = [setting for setting, told in zip(NEEDED, (url, client, secret), strict=True) if not told]
    if len(missing) == len(NEEDED):
        return {}
    if missing:
        raise SettingError(f"{missing[0]} is not set; signing in by OpenID Connect needs {', '.join(NEEDED)}.")
    _require_address(url)
    app = {"provider_id": "oidc", "name": name, "client_id": client, "secret": secret}
    return {"oidc": {"APPS": [{**app, "settings": {"server_url": url.rstrip("/")}}]}}


def _require_address(url: str) -> None:
    parts = urlsplit(url)
    is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or parts.scheme not in (("http", "https") if is_here else ("https",)):
        raise SettingError(f"OIDC_URL is {url!r}; it must be the provider's https:// address.")
