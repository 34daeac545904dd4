"""A second factor, at the doors: set up, asked for, used once, lost, required, and switched off."""

import re
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from people.accounts.models import User
from people.accounts.second_factor import SecondFactor
from people.accounts.tokens import issue_token
from people.cohorts.models import Cohort, Membership, Role

PASSWORD = "a long password"


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(name: str, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    return client


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


@pytest.fixture
def protect() -> Callable[[User], str]:
    """Switch the second factor of this user on, by the pages; its secret."""

    def switch_on(user: User) -> str:
        client = sign_in(user.username)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        page = client.get("/accounts/2fa/totp/activate/").content.decode()
        secret = re.findall(r"<code>([A-Z2-7]{32})</code>", page)[0]
        wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
        assert (wrong.status_code, Authenticator.objects.filter(user=user).exists()) == (200, False)
        done = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
        assert done["Location"] == "/accounts/2fa/recovery-codes/"
        cache.clear()
        return secret

    return switch_on


def test_a_password_alone_lets_nobody_in_any_more(alice: User, protect: Callable[[User], str]) -> None:
    secret = protect(alice)
    client = Client()
    first = client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert first["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/me/").status_code == 302
    assert "Incorrect code" in client.post("/accounts/2fa/authenticate/", {"code": "123"}).content.decode()
    code = code_of(secret)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/me/").status_code == 200
    # A code that somebody looked at over a shoulder has been used.
    other = sign_in("alice")
    other.post("/accounts/2fa/authenticate/", {"code": code})
    assert other.get("/me/").status_code == 302


def test_a_recovery_code_lets_in_once_and_neither_secret_stands_in_the_database(
    alice: User, protect: Callable[[User], str]
) -> None:
    secret = protect(alice)
    rows = {one.type: one for one in Authenticator.objects.filter(user=alice)}
    codes = rows["recovery_codes"].wrap().get_unused_codes()
    assert len(codes) == 10
    assert not any(word in str(row.data) for row in rows.values() for word in (secret, *codes))
    for times in (1, 2):
        client = sign_in("alice")
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert (client.get("/me/").status_code == 200) is (times == 1)


def test_under_another_server_secret_no_code_fits(
    alice: User, protect: Callable[[User], str], settings: object
) -> None:
    secret = protect(alice)
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    for guess in (code_of(secret), code_of("")):
        client = sign_in("alice")
        client.post("/accounts/2fa/authenticate/", {"code": guess})
        assert client.get("/me/").status_code == 302
    assert len(SecondFactor().decrypt("nonsense")) == 32


def test_codes_are_not_guessed_at_speed(alice: User, protect: Callable[[User], str]) -> None:
    secret = protect(alice)
    client = sign_in("alice")
    for guess in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": f"{guess:06}"})
    page = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}).content.decode()
    assert "Too many" in page
    assert client.get("/me/").status_code == 302


def test_switching_on_and_off_asks_once_more_who_it_is(
    alice: User, protect: Callable[[User], str], log_in: Callable[[User], Client]
) -> None:
    on = log_in(alice).get("/accounts/2fa/totp/activate/")
    assert on["Location"].startswith("/accounts/reauthenticate/")
    secret = protect(alice)
    client = log_in(alice)
    off = client.post("/accounts/2fa/totp/deactivate/")
    assert off["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert Authenticator.objects.filter(user=alice).count() == 2
    client.post(off["Location"], {"code": code_of(secret)})
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=alice).exists()


def test_an_address_that_nobody_confirmed_is_in_the_way_and_the_page_says_so(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=False, primary=True)
    client = sign_in("alice")
    page = client.get("/accounts/2fa/totp/activate/", follow=True).content.decode()
    assert "until you have verified your email address" in page
    assert "Every e-mail address of your account must be confirmed first" in page


def test_a_token_for_a_password_takes_the_code_too(alice: User, protect: Callable[[User], str]) -> None:
    secret = protect(alice)
    asked = {"username": "alice", "password": PASSWORD}
    missing = APIClient().post("/api/tokens", asked)
    assert (missing.status_code, missing.json()["code"]) == (401, "second-factor")
    wrong = APIClient().post("/api/tokens", {**asked, "code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong-code")
    assert APIClient().post("/api/tokens", {**asked, "code": code_of(secret)}).status_code == 201
    assert alice.tokens.count() == 1


@pytest.mark.parametrize(("whose", "asked"), [("none", ()), ("leaders", ("dana",)), ("everybody", ("alice", "dana"))])
def test_whoever_must_have_one_is_led_there_and_nowhere_else(
    alice: User,
    dana: User,
    log_in: Callable[[User], Client],
    protect: Callable[[User], str],
    settings: object,
    whose: str,
    asked: tuple[str, ...],
) -> None:
    settings.MILEPOST_REQUIRE_MFA = whose  # type: ignore[attr-defined]
    cohort = Cohort.objects.create(slug="autumn", title="Autumn")
    Membership.objects.create(cohort=cohort, user=dana, role=Role.INSTRUCTOR)
    for user in (alice, dana):
        client = log_in(user)
        is_asked = user.username in asked
        page = client.get("/me/")
        assert (page.status_code == 302 and page["Location"] == "/accounts/2fa/") is is_asked
        assert client.get("/api/me").status_code == (403 if is_asked else 200)
        part = client.get("/live/", headers={"HX-Request": "true"})
        assert part.headers.get("HX-Redirect") == ("/accounts/2fa/" if is_asked else None)
        told = client.get("/accounts/2fa/").content.decode()
        assert ("This site asks a second factor of you." in told) is is_asked
        # Programs go on: their tokens were made by whoever was let in.
        program = APIClient()
        program.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user, 'test')}")
        assert program.get("/api/me").status_code == 200
    secret = protect(dana)
    client = log_in(dana)
    assert client.get("/me/").status_code == 200
    client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)})
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=dana).exists() is (whose != "none")


def test_the_admin_is_no_way_around_it(alice: User, protect: Callable[[User], str]) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    secret = protect(alice)
    client = Client()
    led = client.post("/admin/login/", {"username": "alice", "password": PASSWORD})
    assert led["Location"].startswith("/accounts/login/")
    assert client.get("/admin/").status_code == 302
    sign_in("alice", client)
    assert client.get("/admin/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/admin/").status_code == 200
