"""Makes the words by which addresses name what people have given a title."""

import secrets
from collections.abc import Callable

from django.utils.text import slugify

LONGEST = 40


def choose_slug(title: str, otherwise: str, is_taken: Callable[[str], bool]) -> str:
    """Read from the title where it can be, or this word; with some letters more where another has it already."""
    slug = slugify(title)[:LONGEST] or otherwise
    return f"{slug}-{secrets.token_hex(3)}" if is_taken(slug) else slug
