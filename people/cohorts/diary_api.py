"""The API of a cohort's diary."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from people.accounts.requests import read_sent, read_user
from people.cohorts.diary import list_lines
from people.cohorts.models import CohortLine, Power
from people.cohorts.queries import access_cohort


class WhoSerializer(serializers.Serializer[Any]):
    person = serializers.CharField(
        default="", allow_blank=True, max_length=150, help_text="A user name: what they did, and what was done to them."
    )


class CohortLineSerializer(serializers.ModelSerializer[CohortLine]):
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)
    learner = serializers.CharField(source="learner.username", default=None, allow_null=True)

    class Meta:
        model = CohortLine
        fields = ("at", "actor", "verb", "learner", "place", "text")


class DiaryView(ListAPIView[CohortLine]):
    serializer_class = CohortLineSerializer

    @extend_schema(parameters=[WhoSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who did what in the cohort, newest first; for owners and instructors."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[CohortLine]:
        told = read_sent(WhoSerializer, self.request.query_params)
        return list_lines(access_cohort(read_user(self.request), self.kwargs["slug"], Power.LEAD), told["person"])
