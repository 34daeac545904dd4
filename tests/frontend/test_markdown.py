"""Markdown from packages becomes HTML that cannot harm a reader."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from frontend.markdown import render, without_title

FORBIDDEN = {"script", "style", "iframe", "object", "embed", "meta", "base", "link", "template", "svg", "form"}


class Tags(HTMLParser):
    """What a browser would find in a page: its tags with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read_tags(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    return parser


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<iframe src='https://example.org'>alert(1)</iframe>",
        "<style>body { display: none; alert(1) }</style>",
        "<object data='alert(1)'></object><embed src='alert(1)'>",
        "<a href='javascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,alert(1))",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<math href='javascript:alert(1)'><mi>x</mi></math>",
        "<p onclick='alert(1)'>x</p>",
        "<meta http-equiv=refresh content='0;url=alert(1)'>",
        "<base href='https://alert(1)'>",
        '{: onclick="alert(1)" }',
        "text\n{: onmouseover=alert(1) }",
        "<template><script>alert(1)</script></template>",
        "$<script>alert(1)</script>$",
    ],
)
def test_nothing_that_runs_survives(attack: str) -> None:
    shown = read_tags(render(f"before\n\n{attack}\n\nafter"))
    assert not {tag for tag, _ in shown.tags} & FORBIDDEN
    for tag, attributes in shown.tags:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}, tag
        for address in (attributes.get("href"), attributes.get("src")):
            assert urlsplit(address or "").scheme in ("", "http", "https", "mailto")
    assert "before" in shown.text
    assert "after" in shown.text


def test_a_text_cannot_draw_a_form_on_our_page() -> None:
    shown = render(
        '<form action="https://example.org"><input type="password" name="pw"><button>Sign in</button></form>'
    )
    assert "<form" not in shown
    assert "password" not in shown
    assert "<button" not in shown


def test_a_text_cannot_dress_up_as_a_part_of_the_page() -> None:
    shown = render('<div class="sign" id="verdict-title" style="position:fixed">Passed</div>')
    assert "<div>Passed</div>" in shown


def test_the_highest_heading_comes_right_below_the_title_of_the_page() -> None:
    assert '<h2 id="on-one">One</h2>' in render("### One\n\n#### Two")
    assert '<h3 id="on-two">Two</h3>' in render("### One\n\n#### Two")
    assert '<h2 id="on-one">One</h2>' in render("# One\n\ntext")


def test_a_title_that_the_page_shows_itself_is_left_out() -> None:
    assert without_title("# Chargeback\n\nMarta runs risk.") == "\nMarta runs risk."
    assert without_title("Marta # runs") == "Marta # runs"


def test_code_is_coloured_by_classes_and_reached_by_keyboard() -> None:
    shown = render("```python\ndef build():\n    return 1\n```")
    assert '<span class="k">def</span>' in shown
    assert '<pre tabindex="0">' in shown
    assert "style=" not in shown


def test_a_table_keeps_its_alignment_without_a_style_and_scrolls_inside_itself() -> None:
    shown = render("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<td align="right">2</td>' in shown
    assert '<div class="wide" role="region" tabindex="0" aria-label="Table, scrolls sideways"><table>' in shown
    assert "style=" not in shown


def test_formulae_become_mathml() -> None:
    assert "<mfrac>" in render("Skill is $\\frac{a}{b}$.")
    assert 'display="block" tabindex="0"' in render("$$\nx^2\n$$")


def test_a_formula_that_cannot_be_read_stays_as_its_author_wrote_it() -> None:
    assert r"<code>\left( x</code>" in render(r"It is $\left( x$ here.")


def test_a_box_says_whether_it_is_ticked() -> None:
    shown = render("- [x] one\n- [ ] two")
    assert 'checked="" aria-label="Done"' in shown
    assert 'aria-label="To do"' in shown


def test_links_lead_out_without_telling_where_from() -> None:
    assert 'rel="noopener noreferrer"' in render("[docs](https://example.org)")


def test_equal_texts_are_rendered_once() -> None:
    assert render("*once*") is render("*once*")
