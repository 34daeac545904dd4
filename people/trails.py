"""Trails: rows that say who did what, and are only ever added. Triggers of the database refuse the rest too."""

from typing import Any, NoReturn, TypeVar

from django.db import models

Line = TypeVar("Line", bound=models.Model)


class NeverRewritten(Exception):
    """Somebody tried to change or to take away what a trail says."""


class _Added(models.QuerySet[Line]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise NeverRewritten(self.model.__name__)

    def delete(self) -> NoReturn:
        raise NeverRewritten(self.model.__name__)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverRewritten(self.model.__name__)


class Trail(models.Model):
    """One line of a trail. What it is about may go, and takes its lines along; the product changes none."""

    objects = models.Manager.from_queryset(_Added)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverRewritten(type(self).__name__)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverRewritten(type(self).__name__)
