"""Words that no translator would see are found, and nothing else is called one."""

import pytest

from scripts.untranslated import find_bare, find_plain


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Your track</p>", ["Your track"]),
        ('<img alt="A road">', ["A road"]),
        ('<nav aria-label="Site">{% translate "Site" %}</nav>', ["Site"]),
        ('<p data-words="It takes {time}.">', ["It takes {time}."]),
        ("{% if a %}Passed{% else %}{% translate 'Failed' %}{% endif %}", ["Passed"]),
        ("<p>{% blocktranslate with a=b %}All {{ a }} hold.{% endblocktranslate %} Well done.</p>", ["Well done."]),
        ("<p>{% translate 'Your track' %}</p>", []),
        ("<nav aria-label=\"{% translate 'Site' %}\">", []),
        ("{% blocktranslate count n=n %}{{ n }} check{% plural %}{{ n }} checks{% endblocktranslate %}", []),
        ("{# A remark #}{% comment %}Another{% endcomment %}<!-- and one more -->", []),
        ("<code>git push</code><pre>milepost world</pre><script>let words = 1</script>", []),
        ("<p>Milepost · {{ used }} of {{ limit }}</p>", ["Milepost · of"]),
        ("<p>{{ used }} MB · {{ time }} s</p>", []),
        ('<template data-line="not asked"><b data-copy="milepost check"></b></template>', []),
    ],
)
def test_bare_words_of_a_template_are_found(template: str, words: list[str]) -> None:
    assert [found for _, found in find_bare(template)] == words


def test_the_line_is_named() -> None:
    template = "{% load i18n %}\n<p>{% blocktranslate %}One\ntwo{% endblocktranslate %}</p>\n<p>Three</p>\n"
    assert list(find_bare(template)) == [(4, "Three")]


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('Refusal("locked", "milestone", "It is locked.")', 1),
        ('Refusal("locked", "milestone", f"{kind} is locked.", 409, remedy="Open it.")', 2),
        ('Refusal("locked", "milestone", _("It is locked."), 409)', 0),
        ('Refusal("locked", "milestone", f"{sentence} {remedy}", 409)', 0),
        ('messages.success(request, "Saved.")', 1),
        ('messages.success(request, _("Saved."))', 0),
        ('raise AuthenticationFailed("Who are you?", code="unknown")', 1),
    ],
)
def test_plain_strings_for_people_are_found(code: str, count: int) -> None:
    assert len(list(find_plain(code))) == count
