"""In whose language a page speaks: the account's, else the browser's; and that in German nothing English is left."""

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from curriculum.models import Track
from frontend.plots import show_plot
from frontend.templatetags.milepost import about, amount, day, first_sentence, in_unit, moment
from people.accounts.models import User
from tests.frontend.conftest import NOON
from tests.frontend.test_in_chromium import addresses, track

__all__ = ["addresses", "track"]

LogIn = Callable[[User], Client]
GERMAN = {"Accept-Language": "de-AT,de;q=0.8,en;q=0.5"}
CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "de" / "LC_MESSAGES" / "django.po"
# Where a sentence is cut: at what is filled in, and at marks in it.
CUTS = re.compile(r"%\(\w+\)[sd]|{\w+}|<[^>]*>")
TAGS = re.compile(r"<(script|style|pre|code)\b.*?</\1>|<[^>]*>", re.DOTALL)
READ_ALOUD = re.compile(r'(?:alt|aria-label|title|placeholder|data-[a-z]+)="([^"]*)"')


def list_english() -> Iterator[str]:
    """Every part of more than three words of what we say in English and otherwise in German."""
    with CATALOGUE.open("rb") as file:
        for message in read_po(file, locale="de"):
            ids = [message.id] if isinstance(message.id, str) else message.id
            told = message.string if isinstance(message.string, str) else " ".join(message.string)
            parts = (part.strip() for said in ids for part in CUTS.split(said))
            yield from (part for part in parts if len(part.split()) > 3 and part not in told)


def read_words(page: str) -> str:
    """What a page says and reads aloud, in one line."""
    words = " ".join([*READ_ALOUD.findall(page), TAGS.sub(" ", page)])
    return " ".join(html.unescape(words).split())


def test_no_page_in_german_says_anything_in_english(
    addresses: list[tuple[str, User | None]], log_in: LogIn, dana: User
) -> None:
    english = {" ".join(part.split()) for part in list_english()}
    assert len(english) > 250
    seen_by_dana = ["/cohorts/", "/accounts/logout/", "/accounts/email/", "/track/"]
    seen_by_dana += [f"/cohorts/autumn{path}" for path, _ in addresses if path.startswith("/submissions/")]
    for path, user in [*addresses, *((path, dana) for path in seen_by_dana)]:
        client = log_in(user) if user else Client()
        answer = client.get(path, headers=GERMAN)
        words = read_words(answer.content.decode())
        assert '<html lang="de"' in answer.content.decode(), path
        assert not [part for part in english if part in words], path


def test_what_authors_wrote_is_marked_as_english_on_a_german_page_and_what_we_say_is_not(
    addresses: list[tuple[str, User | None]], log_in: LogIn, alice: User
) -> None:
    client = log_in(alice)
    project = client.get("/projects/tiny/", headers=GERMAN).content.decode()
    assert '<h1 lang="en">Tiny</h1>' in project
    assert re.search(r"Bestanden am <time[^>]*>\d+\. \w+\.? \d{4}, ", project)
    assert 'lang="en"' not in client.get("/projects/tiny/").content.decode()
    pages = [client.get(path, headers=GERMAN).content.decode() for path, _ in addresses if "/submissions/" in path]
    assert any('<span class="asks" lang="en">Each number is there once.</span>' in page for page in pages)
    verdicts = [re.search(r'id="verdict-title"([^>]*)>([^<]*)', page) for page in pages]
    told = {found[2]: found[1] for found in verdicts if found and "data-next" not in found[1]}
    assert told["Alle 1 Prüfungen von ingest halten."] == ""
    assert told["A number is there twice, so Tom counts it twice."] == ' lang="en"'


def test_what_is_refused_is_refused_in_german(log_in: LogIn, alice: User, track: Track) -> None:
    client = log_in(alice)
    client.post("/projects/tiny/enrol/", headers=GERMAN)
    answer = client.post("/projects/tiny/milestones/clean/submit/", {}, headers=GERMAN)
    assert "Es ist nichts angekommen." in answer.content.decode()
    answer = client.post("/me/tokens/", {"name": ""}, headers=GERMAN)
    assert "Gib dem Token einen Namen mit 1 bis 60 Zeichen" in answer.content.decode()


def test_the_browser_is_asked_until_somebody_chooses(db: None) -> None:
    visitor = Client()
    assert '<html lang="en-gb"' in visitor.get("/").content.decode()
    answer = visitor.get("/", headers=GERMAN)
    assert '<html lang="de"' in answer.content.decode()
    assert answer["Content-Language"] == "de"
    chosen = visitor.post("/language/", {"language": "en-gb", "next": "/accounts/login/"}, headers=GERMAN)
    assert (chosen.status_code, chosen["Location"]) == (302, "/accounts/login/")
    assert chosen.cookies["django_language"]["httponly"]
    assert '<html lang="en-gb"' in visitor.get("/", headers=GERMAN).content.decode()


def test_a_choice_on_the_account_goes_along_to_every_browser(log_in: LogIn, alice: User, bob: User) -> None:
    log_in(alice).post("/language/", {"language": "de", "next": "/me/"})
    alice.refresh_from_db()
    assert alice.language == "de"
    elsewhere = log_in(alice)
    assert "Dein Konto" in elsewhere.get("/me/", headers={"Accept-Language": "en"}).content.decode()
    assert "Your account" in log_in(bob).get("/me/", headers={"Accept-Language": "en"}).content.decode()
    elsewhere.post("/language/", {"language": "", "next": "/me/"})
    alice.refresh_from_db()
    assert alice.language == ""
    assert "Your account" in elsewhere.get("/me/", headers={"Accept-Language": "en"}).content.decode()


def test_a_language_that_we_do_not_speak_changes_nothing_and_is_said(log_in: LogIn, alice: User) -> None:
    client = log_in(alice)
    answer = client.post("/language/", {"language": "tlh", "next": "/me/"}, follow=True)
    assert "We do not speak that language yet; there are English, Deutsch." in answer.content.decode()
    alice.refresh_from_db()
    assert alice.language == ""
    assert client.get("/language/").status_code == 405


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "", "javascript:alert(1)"])
def test_a_choice_leads_back_to_a_page_of_ours_only(elsewhere: str, db: None) -> None:
    answer = Client().post("/language/", {"language": "de", "next": elsewhere})
    assert answer["Location"] == "/"


def test_the_choice_is_offered_on_every_page_and_needs_its_token(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    shown = client.get("/").content.decode()
    assert '<button name="language" value="de" lang="de">Deutsch</button>' in shown
    assert 'value="en-gb" lang="en-gb" aria-current="true">English</button>' in shown
    assert client.post("/language/", {"language": "de"}).status_code == 403


def test_numbers_days_and_times_are_written_as_germans_write_them() -> None:
    with override("de"):
        assert ">20. Nov. 2026</time>" in day(NOON)
        assert ">20. Nov. 2026, 12:00 UTC</time>" in moment(NOON)
        assert amount(12345.5, "MB") == "12.345,5 MB"
        assert in_unit(1.25, "cpu_s") == "1,2 s"
        assert (about(1), about(59), about(200)) == ("5 Sekunden", "60 Sekunden", "4 Minuten")
        assert first_sentence("Das hält. Übrigens auch dies.") == "Das hält."
        axes = {"x": {"field": "a"}, "y": {"field": "b", "axis": {"format": ".0%"}}}
        plot = {"mark": "bar", "data": {"values": [{"a": 12345.6, "b": 0.07}]}, "encoding": axes}
        assert show_plot(plot).tables == [[{"a": "12.345,6", "b": "7,0 %"}]]
