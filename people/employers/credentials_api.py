"""The API of credentials: a learner's own, and verifying anybody's without an account. Parses, and answers."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from credentials.sentences import FINDINGS
from credentials.verifying import Finding, Report
from people.accounts.requests import read_sent, read_user
from people.employers import claiming, packing
from people.employers.checking import VerifyThrottle, require_small, verify_bytes, verify_link
from people.employers.claiming import Wish
from people.employers.credential_serializers import (
    ClaimSerializer,
    CredentialSerializer,
    OwnCredentialsSerializer,
    ReportSerializer,
    ToVerifySerializer,
)
from people.learners.refusals import Refusal
from people.replays.answering import answer_once

ZIP = {(200, "application/zip"): OpenApiTypes.BINARY}
FILE = {
    (200, kind): OpenApiTypes.ANY if kind.endswith("json") else OpenApiTypes.BINARY
    for kind in packing.list_media_types()
}


class OwnCredentialsView(APIView):
    @extend_schema(operation_id="me_credentials_overview", responses=OwnCredentialsSerializer)
    def get(self, request: Request) -> Response:
        """What you have claimed, and what you may claim."""
        user = read_user(request)
        claimed = list(claiming.list_credentials(user))
        told = {"claimed": claimed, "claimable": claiming.list_claimable(user, claimed)}
        return Response(OwnCredentialsSerializer(told).data)

    @extend_schema(request=ClaimSerializer, responses={201: CredentialSerializer})
    @answer_once
    def post(self, request: Request) -> Response:
        """Have signed what you have shown. Nothing is signed unasked."""
        asked = read_sent(ClaimSerializer, request.data)
        wish = Wish(asked["identity"], asked["shows_name"])
        made = claiming.claim(read_user(request), asked["kind"], asked["of"], wish)
        return Response(CredentialSerializer(made).data, status=201)


class OwnCredentialView(APIView):
    @extend_schema(responses=CredentialSerializer)
    def get(self, request: Request, uuid: UUID) -> Response:
        """One of yours."""
        return Response(CredentialSerializer(claiming.access_credential(read_user(request), uuid)).data)

    @extend_schema(responses={200: CredentialSerializer})
    def delete(self, request: Request, uuid: UUID) -> Response:
        """Withdraw one of yours: whoever verifies it reads that it is revoked. There is no way back."""
        return Response(CredentialSerializer(claiming.withdraw(read_user(request), uuid)).data)


class CredentialFileView(APIView):
    @extend_schema(responses=FILE)
    def get(self, request: Request, uuid: UUID, form: str) -> HttpResponse:
        """One of yours as a file: json, jwt, png or svg; in the pictures it is baked."""
        name, kind, content = packing.pack(claiming.access_credential(read_user(request), uuid), form)
        return _hand_over(name, kind, content)


class CredentialsFileView(APIView):
    @extend_schema(responses=ZIP)
    def get(self, request: Request) -> HttpResponse:
        """All of yours that stand, in every form, as a zip."""
        content = packing.pack_all(claiming.list_standing(read_user(request)))
        return _hand_over("credentials.zip", "application/zip", content)


class VerifyView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (VerifyThrottle,)
    parser_classes = (JSONParser, MultiPartParser, FormParser)

    @extend_schema(request=ToVerifySerializer, responses=ReportSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Four answers about a credential, ours or anybody's; no account is needed, and nothing is kept."""
        require_small(int(request.META.get("CONTENT_LENGTH") or 0) // 2)
        return Response(_tell(_verify(read_sent(ToVerifySerializer, request.data))))


def _verify(asked: dict[str, Any]) -> Report:
    if len(asked) != 1:
        raise Refusal("invalid", "content", _("Give one of them: a file, a link or the text."))
    if "file" in asked:
        require_small(asked["file"].size)
        return verify_bytes(asked["file"].read())
    return verify_link(asked["link"]) if "link" in asked else verify_bytes(asked["text"].encode())


def _tell(report: Report) -> dict[str, Any]:
    names = ("signature", "issuer", "validity", "revocation")
    answers = {name: _tell_finding(getattr(report, name)) for name in names}
    return {"holds": report.holds, **answers, "document": report.document}


def _tell_finding(finding: Finding) -> dict[str, str]:
    sentence = gettext(FINDINGS[finding.code]).format(about=finding.about)
    return {"answer": finding.answer.value, "code": finding.code, "about": finding.about, "sentence": sentence}


def _hand_over(name: str, kind: str, content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
