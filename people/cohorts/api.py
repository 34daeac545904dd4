"""The API of who leads a cohort: parses what is asked, and answers. What is allowed is decided by `access_cohort`."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.cohorts.archiving import access_owned, archive, bring_back
from people.cohorts.desk_serializers import TermsSerializer
from people.cohorts.founding import Terms, found, settle
from people.cohorts.models import Membership, Power
from people.cohorts.queries import access_cohort, list_archived, list_led
from people.cohorts.serializers import LedCohortSerializer, WhichCohortsSerializer
from people.replays.answering import answer_once


class CohortsView(ListAPIView[Membership]):
    """The cohorts that you lead."""

    serializer_class = LedCohortSerializer

    @extend_schema(parameters=[WhichCohortsSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The cohorts that you lead."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Membership]:
        asked = read_sent(WhichCohortsSerializer, self.request.query_params)
        choose = list_archived if asked["archived"] else list_led
        return choose(read_user(self.request))

    @extend_schema(request=TermsSerializer, responses={201: LedCohortSerializer})
    @answer_once
    def post(self, request: Request) -> Response:
        """Create a cohort, which you then own; for staff, who owns or instructs one, or everybody, as the site says."""
        asked = read_sent(TermsSerializer, request.data)
        made = found(read_user(request), Terms(**asked))
        return Response(LedCohortSerializer(made).data, status=201)


class ArchiveView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, slug: str) -> Response:
        """Archive a cohort: its leaders only read, and its learners keep all; owners only."""
        archive(access_owned(read_user(request), slug))
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Bring it back; owners only."""
        bring_back(access_owned(read_user(request), slug))
        return Response(status=204)


class CohortView(APIView):
    @extend_schema(responses=LedCohortSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """A cohort that you lead; for anybody else there is none."""
        return Response(LedCohortSerializer(access_cohort(read_user(request), slug)).data)

    @extend_schema(request=TermsSerializer, responses=LedCohortSerializer)
    def put(self, request: Request, slug: str) -> Response:
        """Change what a cohort is called and takes; owners only."""
        leader = access_cohort(read_user(request), slug, Power.OWN)
        asked = read_sent(TermsSerializer, request.data)
        settle(leader, Terms(**asked))
        return Response(LedCohortSerializer(leader).data)
