"""Signing in by an identity provider: a real one on loopback, honest and otherwise."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client
from jwcrypto import jwk

from config.environment import SettingError
from config.oidc import parse_provider
from people.accounts.models import User
from tests.people.accounts.identity_provider import IdentityProvider, serve
from tests.people.accounts.test_second_factor import protect

__all__ = ["protect"]


@pytest.fixture
def provider(settings: object) -> Iterator[IdentityProvider]:
    with serve() as running:
        settings.SOCIALACCOUNT_PROVIDERS = parse_provider(running.url, "milepost", "secret", "Northwind")  # type: ignore[attr-defined]
        settings.OIDC_NAME = "Northwind"  # type: ignore[attr-defined]
        yield running


def set_out(client: Client, query: str = "") -> str:
    """Press the button; where that leads."""
    page = client.post(f"/accounts/oidc/login/{query}").content.decode()
    return unescape(re.findall(r'content="0;url=(.+?)"', page)[0])


def come_back(client: Client, onward: str) -> HttpResponse:
    """Sign in over there, and follow the way back to us."""
    back = httpx.get(onward).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def sign_up(client: Client, **told: str) -> HttpResponse:
    assert come_back(client, set_out(client))["Location"] == "/accounts/social/signup/"
    return client.post("/accounts/social/signup/", {"username": "ada", "email": "ada@example.org", **told})


def test_the_button_is_there_when_a_provider_is(client: Client, db: None, provider: IdentityProvider) -> None:
    assert "Sign in with Northwind" in client.get("/accounts/login/").content.decode()
    assert client.get("/accounts/oidc/login/").status_code == 405


def test_without_a_provider_there_is_no_button_and_no_way(client: Client, db: None) -> None:
    assert "oidc" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/oidc/login/").status_code == 404
    assert client.get("/accounts/oidc/callback/").status_code == 404


def test_a_code_with_its_proof_makes_an_account_once_and_lets_in_again(
    client: Client, db: None, provider: IdentityProvider
) -> None:
    done = sign_up(client)
    assert done.status_code == 302
    ada = User.objects.get()
    assert (ada.username, ada.has_usable_password()) == ("ada", False)
    assert EmailAddress.objects.get().verified
    asked = provider.seen[0]
    assert (asked["code_challenge_method"], set(asked["scope"].split())) == ("S256", {"openid", "profile", "email"})
    assert asked["nonce"] != asked["state"]
    again = Client()
    assert come_back(again, set_out(again, "?scope=admin&auth_params=prompt%3Dnone")).status_code == 302
    assert again.get("/me/").status_code == 200
    assert User.objects.count() == 1
    assert (provider.seen[1]["scope"], provider.seen[1].get("prompt")) == (asked["scope"], None)
    assert SocialAccount.objects.get().uid == f"{provider.url} 248289"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "lie",
    [{"nonce": "another"}, {"aud": "somebody-else"}, {"iss": "https://elsewhere.example"}, {"exp": 1}, {"sub": ""}],
)
def test_a_token_of_something_else_signs_nobody_in(
    client: Client, db: None, provider: IdentityProvider, lie: dict[str, object]
) -> None:
    provider.lies = lie
    refused = come_back(client, set_out(client))
    assert "could not be believed" in refused.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("trick", ["stranger", "none", "secret"])
def test_a_token_that_the_provider_did_not_sign_signs_nobody_in(
    client: Client, db: None, provider: IdentityProvider, trick: str
) -> None:
    if trick == "stranger":
        provider.signs_with = provider.stranger
    else:
        provider.algorithm = {"none": "none", "secret": "HS256"}[trick]
        provider.signs_with = jwk.JWK.from_password("secret" * 8)
    assert "could not be believed" in come_back(client, set_out(client)).content.decode()
    assert not User.objects.exists()


def test_a_way_back_is_for_whoever_set_out_once_and_with_their_own_proof(
    client: Client, db: None, provider: IdentityProvider
) -> None:
    onward = set_out(client)
    back = httpx.get(onward).headers["Location"].removeprefix("http://testserver")
    # Somebody else's browser, led to this address, is signed in as nobody.
    assert "could not be believed" in Client().get(back).content.decode()
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert "could not be believed" in client.get(back.replace(state, "x" * len(state))).content.decode()
    assert client.get(back)["Location"] == "/accounts/social/signup/"
    assert "could not be believed" in client.get(back).content.decode()
    # A code that was asked for with another challenge is refused there.
    other = set_out(client)
    challenge = parse_qs(urlsplit(other).query)["code_challenge"][0]
    assert "could not be believed" in come_back(client, other.replace(challenge, "y" * 43)).content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("is_verified", [True, False, "false"])
def test_an_address_never_takes_an_account_over(
    client: Client, alice: User, provider: IdentityProvider, is_verified: object
) -> None:
    EmailAddress.objects.create(user=alice, email="ada@example.org", verified=True, primary=True)
    provider.person["email_verified"] = is_verified
    sign_up(client)
    assert client.get("/me/").status_code == 302
    assert not SocialAccount.objects.exists()
    sign_up(client, email="")
    assert User.objects.get(username="ada") != alice
    assert list(EmailAddress.objects.values_list("user", "verified")) == [(alice.pk, True)]


def test_an_address_that_the_provider_does_not_vouch_for_is_not_confirmed(
    client: Client, db: None, provider: IdentityProvider
) -> None:
    provider.person["email_verified"] = "false"
    sign_up(client)
    assert not EmailAddress.objects.get().verified


def test_whoever_has_an_account_connects_it_and_a_second_factor_still_counts(
    alice: User, provider: IdentityProvider, protect: Callable[[User], str]
) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": "a long password"})
    asked = come_back(client, set_out(client, "?process=connect"))
    assert (asked["Location"][:25], SocialAccount.objects.exists()) == ("/accounts/reauthenticate/", False)
    assert "Sign in with Northwind too" in client.get("/accounts/social/").content.decode()
    client.post("/accounts/reauthenticate/", {"password": "a long password"})
    assert "Take away" in client.get("/accounts/social/").content.decode()
    assert SocialAccount.objects.get().user == alice
    protect(alice)
    again = Client()
    assert come_back(again, set_out(again))["Location"] == "/accounts/2fa/authenticate/"
    assert again.get("/me/").status_code == 302


def test_half_a_set_stops_the_start_with_a_sentence() -> None:
    assert parse_provider("", "", "", "x") == {}
    with pytest.raises(SettingError, match="OIDC_CLIENT_SECRET is not set"):
        parse_provider("https://id.example", "milepost", "", "x")
    for wrong in ("http://id.example", "id.example", "https://"):
        with pytest.raises(SettingError, match="OIDC_URL is"):
            parse_provider(wrong, "milepost", "secret", "x")
