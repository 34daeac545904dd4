"""The gradebook over the API: lines, weights and files. Parses what is asked, and answers."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.cohorts.downloads import answer_gradebook
from people.cohorts.exporting import FORMATS, describe_line
from people.cohorts.gradebook import list_graded, open_book, read_lines
from people.cohorts.models import Membership, Power
from people.cohorts.ordering import order_members
from people.cohorts.queries import access_cohort
from people.cohorts.weighing import set_weights

ASKED = [
    OpenApiParameter("section", str, description="The title of a section; all of them if it is left out."),
    OpenApiParameter("sort", str, description="name, section or total; a minus before it turns it round."),
]

FILE = {
    (200, one.media_type.partition(";")[0]): OpenApiTypes.ANY if name == "json" else OpenApiTypes.BINARY
    for name, one in FORMATS.items()
}


class GradeSerializer(serializers.Serializer[Any]):
    submission = serializers.IntegerField(help_text="The one that counts.")
    outcome = serializers.CharField()
    handed_in_at = serializers.DateTimeField()
    machine = serializers.FloatField(help_text="Per cent of the points of the milestone's checks.")
    days_late = serializers.IntegerField(help_text="A day begun is a day.")
    kept_percent = serializers.IntegerField(help_text="What lateness leaves of it.")
    adjusted = serializers.FloatField(help_text="The machine's score after lateness.")
    override = serializers.FloatField(allow_null=True, help_text="What a leader's word makes of the machine's score.")
    counts = serializers.FloatField(help_text="What goes into the total: override or else machine, after lateness.")


class LineSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField()
    external_id = serializers.CharField()
    section = serializers.CharField()
    grades = serializers.DictField(child=GradeSerializer(), help_text="By project/milestone, where any was judged.")
    total = serializers.FloatField(allow_null=True, help_text="The weighted mean over all milestones, in per cent.")


class WeightSerializer(serializers.Serializer[Any]):
    milestone = serializers.CharField(source="place", help_text="project/milestone")
    title = serializers.CharField()
    weight = serializers.FloatField()


class WeightsSerializer(serializers.Serializer[Any]):
    weights = serializers.DictField(child=serializers.IntegerField(), help_text="By project/milestone, 0 to 100.")


class GradebookView(GenericAPIView[Membership]):
    serializer_class = LineSerializer

    @extend_schema(parameters=ASKED, responses=LineSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """What the work of each learner whom you see is worth, milestone by milestone."""
        leader = access_cohort(read_user(request), slug)
        book = open_book(leader.cohort)
        members = list_graded(leader, request.query_params.get("section", ""))
        numbers = order_members(book, members, request.query_params.get("sort", "name"))
        lines = read_lines(book, self.paginate_queryset(numbers) or [])
        return self.get_paginated_response([describe_line(book, line) for line in lines])


class WeightsView(APIView):
    parser_classes = (JSONParser,)

    @extend_schema(responses=WeightSerializer(many=True), operation_id="cohorts_weights_retrieve")
    def get(self, request: Request, slug: str) -> Response:
        """What each milestone weighs in the total."""
        leader = access_cohort(read_user(request), slug)
        return Response(WeightSerializer(open_book(leader.cohort).columns, many=True).data)

    @extend_schema(request=WeightsSerializer, responses=WeightSerializer(many=True))
    def patch(self, request: Request, slug: str) -> Response:
        """Set the weights of the milestones that are named, from 0 to 100; the others stay as they are."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        asked = read_sent(WeightsSerializer, request.data)
        set_weights(leader, asked["weights"])
        leader.cohort.refresh_from_db()
        return Response(WeightSerializer(open_book(leader.cohort).columns, many=True).data)


class GradebookFileView(APIView):
    @extend_schema(parameters=ASKED, responses=FILE)
    def get(self, request: Request, slug: str, extension: str) -> HttpResponseBase:
        """The whole gradebook as a file: csv, json or xlsx."""
        leader = access_cohort(read_user(request), slug)
        return answer_gradebook(request._request, leader, extension)
