"""A small identity provider on loopback: discovery, keys, codes with PKCE, signed ID tokens; and ways to misbehave."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from jwcrypto import jwk, jwt


@cache
def find_key(_whose: str) -> jwk.JWK:
    """One for all providers: finding its primes takes longer than most tests."""
    return jwk.JWK.generate(kty="RSA", size=2048, kid="1", alg="RS256", use="sig")


class IdentityProvider:
    """Signs one person in, without asking. What is set in `lies` stands in the ID token instead of the truth."""

    def __init__(self) -> None:
        self.key, self.stranger = find_key("ours"), find_key("a stranger's")
        self.person: dict[str, Any] = {"sub": "248289", "email": "ada@example.org", "email_verified": True}
        self.lies: dict[str, Any] = {}
        self.signs_with: jwk.JWK = self.key
        self.algorithm = "RS256"
        self.codes: dict[str, dict[str, str]] = {}
        self.seen: list[dict[str, str]] = []

    def discover(self) -> dict[str, Any]:
        ways = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in ways.items()}}

    def authorize(self, asked: dict[str, str]) -> str:
        self.seen.append(asked)
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def trade(self, told: dict[str, str]) -> dict[str, Any] | None:
        asked = self.codes.pop(told.get("code", ""), None)
        digest = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked.get("code_challenge") != challenge or told.get("client_secret") != "secret":
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": "milepost", "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.sign({**claims, **self.person})}

    def sign(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "none":
            parts = ({"alg": "none", "kid": "1"}, {**claims, **self.lies})
            return (
                ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts)
                + "."
            )
        token = jwt.JWT(header={"alg": self.algorithm, "kid": "1"}, claims={**claims, **self.lies})
        token.make_signed_token(self.signs_with)
        return str(token.serialize())


class _Handler(BaseHTTPRequestHandler):
    provider: IdentityProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(_flatten(parts.query)))
            self.end_headers()
        elif parts.path == "/keys":
            self._answer({"keys": [json.loads(self.provider.key.export_public())]})
        else:
            self._answer(self.provider.discover())

    def do_POST(self) -> None:
        told = _flatten(self.rfile.read(int(self.headers["Content-Length"])).decode())
        traded = self.provider.trade(told)
        self._answer(traded or {"error": "invalid_grant"}, 200 if traded else 400)

    def _answer(self, told: dict[str, Any], status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _flatten(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def serve() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": provider}))
    provider.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
