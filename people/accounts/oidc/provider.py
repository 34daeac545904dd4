"""One identity provider of the operator's, by OpenID Connect: as allauth has it, but that nothing is taken unproved."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from jwt import PyJWTError, get_unverified_header

NAME = "oidc"
# Signed with a key pair: what is signed with a shared secret, or not at all, proves nothing.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")


class StrictAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Reads who somebody is from a signed ID token alone, made for us and for this very sign-in."""

    def __init__(self, request: HttpRequest, provider_id: str = NAME) -> None:
        super().__init__(request, provider_id)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("oidc_callback"))

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        claims = self._read_claims(app, kwargs["response"].get("id_token") or "")
        if not self.nonce or claims.get("nonce") != self.nonce:
            raise OAuth2Error("the ID token is of another sign-in")
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(token.token)
            claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
        return self.get_provider().sociallogin_from_response(request, claims)

    def _read_claims(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            header = get_unverified_header(id_token)
        except PyJWTError as fault:
            raise OAuth2Error("there is no ID token") from fault
        if header.get("alg") not in ALGORITHMS or "kid" not in header:
            raise OAuth2Error("the ID token is not signed with a key pair")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if not claims.get("sub"):
            raise OAuth2Error("the ID token names nobody")
        return claims

    nonce = ""


class StrictProvider(OpenIDConnectProvider):  # type: ignore[misc]
    id = NAME
    oauth2_adapter_class = StrictAdapter
    pkce_enabled_default = True

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("oidc_login")

    def get_callback_url(self) -> str:
        return reverse("oidc_callback")

    def redirect(self, request: HttpRequest, process: str, next_url: str | None = None, **kwargs: Any) -> HttpResponse:
        nonce = secrets.token_urlsafe(24)
        # Nothing of the query goes on to the provider: neither scopes nor parameters are the caller's to choose.
        told = {"data": {"nonce": nonce}, "scope": self.get_scope(), "auth_params": {"nonce": nonce}}
        answer: HttpResponse = super().redirect(request, process, next_url, **told)
        return answer

    def extract_uid(self, data: dict[str, Any]) -> str:
        # Another provider at the same setting has other people under the same names.
        return f"{data['iss']} {data['sub']}"

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """Confirmed only if the provider says so in as many words: some say "false", which is true of a text."""
        email = data.get("email")
        return [EmailAddress(email=email, verified=data.get("email_verified") is True, primary=True)] if email else []


provider_classes = [StrictProvider]
