"""The API of a cohort at a glance: parses what is asked, and answers. What a leader may see `access_cohort` decides."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from curriculum.models import Project
from people.accounts.requests import read_user
from people.cohorts.checked import CheckedRow, read_checked
from people.cohorts.heat import (
    SORTS,
    STATES,
    HeatRow,
    choose_kind,
    choose_project,
    choose_rows,
    list_enrolments,
    list_people,
    list_projects,
    parse_wish,
    read_whole,
)
from people.cohorts.heat_serializers import (
    AtRiskSerializer,
    CheckedRowSerializer,
    HeatRowSerializer,
    StopperSerializer,
    ThresholdsSerializer,
)
from people.cohorts.models import Membership, Power
from people.cohorts.queries import access_cohort
from people.cohorts.risks import read_at_risk
from people.cohorts.signals import read_thresholds, set_thresholds
from people.cohorts.stoppers import rank_stoppers, read_refused
from people.learners.refusals import Refusal

PROJECT = OpenApiParameter("project", str, description="Its slug; the cohort's first where none is given.")


class GlanceView(GenericAPIView[Any]):
    """A list of plain values, a page at a time."""

    def answer(self, found: Sequence[Any]) -> Response:
        page: Any = self.paginate_queryset(found)
        serializer: BaseSerializer[Any] = self.get_serializer(page, many=True)
        return self.get_paginated_response(serializer.data)

    def choose(self, leader: Membership) -> Project:
        return choose_project(list_projects(leader), self.request.query_params.get("project", ""))


class CellsView(GlanceView):
    serializer_class = HeatRowSerializer

    @extend_schema(
        responses=HeatRowSerializer(many=True),
        parameters=[
            PROJECT,
            OpenApiParameter("section", str, description="Its title."),
            OpenApiParameter("state", str, enum=STATES, description="At any milestone, or at `kind`."),
            OpenApiParameter("kind", str, description="A milestone; without a state, those who are stuck there."),
            OpenApiParameter("check", str, description='Those whom "milestone/check" stops now.'),
            OpenApiParameter("sort", str, enum=SORTS),
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Where each learner stands in one project, milestone by milestone, and what stops them."""
        leader = access_cohort(read_user(request), slug)
        people, project = list_people(leader), self.choose(leader)
        kinds = [milestone.kind for milestone in project.milestones.all()]
        wish = parse_wish(request.query_params, sorted({one.section for one in people if one.section}), kinds)
        rows = choose_rows(read_whole(leader, project, people).rows, wish)
        return self.answer([_tell_row(row) for row in rows])


class CheckedView(GlanceView):
    serializer_class = CheckedRowSerializer

    @extend_schema(parameters=[PROJECT], responses=CheckedRowSerializer(many=True))
    def get(self, request: Request, slug: str, kind: str) -> Response:
        """What each learner's newest judgement of one milestone answered, check by check."""
        leader = access_cohort(read_user(request), slug)
        project = self.choose(leader)
        checked = read_checked(leader, project, choose_kind(project, kind), list_people(leader))
        names = [name for name, _question in checked.checks]
        return self.answer([_tell_checked(row, names) for row in checked.rows])


class StoppersView(GlanceView):
    serializer_class = StopperSerializer

    @extend_schema(parameters=[PROJECT], responses=StopperSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The checks that stop this cohort: how many now, how many ever, and how many tries they took."""
        leader = access_cohort(read_user(request), slug)
        project = self.choose(leader)
        heat = read_whole(leader, project, list_people(leader))
        return self.answer(rank_stoppers(heat, read_refused(list_enrolments(leader, project.slug))))


class AtRiskView(GlanceView):
    serializer_class = AtRiskSerializer

    @extend_schema(responses=AtRiskSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The learners for whom a signal holds, with every signal in a sentence; those with most first."""
        return self.answer(read_at_risk(access_cohort(read_user(request), slug)))


class SignalsView(APIView):
    @extend_schema(responses=ThresholdsSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Which signals are switched on, and from when they ring."""
        return Response(asdict(read_thresholds(access_cohort(read_user(request), slug).cohort)))

    @extend_schema(request=ThresholdsSerializer, responses=ThresholdsSerializer)
    def put(self, request: Request, slug: str) -> Response:
        """Set all of them: what is left out is switched off. For whoever leads."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        if not isinstance(request.data, dict):
            raise Refusal("bad-body", "signals", _("Send an object with a value for each signal."))
        return Response(asdict(set_thresholds(leader, request.data)))


def _tell_row(row: HeatRow) -> dict[str, Any]:
    cells = [{**asdict(state), "stops": row.stops.get(state.kind, ())} for state in row.states]
    return {**_tell_person(row), "last_at": row.last_at, "cells": cells}


def _tell_checked(row: CheckedRow, names: Sequence[str]) -> dict[str, Any]:
    answers = dict(zip(names, row.answers, strict=True))
    return {**_tell_person(row), "submission": row.submission_id, "answers": answers}


def _tell_person(row: HeatRow | CheckedRow) -> dict[str, Any]:
    return {"learner": row.person.username, "name": row.person.name, "section": row.person.section}
