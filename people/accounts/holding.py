"""Tells somebody what rows are held about them. Asks every table: a new one is told of without a line here."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q

from people.accounts.models import User
from people.accounts.trail import list_lines

# By these a row is about somebody, or their own word. What they did for a cohort or an employer is held about that one.
ABOUT: Final = frozenset({"user", "learner", "author", "actor"})
# What lets somebody in, or gives away what their work is judged on.
WITHHELD: Final = frozenset({"password", "digest", "data", "key", "secret", "seat"})


def list_rows(user: User) -> Iterator[tuple[str, bytes]]:
    """A JSON file for each table that has rows about this user, by a name that sorts."""
    yield "accounts.user.json", _write([_tell(User.objects.filter(pk=user.pk).values().get())])
    yield "accounts.accountline.json", _write([_tell(row) for row in list_lines(user).values()])
    for model in sorted(apps.get_models(), key=lambda one: one._meta.label_lower):
        if names := _find_fields(model):
            mine = Q(*((name, user.pk) for name in names), _connector=Q.OR)
            if rows := [_tell(row) for row in model._default_manager.filter(mine).order_by("pk").values()]:
                yield f"{model._meta.label_lower}.json", _write(rows)


def _find_fields(model: type[Model]) -> list[str]:
    return [one.name for one in model._meta.concrete_fields if one.related_model is User and one.name in ABOUT]


def _tell(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in WITHHELD}


def _write(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False).encode() + b"\n"
