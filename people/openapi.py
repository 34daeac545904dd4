"""Describes the API as it is: every address also answers with problem documents, and takes access tokens."""

from functools import cache
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.utils.translation import get_language, override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from people.problems import MEDIA_TYPE, ProblemSerializer
from people.replays.answering import KEY_HEADER, LONGEST_KEY, REPLAYED_HEADER, is_repeatable

PROBLEMS: Final = ("400", "401", "403", "404", "405", "406", "409", "413", "415", "429", "500", "503")
REPEATED: Final = "422"
HEADERS: Final = {
    "401": {"WWW-Authenticate": "How to say who you are."},
    "405": {"Allow": "The methods that this address takes."},
    "429": {"Retry-After": "In how many seconds to ask again."},
    "503": {"Retry-After": "In how many seconds to ask again."},
}
KEY: Final = OpenApiParameter(
    KEY_HEADER,
    {"type": "string", "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description=(
        "A word of your own for this one request, such as a UUID. Sent again with the same body within a day, it is "
        f"answered as the first time, with `{REPLAYED_HEADER}: true`, and nothing is done twice; with another body it "
        "is refused (422), and while the first is at work as well (409, Retry-After)."
    ),
)


class KeptGenerator(SchemaGenerator):
    """drf-spectacular works the description out for whoever asks; it takes seconds, and stays what it is."""

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        return read_schema(get_language() or settings.LANGUAGE_CODE)


@cache
def read_schema(language: str) -> dict[str, Any]:
    with override(language):
        told: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return told


class ProblemAwareSchema(AutoSchema):
    """drf-spectacular documents only what goes well."""

    def get_override_parameters(self) -> list[Any]:
        return [*super().get_override_parameters(), *([KEY] if self._is_repeatable() else [])]

    def _is_repeatable(self) -> bool:
        return is_repeatable(getattr(self.view, self.method.lower(), None))

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        repeated = (REPEATED,) if self._is_repeatable() else ()
        for status in (*PROBLEMS, *repeated, *getattr(self.view, "refuses_with", ())):
            if status not in bodies:
                self.resolve_serializer(ProblemSerializer, direction)
                bodies[status] = {"$ref": f"#/components/responses/Problem{status}"}
        return bodies


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names `Authorization: Bearer mlp_…`."""

    target_class = "people.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token, made on the account page."}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Each problem's answer once, for all operations that name it."""
    named = {
        answer["$ref"].rpartition("/Problem")[2]
        for path in result["paths"].values()
        for operation in path.values()
        for answer in operation["responses"].values()
        if "$ref" in answer
    }
    result["components"]["responses"] = {f"Problem{status}": _describe_problem(status) for status in sorted(named)}
    return result


def _describe_problem(status: str) -> dict[str, Any]:
    headers = {
        name: {"description": words, "schema": {"type": "string"}} for name, words in HEADERS.get(status, {}).items()
    }
    return {
        "description": HTTPStatus(int(status)).phrase,
        **({"headers": headers} if headers else {}),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
