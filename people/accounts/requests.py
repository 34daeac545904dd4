"""What an API reads of a request: who asks, and what they sent."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer

from people.accounts.models import User


def read_user(request: Request) -> User:
    """Whoever asks, once the API has let them in."""
    user: User = request.user  # type: ignore[assignment]
    return user


def read_sent(shape: type[Serializer[Any]], sent: Any) -> dict[str, Any]:
    """A body or a query as this serializer has it. Raises ValidationError, which is answered field by field."""
    asked = shape(data=sent)
    asked.is_valid(raise_exception=True)
    told: dict[str, Any] = asked.validated_data
    return told
