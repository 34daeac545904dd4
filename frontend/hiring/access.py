"""Who hires comes in here, and is led here by the menu of every page."""

from typing import cast

from django.http import HttpRequest

from people.accounts.models import User
from people.employers.desks import access_employer, list_posts
from people.employers.models import Post, Power

KEY = "hires"


def hire(request: HttpRequest, slug: str, power: Power = Power.READ) -> Post:
    """The reader's part in an employer. Raises Refusal below this power, and for anybody else."""
    return access_employer(cast(User, request.user), slug, power)


def find_posts(request: HttpRequest) -> list[Post]:
    """The employers that the reader acts for. The session remembers whether there are any, for the menu."""
    posts = list(list_posts(cast(User, request.user)))
    if request.session.get(KEY, False) != bool(posts):
        request.session[KEY] = bool(posts)
    return posts
