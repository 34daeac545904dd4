"""Small marks that many pages draw: icons, states, moments, limits; decides nothing."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext

from curriculum.skills import read_skills
from frontend.markdown import render
from frontend.words import (
    ANSWERS,
    DIGESTS,
    EDITOR_PHRASES,
    FITS,
    GLIMPSES,
    LIMITS,
    MILESTONE_STATES,
    PRACTICE_STATES,
    TRIAL_STATES,
    UNKNOWN,
    WAYS_IN,
    Mark,
)
from people.accounts.languages import WRITTEN
from people.accounts.models import User
from people.accounts.second_factor import lacks_one
from people.learners.models import Override
from people.learners.retelling import Retold, retell

register = template.Library()

CHECKS = "{{ checks }}"
NEAR_LIMIT = 80.0  # per cent: from here a bar warns
AT_LIMIT = 99.5
ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
CONTROL = re.compile(r"[^\n\t\x20-\x7e\u00a0-\u200d\u2010-\u2027\u2030-\u205f\u2070-\U0010ffff]")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ])")
NUMBER = re.compile(r"[-+]?[\d.,]+ ?%?")


@dataclass(frozen=True)
class Column:
    name: str
    numeric: bool


@register.filter
def lacks_second_factor(user: User) -> bool:
    return lacks_one(user)


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
    return draw_mark(MILESTONE_STATES.get(state) or TRIAL_STATES.get(state, UNKNOWN), state)


@register.simple_tag
def answer_mark(answer: str) -> SafeString:
    return draw_mark(ANSWERS.get(answer, UNKNOWN), answer_state(answer))


@register.simple_tag
def fit_mark(fit: str) -> SafeString:
    """How what was shown stands to what is needed."""
    mark, state = FITS[fit]
    return draw_mark(mark, state)


@register.filter
def fit_state(fit: str) -> str:
    return FITS[fit][1]


@register.filter
def answer_state(answer: str) -> str:
    return {"held": "passed", "not asked": "locked"}.get(answer, answer)


@register.filter
def answer_word(answer: str) -> str:
    return str(ANSWERS.get(answer, UNKNOWN).word).lower()


@register.filter
def answer_icon(answer: str) -> str:
    return ANSWERS.get(answer, UNKNOWN).icon


@register.filter
def sync_state(outcome: str) -> str:
    """The colour and the drawing of how something went between a learning platform and us."""
    return {"done": "passed", "later": "queued", "refused": "failed"}.get(outcome, "broken")


@register.filter
def delivery_state(state: str) -> str:
    """The colour and the drawing of how it went to tell a webhook something."""
    return {"delivered": "passed", "waiting": "queued"}.get(state, "broken")


@register.filter
def state_word(state: str) -> str:
    return str(MILESTONE_STATES.get(state, UNKNOWN).word)


@register.filter
def practice_word(state: str) -> str:
    return str(PRACTICE_STATES.get(state, UNKNOWN).word)


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
    pattern = pgettext("format of a moment", "j M Y, H:i")
    shown = f"{date_format(local, pattern)} {local.tzname()}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), shown)


@register.simple_tag
def cohort_moment(at: datetime | str | None, zone: str) -> SafeString | str:
    """A date and time by the clocks of a cohort's zone, which milepost.js leaves as they are; a dash for none."""
    if not isinstance(at, datetime):
        return "–"
    return format_html('<time datetime="{}" data-fixed class="nowrap">{}</time>', at.isoformat(), _tell_in(at, zone))


def _tell_in(at: datetime, zone: str) -> str:
    return date_format(at.astimezone(ZoneInfo(zone)), pgettext("format of a moment", "j M Y, H:i"))


@register.simple_tag
def day(at: datetime) -> SafeString:
    shown = date_format(timezone.localtime(at), pgettext("format of a day", "j M Y"))
    return format_html('<time datetime="{}" data-day>{}</time>', at.isoformat(), shown)


@register.filter
def seconds_after(at: datetime, start: datetime) -> str:
    return number_format(max(0.0, (at - start).total_seconds()), 1)


@register.filter
def about(seconds: float) -> str:
    """A length of time that nobody knows exactly; live.js says it the same way."""
    if seconds > 90:
        minutes = math.ceil(seconds / 60)
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    count = max(5, 5 * math.ceil(seconds / 5))
    return ngettext("%(count)d second", "%(count)d seconds", count) % {"count": count}


@register.filter
def effort(minutes: int) -> str:
    """About how long it takes, as precisely as one can know."""
    if minutes < 120:
        return ngettext("about %(count)d minute", "about %(count)d minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(count)d hour", "about %(count)d hours", hours) % {"count": hours}


@register.filter
def limit_name(key: str) -> str:
    return str(LIMITS[key].name)


@register.filter
def in_unit(value: float, key: str) -> str:
    """An amount of a limited resource with its unit."""
    places = 0 if LIMITS[key].unit == "MB" else 1
    return f"{number_format(round(value, places), places, force_grouping=True)} {LIMITS[key].unit}"


@register.filter
def figure(value: float) -> str:
    """A measured number with as many places as tell something."""
    return amount(float(f"{value:.4g}") if abs(value) < 1e4 else round(value), "")


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
        "hit": percent >= AT_LIMIT,
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
def skill_name(slug: str) -> str:
    known = read_skills().get(slug)
    return pgettext("skill", known.title) if known else spaced(slug)


@register.filter
def readable(text: str) -> str:
    """What a program printed, without the characters that steer a terminal."""
    return CONTROL.sub("", ESCAPES.sub("", text.replace("\r\n", "\n")))


@register.filter
def authored(text: str) -> SafeString:
    """The attribute of an element with words of a package, which a page in another language shows as they are."""
    is_foreign = text and get_language() != WRITTEN and not isinstance(text, Retold)
    return SafeString(' lang="en"' if is_foreign else "")


@register.filter
def with_commands(text: str) -> SafeString:
    """A sentence of ours, in which commands stand between backticks."""
    forms = (SafeString("{}"), SafeString("<code>{}</code>"))
    told = (format_html(forms[number % 2], part) for number, part in enumerate(text.split("`")))
    return format_html_join("", "{}", ((one,) for one in told))


@register.filter
def glimpsed(what: str) -> str:
    """What a preview noted of a file or of a column, in the reader's words; names of types stay as they are."""
    return str(GLIMPSES.get(what) or retell(what))


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


@register.simple_tag
def editor_phrases() -> str:
    """The editor's own words in the reader's language, as JSON for its script, by names without spaces."""
    return json.dumps({phrase.replace(" ", "-"): str(word) for phrase, word in EDITOR_PHRASES.items()})


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
def word_on(overrides: Sequence[Override] | None, check: str) -> Override | None:
    """What a leader said of this check, or with no name of the verdict, if that is in force."""
    return next((said for said in overrides or () if said.check_name == check and not said.undone_at), None)


@register.filter
def missing_from(level: int, top: int = 5) -> range:
    return range(level, top)


@register.filter
def steps_to(level: int) -> range:
    return range(level)
