"""Tokens open what their scopes say, and nothing else: every address of the API, by every scope."""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from curriculum.models import Project
from people.accounts.models import AccessToken, User
from people.accounts.scopes import Scope
from people.accounts.tokens import issue_token
from people.learners import intake

# The description, for programs and for people: no token is asked for it.
ABOUT_IT = {"api-schema", "api_docs", "api_part"}
PARTS = {"uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "int": "1", "form": "json"}


def list_addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    """The name and an example of every address below /api/ that is a view of ours."""
    for found in resolver.url_patterns:
        whole = before + str(found.pattern)
        if isinstance(found, URLPattern) and whole.startswith("api/") and found.name not in ABOUT_IT:
            yield str(found.name), "/" + fill(found, whole)
        elif isinstance(found, URLResolver):
            yield from list_addresses(found, whole)


def fill(found: URLPattern, whole: str) -> str:
    for name, converter in found.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        told = {"int": "1", "uuid": PARTS["uuid"]}.get(kind, "json" if name == "form" else "nowhere")
        whole = whole.replace(f"<{kind}:{name}>", told)
    return whole


def list_written(addresses: dict[str, str], client: APIClient) -> Iterator[tuple[str, str]]:
    """Every method of every address that changes something."""
    for name, address in addresses.items():
        allowed = client.options(address).headers.get("Allow", "")
        yield from ((name, method) for method in ("POST", "PUT", "PATCH", "DELETE") if method in allowed)


def is_out_of_scope(client: APIClient, method: str, address: str) -> bool:
    answer = getattr(client, method.lower())(address)
    return answer.status_code == 403 and answer.json()["code"] == "missing-scope"


@pytest.fixture
def program(alice: User) -> Callable[..., APIClient]:
    def with_scopes(*scopes: str) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(alice, 'test', scopes)}")
        return client

    return with_scopes


def test_each_scope_opens_its_own_addresses_and_no_others(
    program: Callable[..., APIClient], settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rest_framework.throttling.SimpleRateThrottle.allow_request", lambda *given: True)
    told = settings.TOKEN_SCOPES  # type: ignore[attr-defined]
    addresses = dict(list_addresses(get_resolver()))
    in_table = [name for names in told.values() for name in names if name.startswith("api-")]
    assert set(in_table) == set(addresses)
    assert len(in_table) == len(set(in_table))

    writes = list(list_written(addresses, program("read")))
    assert len(writes) > 80
    for held in Scope:
        client = program(held)
        open_to_it = {*told["read"], *told[held]}
        shut = {(name, method) for name, method in writes if is_out_of_scope(client, method, addresses[name])}
        assert shut == {(name, method) for name, method in writes if name not in open_to_it}, held
        unread = {name for name, address in addresses.items() if is_out_of_scope(client, "GET", address)}
        assert unread == (set() if held == "read" else set(addresses) - open_to_it), held


def test_what_no_table_names_takes_no_token_to_change_anything(
    program: Callable[..., APIClient], settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("people.accounts.scopes._scopes_of_addresses", dict)
    client = program(*Scope)
    assert client.get("/api/me").status_code == 200
    refused = client.post("/api/calendar")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing-scope")
    assert refused.json()["detail"] == "No token is for that: do it on the pages."


def test_a_refusal_names_the_scope(program: Callable[..., APIClient], tiny: Project) -> None:
    refused = program("read").post("/api/projects/tiny/enrolment")
    assert refused.status_code == 403
    assert refused.json()["detail"] == "This token is not for that: it lacks the scope “submit”."
    assert refused.json()["remedy"] == "Make a token with that scope on your account page."
    assert refused["WWW-Authenticate"].endswith('error="insufficient_scope", scope="submit"')
    assert program("submit").post("/api/projects/tiny/enrolment").status_code == 201


def test_a_push_needs_the_scope_and_a_clone_does_not(alice: User, tiny: Project, rings: list[object]) -> None:
    intake.enrol(alice, tiny)

    def ask(scope: str, service: str) -> tuple[int, str]:
        told = base64.b64encode(f"alice:{issue_token(alice, 'git', [scope])}".encode()).decode()
        answer = Client().get(
            f"/git/alice/tiny.git/info/refs?service={service}", headers={"Authorization": f"Basic {told}"}
        )
        return answer.status_code, answer.content.decode(errors="replace")

    assert ask("read", "git-upload-pack")[0] == ask("submit", "git-receive-pack")[0] == 200
    status, words = ask("read", "git-receive-pack")
    assert (status, "it lacks the scope “submit”" in words) == (403, True)
    assert ask("hire", "git-upload-pack")[0] == 403
    told = base64.b64encode(f"alice:{issue_token(alice, 'git', ['read'])}".encode()).decode()
    pushed = Client().post("/git/alice/tiny.git/git-receive-pack", headers={"Authorization": f"Basic {told}"})
    assert pushed.status_code == 403


def test_a_password_buys_what_was_asked_for_and_the_usual_without(alice: User, settings: object) -> None:
    asked = {"username": "alice", "password": "a long password"}

    def ask(**more: object) -> tuple[int, str]:
        answer = APIClient().post("/api/tokens", {**asked, **more}, format="json")
        return answer.status_code, answer.json().get("field", "")

    assert ask() == (201, "")
    usual = AccessToken.objects.get()
    assert usual.scopes == ["read", "submit"]
    assert timedelta(days=89) < usual.expires_at - timezone.now() <= timedelta(days=90)
    assert ask(scopes=["hire"], days=7) == (201, "")
    chosen = AccessToken.objects.get(scopes=["hire"])
    assert chosen.expires_at - timezone.now() <= timedelta(days=7)
    settings.MILEPOST_TOKEN_DAYS = 30  # type: ignore[attr-defined]
    assert ask(days=31) == (400, "days")
    assert ask(scopes=["rule"])[0] == ask(scopes=[])[0] == 400
    assert AccessToken.objects.count() == 2


def test_the_page_lets_one_choose(alice: User, log_in: Callable[[User], Client], settings: object) -> None:
    settings.MILEPOST_TOKEN_DAYS = 60  # type: ignore[attr-defined]
    client = log_in(alice)
    page = client.get("/me/").content.decode()
    assert "60 days" in page
    assert "90 days" not in page
    for wrong in ({"name": "x", "days": "7"}, {"name": "x", "scopes": "read", "days": "90"}, {"scopes": "read"}):
        assert client.post("/me/tokens/", wrong).status_code == 400
    assert not AccessToken.objects.exists()
    made = client.post("/me/tokens/", {"name": "my laptop", "scopes": ["read", "lead"], "days": "7"})
    assert made.status_code == 201
    assert AccessToken.objects.get().scopes == ["read", "lead"]
    page = client.get("/me/").content.decode()
    assert "<td>read, lead</td>" in page
    assert "<td>never</td>" in page
