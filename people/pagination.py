"""How long lists are cut into pages, within bounds that every database takes."""

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request


class Pages(LimitOffsetPagination):
    """`?limit=…&offset=…`"""

    max_limit = 200
    max_offset = 1_000_000

    def get_offset(self, request: Request) -> int:
        return min(super().get_offset(request), self.max_offset)
