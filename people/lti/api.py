"""The API of learning platforms: parses what is asked, and answers. What is allowed `access_cohort` decides."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.cohorts.models import Membership, Power
from people.cohorts.queries import access_cohort
from people.lti import tasks
from people.lti.addresses import tell_addresses
from people.lti.models import Platform, SyncLine
from people.lti.queries import access_platform, list_lines, list_platforms, read_roster
from people.lti.registering import Wanted, next_key, register, send_again, withdraw
from people.lti.serializers import (
    AddressesSerializer,
    PlatformSerializer,
    RosterOfPlatformSerializer,
    SentAgainSerializer,
    SyncLineSerializer,
    WantedSerializer,
)
from people.replays.answering import answer_once


def _lead(request: Request, slug: str, power: Power = Power.LEAD) -> Membership:
    return access_cohort(read_user(request), slug, power)


def _tell(request: Request, platform: Platform) -> dict[str, Any]:
    platform.addresses = tell_addresses(request, platform.key)  # type: ignore[attr-defined]
    return dict(PlatformSerializer(platform).data)


class PlatformsView(APIView):
    @extend_schema(responses=PlatformSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The courses that the cohort is connected to, newest first, with what to enter there."""
        return Response([_tell(request, one) for one in list_platforms(_lead(request, slug))])

    @extend_schema(request=WantedSerializer, responses={201: PlatformSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Connect a course; owners only. None of it can be changed later."""
        leader = _lead(request, slug, Power.OWN)
        told = read_sent(WantedSerializer, request.data)
        instructors_lead = told.pop("instructors_lead")
        return Response(_tell(request, register(leader, Wanted(**told), instructors_lead)), status=201)


class NextPlatformView(APIView):
    @extend_schema(responses=AddressesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """What to enter at the platform that is connected next: most ask before they say who they are. Owners only."""
        cohort = _lead(request, slug, Power.OWN).cohort
        return Response(AddressesSerializer(tell_addresses(request, next_key(cohort))).data)


class PlatformView(APIView):
    @extend_schema(responses=PlatformSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One of them."""
        return Response(_tell(request, access_platform(_lead(request, slug), pk)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Disconnect it; owners only. Nobody comes in by it and nothing is sent; accounts and work stay."""
        leader = _lead(request, slug, Power.OWN)
        withdraw(leader, access_platform(leader, pk))
        return Response(status=204)


class PlatformRosterView(APIView):
    @extend_schema(responses=RosterOfPlatformSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """Who is in its course, as it said last."""
        return Response(RosterOfPlatformSerializer(read_roster(access_platform(_lead(request, slug), pk))).data)

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Ask the platform for its roster, in the background. What came of it is in the log."""
        tasks.ask_for_rosters(Platform.objects.filter(pk=access_platform(_lead(request, slug), pk).pk))
        return Response(status=202)


class PlatformScoresView(APIView):
    @extend_schema(request=None, responses=SentAgainSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Send every score once more, also those that were given up."""
        leader = _lead(request, slug)
        return Response({"scores": send_again(leader, access_platform(leader, pk))})


class SyncLogView(ListAPIView[SyncLine]):
    """What went between the cohort and its platforms, those withdrawn too; newest first."""

    serializer_class = SyncLineSerializer

    def get_queryset(self) -> QuerySet[SyncLine]:
        if getattr(self, "swagger_fake_view", False):
            return SyncLine.objects.none()
        return list_lines(_lead(self.request, self.kwargs["slug"]))
