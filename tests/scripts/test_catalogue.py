"""The catalogue of translations: what is missing, doubtful or stale is named, and nothing is overlooked."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts.catalogue import as_compiled, as_text, gather, list_faults, read_source, refresh

HEAD = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    return folder / "django.po"


def judge(place: Path, written: str, *said: str | tuple[str, str]) -> str:
    """The faults of this catalogue, once it is written and compiled as it should be, for code that says this."""
    place.write_text(HEAD + written)
    gathered = Catalog()
    for words in said:
        gathered.add(words)
    catalogue = refresh(place, gathered)
    place.write_bytes(as_text(catalogue))
    place.with_suffix(".mo").write_bytes(as_compiled(catalogue))
    return "\n".join(list_faults(place, catalogue))


def test_a_sentence_without_a_translation_is_named(place: Path) -> None:
    assert judge(place, 'msgid "Yes"\nmsgstr "Ja"\n', "Yes") == ""
    assert "not translated: 'No'" in judge(place, 'msgid "Yes"\nmsgstr "Ja"\n', "Yes", "No")
    assert "Yes" not in place.read_text() or 'msgstr "Ja"' in place.read_text()


def test_a_doubtful_or_half_translated_one_is_named(place: Path) -> None:
    assert "doubtful" in judge(place, '#, fuzzy\nmsgid "Yes"\nmsgstr "Ja"\n', "Yes")
    half = 'msgid "{n} run"\nmsgid_plural "{n} runs"\nmsgstr[0] "{n} Lauf"\nmsgstr[1] ""\n'
    assert "not translated" in judge(place, half, ("{n} run", "{n} runs"))


def test_a_placeholder_that_was_lost_is_named(place: Path) -> None:
    lost = '#, python-format\nmsgid "All %(count)s hold."\nmsgstr "Alle halten."\n'
    assert "%(count)s" in judge(place, lost, "All %(count)s hold.")
    braces = 'msgid "All {count} hold."\nmsgstr "Alle {zahl} halten."\n'
    assert "{count}" in judge(place, braces, "All {count} hold.")


def test_what_nobody_says_any_more_goes(place: Path) -> None:
    assert judge(place, 'msgid "Yes"\nmsgstr "Ja"\n\nmsgid "Old"\nmsgstr "Alt"\n', "Yes") == ""
    assert "Old" not in place.read_text()


def test_a_catalogue_that_was_not_compiled_is_named(place: Path) -> None:
    judge(place, 'msgid "Yes"\nmsgstr "Ja"\n', "Yes")
    place.with_suffix(".mo").write_bytes(b"")
    gathered = Catalog()
    gathered.add("Yes")
    assert "not compiled" in "\n".join(list_faults(place, refresh(place, gathered)))


def test_sentences_are_gathered_from_templates_views_and_grading(tmp_path: Path) -> None:
    said = {message.id for message in gather()}
    assert "Skip to the content" in said, "a template"
    assert "Locked" in said, "lazily, in Python"
    assert "laying out your data" in said, "where Django is not known"
    assert ("%(checks)s check has shown it", "%(checks)s checks have shown it") in said, "a plural in a template"


def test_templates_are_read_line_by_line_whatever_their_indents(tmp_path: Path) -> None:
    template = tmp_path / "a.html"
    template.write_text('    <p>{% translate "One" %}</p>\n  <p>{% translate "Two" %}</p>\n')
    assert "gettext(u'One')" in read_source(template)
    assert not any(line.startswith(" ") for line in read_source(template).splitlines())
