"""Turns Markdown from project packages into HTML that is safe to put on a page; trusts no author."""

import html
import re
from functools import lru_cache
from typing import Any, Final
from xml.etree.ElementTree import Element

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from latex2mathml.converter import convert
from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

PAGE_LEVEL: Final = 2  # a page has its own <h1>, so the highest heading of a text becomes <h2>
ID_PREFIX: Final = "on-"

EXTENSIONS: Final = [
    "markdown.extensions.abbr",
    "markdown.extensions.attr_list",
    "markdown.extensions.def_list",
    "markdown.extensions.footnotes",
    "markdown.extensions.sane_lists",
    "markdown.extensions.tables",
    "markdown.extensions.toc",
    "pymdownx.arithmatex",
    "pymdownx.highlight",
    "pymdownx.superfences",
    "pymdownx.tasklist",
]
EXTENSION_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "markdown.extensions.tables": {"use_align_attribute": True},
    "markdown.extensions.toc": {"slugify": lambda text, separator: ID_PREFIX + slug(text, separator)},
    "pymdownx.arithmatex": {"generic": True},
    "pymdownx.highlight": {"css_class": "code", "guess_lang": False},
}

MATH_TAGS: Final = {
    "math", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext",
    "mtr", "munder", "munderover",
}  # fmt: skip
TAGS: Final = MATH_TAGS | {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h2", "h3",
    "h4", "h5", "h6", "hr", "i", "img", "input", "ins", "kbd", "li", "ol", "p", "pre", "s", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "code": {"class"},
    "div": {"class", "id"},
    "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"checked", "disabled"},
    "li": {"class", "id"},
    "math": {"display", "xmlns"},
    "mfrac": {"linethickness"},
    "mo": {"fence", "form", "largeop", "lspace", "maxsize", "minsize", "movablelimits", "rspace", "stretchy"},
    "mi": {"mathvariant"},
    "mover": {"accent"},
    "mspace": {"width"},
    "mtable": {"columnalign", "rowspacing", "columnspacing"},
    "munder": {"accentunder"},
    "ol": {"start"},
    "span": {"class"},
    "sup": {"id"},
    "td": {"align"}, "th": {"align"},
    "ul": {"class"},
}  # fmt: skip
# Only a task list's box may be an input: no author can draw a form on our pages.
INPUT_VALUES: Final = {"input": {"type": {"checkbox"}}}
FORCED: Final = {"input": {"type": "checkbox", "disabled": ""}}

# Classes are for highlighting and for lists; none of the page's own, so that no text can dress up as a verdict.
OUR_CLASSES: Final = re.compile(r"code|footnote|task-list|task-list-item|language-[\w+-]+|[a-z]{1,2}[0-9]?")

FORMULA: Final = re.compile(r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<latex>.*?)\\[)\]]</(?P=tag)>', re.DOTALL)


class FitHeadings(Treeprocessor):
    """Shifts all headings alike, so that the highest one sits right under the page's own."""

    def run(self, root: Element) -> None:
        headings = [element for element in root.iter() if re.fullmatch(r"h[1-6]", element.tag)]
        shift = PAGE_LEVEL - min((int(heading.tag[1]) for heading in headings), default=PAGE_LEVEL)
        for heading in headings:
            heading.tag = f"h{min(6, int(heading.tag[1]) + shift)}"


class FittedHeadings(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library names it
        md.treeprocessors.register(FitHeadings(md), "fit_headings", 6)


def slug(text: str, separator: str = "-") -> str:
    return re.sub(r"[^\w]+", separator, text.lower()).strip(separator)


def render(text: str) -> SafeString:
    """Safe HTML of a Markdown text; equal texts are rendered once per language."""
    return _render(text, get_language() or "")


def without_title(text: str) -> str:
    """The text without its leading `# Title`, for pages that show the title themselves."""
    return re.sub(r"\A\s*# [^\n]*\n", "", text)


@lru_cache(maxsize=512)
def _render(text: str, language: str) -> SafeString:
    parser = Markdown(
        extensions=[*EXTENSIONS, FittedHeadings()],
        extension_configs=EXTENSION_SETTINGS,
        output_format="html",
    )
    drawn = FORMULA.sub(draw_formula, parser.convert(text))
    # Sanitised output only: what follows adds our own markup and nothing of the author's.
    return mark_safe(name_boxes(let_wide_parts_scroll(sanitise(drawn))))  # noqa: S308 - sanitised


def draw_formula(match: re.Match[str]) -> str:
    latex = html.unescape(match["latex"])
    try:
        return convert(latex, display="block" if match["tag"] == "div" else "inline")
    except Exception:  # the converter raises many kinds; the formula's source is still readable
        return f"<code>{html.escape(latex)}</code>"


def sanitise(dirty: str) -> str:
    return nh3.clean(
        dirty,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=keep_attribute,
        tag_attribute_values=INPUT_VALUES,
        set_tag_attribute_values=FORCED,
        clean_content_tags={"script", "style", "iframe", "form", "template", "noscript"},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def keep_attribute(tag: str, name: str, value: str) -> str | None:
    """An id from a text must not take the name of anything on our page (DOM clobbering)."""
    if name == "id" and not value.startswith((ID_PREFIX, "fn:", "fnref:")):
        return None
    if name == "class":
        return " ".join(word for word in value.split() if OUR_CLASSES.fullmatch(word)) or None
    return value


def let_wide_parts_scroll(clean: str) -> str:
    """Wide tables, formulae and code scroll inside themselves, and by keyboard too."""
    label = html.escape(gettext("Table, scrolls sideways"), quote=True)
    region = f'<div class="wide" role="region" tabindex="0" aria-label="{label}"><table>'
    return (
        clean.replace("<pre>", '<pre tabindex="0">')
        .replace('display="block">', 'display="block" tabindex="0">')
        .replace("<table>", region)
        .replace("</table>", "</table></div>")
    )


def name_boxes(clean: str) -> str:
    """A box of a task list says by name, not only by its tick, whether it is done."""
    done, to_do = (html.escape(word, quote=True) for word in (gettext("Done"), gettext("To do")))
    return re.sub(
        r"<input ([^>]*)>",
        lambda box: f'<input {box[1]} aria-label="{done if "checked" in box[1] else to_do}">',
        clean,
    )
