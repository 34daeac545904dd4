"""Describes the API as it is: every address also answers with problem documents, and takes access tokens."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from people.problems import MEDIA_TYPE, ProblemSerializer

PROBLEMS = ("400", "401", "403", "404", "405", "409", "413", "415", "429")


class ProblemAwareSchema(AutoSchema):
    """drf-spectacular documents only what goes well."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in (*PROBLEMS, *getattr(self.view, "refuses_with", ())):
            if status not in bodies:
                bodies[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    ProblemSerializer, status, [MEDIA_TYPE], direction
                )
        return bodies


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names `Authorization: Bearer mlp_…`."""

    target_class = "people.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token, made on the account page."}
