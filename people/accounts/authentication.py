"""Lets programs in with an access token, for what its scopes are. Knows not what a user may do once inside."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from people.accounts.languages import speak_to
from people.accounts.models import AccessToken, User
from people.accounts.scopes import OutOfScope, require_scope
from people.accounts.tokens import find_token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer mlp_…`"""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        found = find_token(words[1].decode("latin-1")) if len(words) == 2 else None
        if found is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."), code="bad-token")
        speak_to(found.user)
        self._require_scope(found, request)
        return found.user, found

    def _require_scope(self, token: AccessToken, request: Request) -> None:
        # Here, and not among the permissions, which a view names for itself and could forget.
        found = request._request.resolver_match
        address = str(found.url_name) if found else ""
        try:
            require_scope(token, address, request.method in SAFE_METHODS)
        except OutOfScope as lacking:
            refused = PermissionDenied(lacking.sentence, code="missing-scope")
            # As RFC 6750 has it; DRF sends what it finds under this name.
            refused.auth_header = f'Bearer realm="milepost", error="insufficient_scope", scope="{lacking.needs}"'  # type: ignore[attr-defined]
            raise refused from lacking

    def authenticate_header(self, request: Request) -> str:
        # Without a challenge of its own, DRF answers 403 to those who have not said who they are.
        return 'Bearer realm="milepost"'
