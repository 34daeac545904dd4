"""Where mail is handed to, in one address."""

import pytest

from config.environment import SettingError
from config.mail import parse_email_url


@pytest.mark.parametrize(
    ("url", "port", "user", "password", "tls", "ssl"),
    [
        ("smtp://me:p%40ss@mail.example.org", 587, "me", "p@ss", True, False),
        ("smtps://me:pass@mail.example.org:4465", 4465, "me", "pass", False, True),
        ("smtp://mail.example.org:25", 25, "", "", False, False),
    ],
)
def test_a_mail_server_is_one_address(url: str, port: int, user: str, password: str, tls: bool, ssl: bool) -> None:
    told = parse_email_url(url)
    assert (told["EMAIL_HOST"], told["EMAIL_PORT"]) == ("mail.example.org", port)
    assert (told["EMAIL_HOST_USER"], told["EMAIL_HOST_PASSWORD"]) == (user, password)
    assert (told["EMAIL_USE_TLS"], told["EMAIL_USE_SSL"]) == (tls, ssl)


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_another_address_stops_the_start_with_a_sentence(url: str) -> None:
    with pytest.raises(SettingError, match=r"EMAIL_URL begins with .* say smtp://user:password@host:587"):
        parse_email_url(url)
