"""What an API reads of a request: who asks, and what they sent."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.serializers import CharField, DictField, Field, ListField, Serializer, ValidationError

from people.accounts.models import User
from people.unkept import find_unkept


def read_user(request: Request) -> User:
    """Whoever asks, once the API has let them in."""
    user: User = request.user  # type: ignore[assignment]
    return user


def read_sent(shape: type[Serializer[Any]], sent: Any) -> dict[str, Any]:
    """A body or a query as this serializer has it. Raises ValidationError, which is answered field by field."""
    asked = shape(data=sent)
    unkept = find_unkept(sent, _("This text has a letter that cannot be kept. Leave it out."))
    if faults := unkept or _find_numbers(asked, sent):
        raise ValidationError(faults)
    asked.is_valid(raise_exception=True)
    told: dict[str, Any] = asked.validated_data
    return told


def _find_numbers(field: Field[Any, Any, Any, Any], sent: Any) -> Any:
    """What is wrong where JSON has a number for a text, which DRF would take as its digits; nothing where none has."""
    if isinstance(field, CharField) and isinstance(sent, int | float):
        return [_("This is no text. Put it in quotation marks.")]
    if isinstance(field, Serializer) and isinstance(sent, dict):
        inner = {name: _find_numbers(one, sent.get(name)) for name, one in field.fields.items()}
    elif isinstance(field, ListField) and isinstance(sent, list):
        inner = {str(place): _find_numbers(field.child, one) for place, one in enumerate(sent)}
    elif isinstance(field, DictField) and isinstance(sent, dict):
        inner = {str(name): _find_numbers(field.child, one) for name, one in sent.items()}
    else:
        return None
    return {name: fault for name, fault in inner.items() if fault}
