"""Who is asking, and tokens for those who know their password. Parses and answers only."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from people.accounts.authentication import TokenAuthentication
from people.accounts.models import User
from people.accounts.requests import read_sent
from people.accounts.scopes import USUAL, Scope
from people.accounts.second_factor import accept_code, has_second_factor
from people.accounts.tokens import issue_token


class MeSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField(source="__str__")


class LogInSerializer(serializers.Serializer[dict[str, Any]]):
    username = serializers.CharField(max_length=254, help_text="User name or e-mail address.")
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    code = serializers.CharField(
        max_length=40, required=False, help_text="Of the second factor, where the account has one."
    )
    name = serializers.CharField(max_length=60, default="command line", help_text="What to call the token.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=[scope.value for scope in Scope]),
        default=lambda: [scope.value for scope in USUAL],
        allow_empty=False,
        max_length=len(Scope),
        help_text="What it may be used for: read all, submit work, share credentials and links, lead cohorts, hire.",
    )
    days = serializers.IntegerField(
        min_value=1, required=False, help_text="For how many days; the server may allow fewer."
    )

    def validate_days(self, days: int) -> int:
        if days > settings.MILEPOST_TOKEN_DAYS:
            raise serializers.ValidationError(
                _("A token lives for at most {most} days here.").format(most=settings.MILEPOST_TOKEN_DAYS)
            )
        return days


class TokenSerializer(serializers.Serializer[dict[str, str]]):
    token = serializers.CharField(help_text="Shown this once: keep it.")
    username = serializers.CharField()


class MeView(APIView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who you are."""
        return Response(MeSerializer(request.user).data)


class TokensView(APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "tokens"

    @extend_schema(request=LogInSerializer, responses={201: TokenSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        """Make an access token, for a command line."""
        told = read_sent(LogInSerializer, request.data)
        user = _find_user(request, told)
        if user is None:
            raise AuthenticationFailed(_("User name and password do not match."), code="wrong-credentials")
        if has_second_factor(user):
            _require_code(user, told.get("code", ""))
        made = {
            "token": issue_token(user, told["name"], told["scopes"], told.get("days", 0)),
            "username": user.username,
        }
        return Response(TokenSerializer(made).data, status=201)


def _find_user(request: Request, told: dict[str, Any]) -> User | None:
    """Whoever this name and password are of; guesses count together with those on the page."""
    name = {"username": told["username"], **({"email": told["username"]} if "@" in told["username"] else {})}
    try:
        found = get_adapter().authenticate(request._request, **name, password=told["password"])
    except ImmediateHttpResponse as answer:
        raise Throttled(int(answer.response["Retry-After"])) from answer
    return found if isinstance(found, User) else None


def _require_code(user: User, code: str) -> None:
    """Raises AuthenticationFailed, which says whether a code is missing or wrong."""
    if not code:
        sentence = _(
            "This account has a second factor: send the code of its app, or a recovery code, as `code` as well."
        )
        raise AuthenticationFailed(sentence, code="second-factor")
    if fault := accept_code(user, code):
        raise AuthenticationFailed(fault, code="wrong-code")
