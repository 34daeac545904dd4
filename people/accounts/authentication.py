"""Lets programs in with an access token. Knows not what a user may do once inside."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from people.accounts.languages import speak_to
from people.accounts.models import AccessToken, User
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
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        # Without a challenge of its own, DRF answers 403 to those who have not said who they are.
        return 'Bearer realm="milepost"'
