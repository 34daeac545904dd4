"""Small marks that many pages draw: icons, states, moments, limits; decides nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from frontend.markdown import render
from frontend.words import ANSWERS, DIGESTS, LIMITS, MILESTONE_STATES, UNKNOWN, WAYS_IN, Mark

register = template.Library()

CHECKS = "{{ checks }}"
NEAR_LIMIT = 80.0  # per cent: from here a bar warns
ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
CONTROL = re.compile(r"[^\n\t\x20-\x7e\u00a0-\u200d\u2010-\u2027\u2030-\u205f\u2070-\U0010ffff]")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
NUMBER = re.compile(r"[-+]?[\d.,]+ ?%?")


@dataclass(frozen=True)
class Column:
    name: str
    numeric: bool


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A drawing beside a word that says the same; so it is hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        size,
        static("frontend/icons.svg"),
        name,
    )


def draw_mark(mark: Mark, key: str) -> SafeString:
    return format_html('<span class="mark" data-state="{}">{} {}</span>', key, icon(mark.icon), mark.word)


@register.simple_tag
def state_mark(state: str) -> SafeString:
    return draw_mark(MILESTONE_STATES.get(state, UNKNOWN), state)


@register.simple_tag
def answer_mark(answer: str) -> SafeString:
    return draw_mark(ANSWERS.get(answer, UNKNOWN), {"held": "passed", "not asked": "locked"}.get(answer, answer))


@register.filter
def state_word(state: str) -> str:
    return str(MILESTONE_STATES.get(state, UNKNOWN).word)


@register.filter
def state_icon(state: str) -> str:
    return MILESTONE_STATES.get(state, UNKNOWN).icon


@register.filter
def shown_state(submission: object) -> str:
    """The one word for a submission: its outcome once there is one, else how far it is."""
    return str(getattr(submission, "outcome", "") or getattr(submission, "state", ""))


@register.simple_tag
def moment(at: datetime | None) -> SafeString | str:
    """A date and time with its zone; milepost.js rewrites it in the reader's own."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    shown = f"{date_format(local, 'j M Y, H:i')} {local.tzname()}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), shown)


@register.simple_tag
def day(at: datetime) -> SafeString:
    shown = date_format(timezone.localtime(at), "j M Y")
    return format_html('<time datetime="{}" data-day>{}</time>', at.isoformat(), shown)


@register.filter
def seconds_after(at: datetime, start: datetime) -> str:
    return number_format(max(0.0, (at - start).total_seconds()), 1)


@register.filter
def limit_lines(limits: Mapping[str, object]) -> list[tuple[str, str]]:
    """[("Memory", "1024 MB"), ...] in our order, then whatever else a package limits."""
    known = [(str(LIMITS[key].name), amount(limits[key], LIMITS[key].unit)) for key in LIMITS if key in limits]
    other = [(key.replace("_", " "), amount(value, "")) for key, value in limits.items() if key not in LIMITS]
    return known + other


def amount(value: object, unit: str) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    shown = number_format(value, force_grouping=True) if isinstance(value, int | float) else str(value)
    return f"{shown} {unit}".strip()


@register.inclusion_tag("parts/usage.html")
def usage(name: str, used: float | None, limit: float | None) -> dict[str, object]:
    """One resource against its limit, as a bar and in words."""
    percent = min(100.0, 100.0 * float(used) / float(limit)) if used is not None and limit else 0.0
    words = LIMITS[name]
    return {
        "name": words.name,
        "used": used,
        "limit": limit,
        "unit": words.unit,
        "percent": round(percent, 1),
        "near": percent >= NEAR_LIMIT,
        "digits": 1 if words.unit == "s" else 0,
    }


@register.filter
def columns(rows: Sequence[Mapping[str, object]]) -> list[Column]:
    """The columns of a table of details, in the order in which they first appear."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [Column(name, all(looks_like_number(row.get(name, 0)) for row in rows)) for name in names]


def looks_like_number(value: object) -> bool:
    if isinstance(value, str):
        return bool(NUMBER.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool)


@register.filter
def cell(row: Mapping[str, object], name: str) -> str:
    value = row.get(name, "")
    return amount(value, "") if looks_like_number(value) else str(value)


@register.filter
def spaced(name: str) -> str:
    return str(name).replace("_", " ").replace("-", " ")


@register.filter
def readable(text: str) -> str:
    """What a program printed, without the characters that steer a terminal."""
    return CONTROL.sub("", ESCAPES.sub("", text.replace("\r\n", "\n")))


@register.filter
def way_in(via: str) -> str:
    return str(WAYS_IN.get(via, via))


@register.filter
def digest_name(key: str) -> str:
    return str(DIGESTS.get(key, spaced(key)))


@register.filter
def before_checks(brief: str) -> str:
    """A brief marks with a line of its own where the questions of its checks belong."""
    return brief.partition(CHECKS)[0]


@register.filter
def after_checks(brief: str) -> str:
    return brief.partition(CHECKS)[2]


@register.filter
def markdown(text: str) -> SafeString:
    return render(text)


@register.filter
def first_failing(results: Sequence[object]) -> object | None:
    return next((line for line in results if getattr(line, "answer", "") == "failed"), None)


@register.filter
def first_sentence(text: str) -> str:
    """The verdict in one sentence; what explains it stands with the check that says it."""
    return SENTENCE_END.split(text, maxsplit=1)[0]


@register.filter
def count_answer(results: Sequence[object], answer: str) -> int:
    return sum(getattr(line, "answer", "") == answer for line in results)


@register.filter
def missing_from(level: int, top: int = 5) -> range:
    return range(level, top)


@register.filter
def steps_to(level: int) -> range:
    return range(level)
