"""The API of assessments: parses what is asked, and answers. What is allowed the rooms decide."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.employers import boxes, consenting, inviting
from people.employers.assessing import Asked, access_assessment, create, list_assessments
from people.employers.assessment_serializers import (
    AddDomainFileSerializer,
    AssessmentInviteSerializer,
    AssessmentReportSerializer,
    AssessmentSerializer,
    DomainFileSerializer,
    GiveTimeSerializer,
    InvitedSerializer,
    MakeAssessmentSerializer,
    MakeInviteSerializer,
    OwnAssessmentSerializer,
    SaySerializer,
)
from people.employers.desks import access_employer
from people.employers.domain_desk import access_domain_file, add_domain_file, list_domain_files
from people.employers.models import Assessment, DomainFile, Invite, Power
from people.employers.reporting import access_report, write_report
from people.replays.answering import answer_once

ANSWERS = {"consent": consenting.consent, "decline": consenting.decline, "withdraw": consenting.withdraw}


def _access(request: Request, slug: str, pk: int, power: Power = Power.READ) -> Assessment:
    return access_assessment(access_employer(read_user(request), slug, power), pk)


class AssessmentsView(ListAPIView[Assessment]):
    """The employer's assessments, newest first."""

    serializer_class = AssessmentSerializer

    def get_queryset(self) -> QuerySet[Assessment]:
        if getattr(self, "swagger_fake_view", False):
            return Assessment.objects.none()
        return list_assessments(access_employer(read_user(self.request), self.kwargs["slug"]))

    @extend_schema(request=MakeAssessmentSerializer, responses={201: AssessmentSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Make an assessment, in the project's current edition."""
        post = access_employer(read_user(request), slug, Power.HIRE)
        made = create(post, Asked(**read_sent(MakeAssessmentSerializer, request.data)))
        return Response(AssessmentSerializer(made).data, status=201)


class AssessmentView(APIView):
    @extend_schema(responses=AssessmentSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One assessment."""
        return Response(AssessmentSerializer(_access(request, slug, pk)).data)


class InvitesView(GenericAPIView[Invite]):
    serializer_class = AssessmentInviteSerializer

    @extend_schema(responses=AssessmentInviteSerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """Who was invited, in pages, and where each stands."""
        found = self.paginate_queryset(inviting.list_invites(_access(request, slug, pk))) or []
        return self.get_paginated_response(AssessmentInviteSerializer(found, many=True).data)

    @extend_schema(request=MakeInviteSerializer, responses={201: AssessmentInviteSerializer})
    @answer_once
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Make a link for one candidate."""
        post = access_employer(read_user(request), slug, Power.HIRE)
        told = read_sent(MakeInviteSerializer, request.data)
        made = inviting.invite(post, access_assessment(post, pk), told["candidate"], told["expires_at"], told["email"])
        return Response(AssessmentInviteSerializer(made).data, status=201)


class InviteView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int, invite: int) -> Response:
        """Take a link back; a box that was begun stays its candidate's."""
        post = access_employer(read_user(request), slug, Power.HIRE)
        inviting.revoke(post, inviting.access_invite(access_assessment(post, pk), invite))
        return Response(status=204)


class MoreTimeView(APIView):
    @extend_schema(request=GiveTimeSerializer, responses=AssessmentInviteSerializer)
    @answer_once
    def post(self, request: Request, slug: str, pk: int, invite: int) -> Response:
        """Give one candidate more time, until their box is over."""
        post = access_employer(read_user(request), slug, Power.HIRE)
        assessment = access_assessment(post, pk)
        told = read_sent(GiveTimeSerializer, request.data)
        inviting.give_time(post, inviting.access_invite(assessment, invite), **told)
        return Response(AssessmentInviteSerializer(inviting.access_invite(assessment, invite)).data)


class AssessmentReportView(APIView):
    @extend_schema(responses=AssessmentReportSerializer)
    def get(self, request: Request, slug: str, pk: int, invite: int) -> Response:
        """What came of it, once the candidate has consented."""
        return Response(AssessmentReportSerializer(access_report(_access(request, slug, pk), invite)).data)


class DomainFilesView(ListAPIView[DomainFile]):
    """The employer's own domain files, newest first."""

    serializer_class = DomainFileSerializer

    def get_queryset(self) -> QuerySet[DomainFile]:
        if getattr(self, "swagger_fake_view", False):
            return DomainFile.objects.none()
        return list_domain_files(access_employer(read_user(self.request), self.kwargs["slug"]))

    @extend_schema(request=AddDomainFileSerializer, responses={202: DomainFileSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Have a domain file measured; it can be used once it is accepted."""
        post = access_employer(read_user(request), slug, Power.HIRE)
        made = add_domain_file(post, **read_sent(AddDomainFileSerializer, request.data))
        return Response(DomainFileSerializer(made).data, status=202)


class DomainFileView(APIView):
    @extend_schema(responses=DomainFileSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One of them, and what the linter found."""
        post = access_employer(read_user(request), slug)
        return Response(DomainFileSerializer(access_domain_file(post, pk)).data)


class InvitedView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(responses=InvitedSerializer)
    def get(self, request: Request, token: str) -> Response:
        """What whoever holds this link is asked to do; no account is needed to read it."""
        return Response(InvitedSerializer(inviting.describe(inviting.read_link(token))).data)


class BeginView(APIView):
    @extend_schema(request=None, responses=OwnAssessmentSerializer)
    def post(self, request: Request, token: str) -> Response:
        """Start the clock. Begun twice, it is the same box."""
        return Response(OwnAssessmentSerializer(boxes.begin(read_user(request), token)).data)


class OwnAssessmentsView(ListAPIView[Invite]):
    """The assessments that you have begun, newest first."""

    serializer_class = OwnAssessmentSerializer

    def get_queryset(self) -> QuerySet[Invite]:
        return boxes.list_taken(read_user(self.request))


class FinishView(APIView):
    @extend_schema(request=None, responses=OwnAssessmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """End your box before its time."""
        return Response(OwnAssessmentSerializer(boxes.finish(read_user(request), pk)).data)


class OwnReportView(APIView):
    @extend_schema(responses=AssessmentReportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Your report, as the employer would read it."""
        return Response(AssessmentReportSerializer(write_report(boxes.access_own(read_user(request), pk))).data)

    @extend_schema(request=SaySerializer, responses=OwnAssessmentSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Say whether the employer may read it, or take that back."""
        told = read_sent(SaySerializer, request.data)
        return Response(OwnAssessmentSerializer(ANSWERS[told["answer"]](read_user(request), pk)).data)
