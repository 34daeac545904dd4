"""A learning platform of the tests' own, on loopback, with its own keys. It believes only what it can check."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from jwcrypto.jwk import JWK

CLIENT, DEPLOYMENT, COURSE = "tool-7", "deployment-1", "course-42"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
SCOPES = ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]


@cache
def find_key(kid: str) -> JWK:
    """One for all platforms: finding its primes takes longer than most tests."""
    return JWK.generate(kty="RSA", size=2048, kid=kid)


@dataclass
class Platform:
    """What it serves, and what was asked of it. `answers` are the next status codes for scores; then 200."""

    address: str = ""
    find_tool_keys: Callable[[], list[dict[str, Any]]] = list
    key: JWK = field(default_factory=lambda: find_key("theirs"))
    members: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    scores: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    move_on_to: str = ""
    says: dict[str, Any] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return self.address

    def claim(self, nonce: str, /, **changed: Any) -> dict[str, Any]:
        """What a launch says; a claim that is changed to None is left out."""
        told = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "person-1",
            "name": "Alice Example",
            "email": "alice@example.org",
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            "nonce": nonce,
            CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "version": "1.3.0",
            CLAIM + "deployment_id": DEPLOYMENT,
            CLAIM + "target_link_uri": "http://testserver/",
            CLAIM + "resource_link": {"id": "link-1"},
            CLAIM + "context": {"id": COURSE},
            CLAIM + "roles": [LEARNER],
            CLAIM + "custom": {"milestone": "tiny/ingest"},
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": SCOPES,
                "lineitem": f"{self.address}/Columns/7?type_id=1",
            },
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": f"{self.address}/Roster",
            },
        }
        told.update({CLAIM + name if name in PARTS else name: value for name, value in changed.items()})
        return {name: value for name, value in told.items() if value is not None}

    def sign(self, claims: dict[str, Any], key: JWK | None = None, kid: str = "theirs") -> str:
        pem = (key or self.key).export_to_pem(private_key=True, password=None)
        return jwt.encode(claims, pem, algorithm="RS256", headers={"kid": kid})

    def answer_login(self, path: str) -> str:
        """The page that sends a browser back to the tool with a token."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        token = self.sign(self.claim(asked["nonce"], **self.says))
        fields = f'<input name="state" value="{asked["state"]}"><input name="id_token" value="{token}">'
        form = f'<form method="post" action="{asked["redirect_uri"]}">{fields}</form>'
        return f"{form}<script>document.forms[0].submit()</script>"

    def check(self, token: str, audience: str) -> dict[str, Any]:
        """What the tool has signed, by its published keys."""
        kid = jwt.get_unverified_header(token)["kid"]
        found = next(one for one in self.find_tool_keys() if one["kid"] == kid)
        return jwt.decode(token, jwt.PyJWK(found).key, algorithms=["RS256"], audience=audience)


PARTS = {"message_type", "version", "deployment_id", "resource_link", "context", "roles", "custom"}


class Handler(BaseHTTPRequestHandler):
    platform: Platform

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.platform.asked.append(self.path)
        if self.path == "/jwks":
            self.say({"keys": [json.loads(self.platform.key.export_public())]})
        elif self.path == "/Roster":
            self.say_members(slice(2), {"Link": f'<{self.platform.address}/Roster?Page=BTwo>; rel="next"'})
        elif self.path == "/Roster?Page=BTwo":
            self.say_members(slice(2, None), {})
        elif self.path.startswith("/auth?"):
            self.show(self.platform.answer_login(self.path))
        elif self.path.startswith("/course?"):
            self.show(f'<h1>Course</h1><iframe width="900" height="700" src="{self.path.partition("?")[2]}"></iframe>')
        else:
            self.say({}, 404)

    def show(self, page: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>Course</title>{page}".encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.platform.asked.append(self.path)
        if self.platform.move_on_to:
            self.say({}, 302, {"Location": self.platform.move_on_to})
        elif self.path == "/token":
            self.say_token(parse_qs(body.decode()))
        elif urlsplit(self.path).path == "/Columns/7/scores":
            self.take_score(json.loads(body))
        else:
            self.say({}, 404)

    def say_token(self, asked: dict[str, list[str]]) -> None:
        claims = self.platform.check(asked["client_assertion"][0], f"{self.platform.address}/token")
        assert claims["iss"] == claims["sub"] == CLIENT
        token = uuid.uuid4().hex
        self.platform.tokens[token] = asked["scope"][0]
        self.say({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def is_let_in(self, scope: str) -> bool:
        return self.platform.tokens.get(self.headers["Authorization"].removeprefix("Bearer "), "") == scope

    def say_members(self, which: slice, headers: dict[str, str]) -> None:
        if not self.is_let_in("https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"):
            self.say({}, 401)
            return
        self.say({"id": self.path, "members": self.platform.members[which]}, 200, headers)

    def take_score(self, score: dict[str, Any]) -> None:
        if not self.is_let_in(SCOPES[0]):
            self.say({}, 401)
            return
        status = self.platform.answers.pop(0) if self.platform.answers else 200
        if status == 200:
            self.platform.scores.append(score)
        self.say({}, status)

    def say(self, told: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serve() -> Iterator[Platform]:
    platform = Platform()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"platform": platform}))
    platform.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield platform
    server.shutdown()
    server.server_close()
    thread.join()
