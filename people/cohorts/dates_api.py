"""The API of dates: a cohort's for who leads it, their own for learners. Instants are told in UTC."""

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.cohorts import extensions, feeds, timings
from people.cohorts.clocks import zone_of
from people.cohorts.dates import list_places, read_own_dates, read_timings
from people.cohorts.dates_serializers import (
    CohortDatesSerializer,
    ExtensionAskedSerializer,
    ExtensionSerializer,
    FeedSerializer,
    LateRulesSerializer,
    OwnDatesSerializer,
    SetDatesSerializer,
    ShiftSerializer,
)
from people.cohorts.lateness import Dates, choose_kindest
from people.cohorts.models import Cohort, Extension, Feed, Power
from people.cohorts.queries import access_cohort
from people.replays.answering import answer_once


def describe_dates(cohort: Cohort) -> dict[str, object]:
    known = read_timings(cohort)
    shown = [
        {"milestone": "/".join(place), **{name: getattr(known.get(place), name, None) for name in timings.FIELDS}}
        for place in list_places(cohort.project_slugs)
    ]
    rules = {"zone": str(zone_of(cohort)), "late_percent": cohort.late_percent, "late_days": cohort.late_days}
    return {**rules, "seen": timings.mark_dates(cohort), "dates": shown}


class DatesView(APIView):
    parser_classes = (JSONParser,)

    @extend_schema(responses=CohortDatesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """When each milestone of a cohort opens, is due and closes, and what late work costs."""
        leader = access_cohort(read_user(request), slug)
        return Response(CohortDatesSerializer(describe_dates(leader.cohort)).data)

    @extend_schema(request=SetDatesSerializer, responses=CohortDatesSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Give these milestones these dates; the others keep theirs. `seen` refuses if they have changed meanwhile."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        asked = read_sent(SetDatesSerializer, request.data)
        wanted = {
            tuple(row["milestone"].partition("/")[::2]): Dates(row["opens_at"], row["due_at"], row["closes_at"])
            for row in asked["dates"]
        }
        timings.set_dates(leader, wanted, asked["seen"])
        return Response(CohortDatesSerializer(describe_dates(leader.cohort)).data)


class LateRulesView(APIView):
    @extend_schema(request=LateRulesSerializer, responses=CohortDatesSerializer)
    def put(self, request: Request, slug: str) -> Response:
        """Set the zone in which dates are shown to leaders, and what late work costs. No instant moves."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        asked = read_sent(LateRulesSerializer, request.data)
        timings.set_rules(leader, timings.Rules(**asked))
        leader.cohort.refresh_from_db()
        return Response(CohortDatesSerializer(describe_dates(leader.cohort)).data)


class ShiftView(APIView):
    @extend_schema(request=ShiftSerializer, responses=CohortDatesSerializer)
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Move all dates of a cohort by so many days; the time of day stays, and so do extensions."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        asked = read_sent(ShiftSerializer, request.data)
        timings.shift_dates(leader, asked["days"], asked["seen"])
        return Response(CohortDatesSerializer(describe_dates(leader.cohort)).data)


class ExtensionsView(ListAPIView[Extension]):
    """Who was given more time, newest first, of the learners whom you see; what was taken back is there too."""

    serializer_class = ExtensionSerializer
    queryset = Extension.objects.none()

    def get_queryset(self) -> QuerySet[Extension]:
        leader = access_cohort(read_user(self.request), self.kwargs["slug"])
        return extensions.list_extensions(leader)

    @extend_schema(request=ExtensionAskedSerializer, responses={201: ExtensionSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Give a learner more time at one milestone."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        asked = read_sent(ExtensionAskedSerializer, request.data)
        extension = extensions.extend(leader, **asked)
        return Response(ExtensionSerializer(extension).data, status=201)


class ExtensionView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Take an extension back. It stays in the list, with the moment."""
        extensions.withdraw(access_cohort(read_user(request), slug, Power.LEAD), pk)
        return Response(status=204)


class FeedView(APIView):
    """The secret address at which a calendar reads your own dates."""

    @extend_schema(request=None, responses={201: FeedSerializer})
    @answer_once
    def post(self, request: Request) -> Response:
        """Make an address, which is told this once; one that was made before is good for nothing any more."""
        return answer_feed(request, feeds.renew_feed(read_user(request)))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Take the address back."""
        feeds.revoke_feed(read_user(request))
        return Response(status=204)


class CohortFeedView(APIView):
    """The secret address at which a calendar reads the dates of a cohort that you lead."""

    @extend_schema(request=None, responses={201: FeedSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Make an address, which is told this once; one that was made before is good for nothing any more."""
        leader = access_cohort(read_user(request), slug)
        return answer_feed(request, feeds.renew_feed(leader.user, leader.cohort))

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Take the address back."""
        leader = access_cohort(read_user(request), slug)
        feeds.revoke_feed(leader.user, leader.cohort)
        return Response(status=204)


def answer_feed(request: Request, feed: Feed) -> Response:
    path = reverse("frontend:calendar", args=[feeds.sign(feed)])
    return Response({"address": request.build_absolute_uri(path)}, status=201)


class OwnDatesView(APIView):
    @extend_schema(responses=OwnDatesSerializer(many=True))
    def get(self, request: Request) -> Response:
        """When your milestones open, are due and close: extensions counted, and the kindest of your cohorts."""
        own = read_own_dates(read_user(request))
        shown = [
            {"milestone": "/".join(place), "dates": choose_kindest(one.dates for one in several)}
            for place, several in own.items()
        ]
        return Response(OwnDatesSerializer(shown, many=True).data)
