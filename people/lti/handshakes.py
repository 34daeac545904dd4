"""What the library asks of us while somebody comes in: which platform it is, and which states and nonces are fresh.

The library keeps both in cookies and never uses them up. Browsers keep no cookie of a page in a frame, so here they are
kept in a row, which is taken once.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from pylti1p3.contrib.django.message_launch import DjangoMessageLaunch
from pylti1p3.contrib.django.oidc_login import DjangoOIDCLogin
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment
from pylti1p3.exception import LtiException
from pylti1p3.registration import Registration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from people.lti.claims import read_person
from people.lti.models import Launch, Platform
from people.lti.outgoing import Connector, Outgoing, describe

TIME_TO_LOG_IN: Final = timedelta(minutes=10)


class OnePlatform(ToolConfAbstract[Request]):
    """The platform whose address was asked: whatever a token says, it is of this one or of none."""

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self.platform = platform

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        return True

    def find_registration_by_issuer(self, iss: str, *args: object, **kwargs: object) -> Registration:
        raise LtiException("Every token names its client.")

    def find_deployment(self, iss: str, deployment_id: str) -> Deployment | None:
        return None

    def find_registration_by_params(
        self, iss: str, client_id: str | None, *args: object, **kwargs: object
    ) -> Registration:
        if iss != self.platform.issuer or client_id not in (None, "", self.platform.client_id):
            raise LtiException("The issuer or the client id is not the registered one.")
        return describe(self.platform)

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: object, **kwargs: object
    ) -> Deployment | None:
        known = deployment_id == self.platform.deployment_id
        return Deployment().set_deployment_id(deployment_id) if known else None


class KeptLaunch(SessionService, CookieService):
    """State and nonce of one launch in its row, in the place of the library's cookie and session."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.state = ""
        self.launch: Launch | None = None

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        self.state = name

    def save_nonce(self, nonce: str) -> None:
        self.launch = Launch.objects.create(platform=self.platform, state=self.state, nonce=nonce)

    def check_state_is_valid(self, state: str, id_token_hash: str) -> bool:
        """A state is never known to be good beforehand, as the library would have it of a page that is reloaded."""
        return False

    def get_cookie(self, name: str) -> str | None:
        fresh = Launch.objects.filter(platform=self.platform, state=name, received_at=None)
        self.launch = fresh.filter(begun_at__gt=timezone.now() - TIME_TO_LOG_IN).first()
        return name if self.launch else None

    def check_nonce(self, nonce: str) -> bool:
        """Taken before the signature is looked at, and for good: of two that come at once, one goes on."""
        if self.launch is None or self.launch.nonce != nonce:
            return False
        taken = Launch.objects.filter(pk=self.launch.pk, received_at=None).update(received_at=timezone.now())
        return taken == 1

    def save_launch_data(self, key: str, jwt_body: Mapping[str, Any]) -> None:
        """Nothing is kept of what a token says but what the launch's own row needs."""

    def set_state_valid(self, state: str, id_token_hash: str) -> None:
        """See check_state_is_valid."""


def begin_handshake(request: HttpRequest, platform: Platform, launch_url: str) -> str:
    """The platform's address that the browser is sent to. Raises OIDCException and LtiException."""
    kept = KeptLaunch(platform)
    login = DjangoOIDCLogin(request, OnePlatform(platform), session_service=kept, cookie_service=kept)  # type: ignore[arg-type]
    return str(login.get_redirect_object(launch_url).get_redirect_url())


def end_handshake(request: HttpRequest, platform: Platform) -> tuple[DjangoMessageLaunch, Launch]:
    """The platform's message, checked, and the launch whose it is. Raises LtiException on whatever is not right."""
    kept = KeptLaunch(platform)
    message = DjangoMessageLaunch(
        request,
        OnePlatform(platform),
        session_service=kept,
        cookie_service=kept,
        requests_session=Outgoing(platform),
        service_connector_cls=Connector,  # type: ignore[arg-type]
    )
    # The audience is compared by the library itself; what has no end or is of nobody is refused here.
    message.set_jwt_verify_options({"verify_aud": False, "require": ["exp", "iat", "sub", "nonce"]})
    try:
        message.validate()
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        # The library reads a token's claims before it knows that they are a mapping of texts.
        raise LtiException("The token or the platform's key set has another form than it should.") from fault
    _require_for_us(message.get_launch_data(), platform)
    if kept.launch is None:
        raise LtiException("The launch was not begun here.")
    return message, kept.launch


def _require_for_us(claims: Mapping[str, Any], platform: Platform) -> None:
    """What the library leaves open: of a token for several audiences we must be the authorised party."""
    several = isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1
    if several and claims.get("azp") != platform.client_id:
        raise LtiException("The token is for several tools, and was not asked for by this one.")
    if not isinstance(claims["sub"], str) or not read_person(claims):
        raise LtiException("The token's sub is no text of at most 255 letters.")
