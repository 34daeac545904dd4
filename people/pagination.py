"""How long lists are cut into pages, within bounds that every database takes."""

from typing import Any, Final

from django.utils.translation import gettext as _
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from people.learners.refusals import Refusal

# More digits than any database counts, and than Python reads of a stranger.
MOST_DIGITS: Final = 18


class Pages(LimitOffsetPagination):
    """`?limit=…&offset=…`"""

    max_limit = 200
    max_offset = 1_000_000

    def get_limit(self, request: Request) -> int:
        return min(read_number(request, "limit", self.default_limit or 1, 1), self.max_limit)

    def get_offset(self, request: Request) -> int:
        return min(read_number(request, "offset", 0, 0), self.max_offset)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """As DRF tells them, with their bounds."""
        told = {
            "limit": (1, f"How many to give; never more than {self.max_limit} are."),
            "offset": (0, "How many to leave out before the first."),
        }
        return [
            {
                "name": name,
                "required": False,
                "in": "query",
                "description": words,
                "schema": {"type": "integer", "minimum": least},
            }
            for name, (least, words) in told.items()
        ]


def read_number(request: Request, name: str, default: int, least: int) -> int:
    """The whole number that the query gives under this name. Raises Refusal on anything else."""
    given = request.query_params.get(name, "")
    if not given:
        return default
    digits = given if given.isascii() and given.isdigit() else ""
    if not digits or (len(digits) <= MOST_DIGITS and int(digits) < least):
        told = _("{name} is no whole number from {least} on.").format(name=name, least=least)
        raise Refusal("bad-number", name, told, remedy=_("Give such a number, or leave it out."))
    return int(digits[: MOST_DIGITS + 1])
