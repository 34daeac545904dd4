"""Says again, in the reader's language, what was written down in English while work was judged.

Rows keep the English. Only sentences of our own are known here; what a package's checks say stays as it was written.
"""

import re
from functools import cache, lru_cache

from django.utils.translation import get_language, gettext

from grading.wording import KNOWN
from people.accounts.languages import WRITTEN


class Retold(str):
    """A sentence that was told again; any other stands in the language that it was written in."""

    __slots__ = ()


def retell(text: str) -> str:
    """The sentence in the language that is spoken now, if it is one of ours."""
    language = get_language() or WRITTEN
    return text if language == WRITTEN or not text else _retell(text, language)


@lru_cache(maxsize=4096)
def _retell(text: str, language: str) -> str:
    """Looked up once for each language, which is the one that is active."""
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(text):
            told = {name: _retell(part, language) for name, part in found.groupdict().items()}
            return Retold(gettext(sentence).format_map(told))
    return text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """What has the most words of its own comes first: it says the most of what it matches."""
    longest_first = sorted(dict.fromkeys(KNOWN), key=lambda sentence: -len(re.sub(r"{\w+}", "", sentence)))
    return [(sentence, _recognise(sentence)) for sentence in longest_first]


def _recognise(sentence: str) -> re.Pattern[str]:
    """Within another sentence the first letter may be small; and what stands in it twice is the same twice."""
    pattern, known = "", set()
    for number, part in enumerate(re.split(r"{(\w+)}", sentence)):
        is_name = number % 2 == 1
        pattern += (f"(?P={part})" if part in known else f"(?P<{part}>.+?)") if is_name else re.escape(part)
        known |= {part} if is_name else set()
    return re.compile(pattern, re.DOTALL | re.IGNORECASE)
