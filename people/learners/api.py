"""The learner's API: parses what is asked, and answers. What is true and what is allowed is decided elsewhere."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from curriculum import gate
from curriculum.models import Project
from people.accounts.models import User
from people.learners import intake, queries
from people.learners.archives import answer_zip, pack_practice_world, pack_starter
from people.learners.models import Enrolment, Run, RunState, Submission
from people.learners.refusals import Refusal
from people.learners.serializers import (
    AfterSerializer,
    EnrolmentSerializer,
    FullSubmissionSerializer,
    HandInSerializer,
    ProjectSerializer,
    StorySerializer,
    SubmissionSerializer,
    WatchSerializer,
    WhichSerializer,
)
from people.learners.standing import Standing, read_standings
from people.learners.unpacking import read_zip

ZIP = {(200, "application/zip"): OpenApiTypes.BINARY}


class AnswerAsDeclared(BaseContentNegotiation):
    """Answers what the schema says, whatever Accept says: a zip is a zip, and a problem is JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next((parser for parser in parsers if parser.media_type in request.content_type), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        renderer: BaseRenderer = renderers[0]
        return renderer, renderer.media_type


class ProjectsView(ListAPIView[Project]):
    serializer_class = ProjectSerializer

    def get_queryset(self) -> QuerySet[Project]:
        return queries.current_projects()


class ProjectView(APIView):
    @extend_schema(responses=StorySerializer)
    def get(self, request: Request, slug: str) -> Response:
        """A project with its story and briefs: the edition you are enrolled in, or else the current one."""
        return Response(StorySerializer(queries.access_edition(_user(request), slug)).data)


class EnrolmentView(APIView):
    @extend_schema(request=None, responses={200: EnrolmentSerializer, 201: EnrolmentSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Enrol. Asking twice is no harm: 201 the first time, 200 from then on."""
        user = _user(request)
        was_enrolled = queries.find_enrolment(user, slug) is not None
        enrolment = intake.enrol(user, queries.access_edition(user, slug))
        [told] = _describe_enrolments(request, [enrolment])
        return Response(EnrolmentSerializer(told).data, status=200 if was_enrolled else 201)


class EnrolmentsView(GenericAPIView[Enrolment]):
    serializer_class = EnrolmentSerializer

    @extend_schema(responses=EnrolmentSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Where you stand in every project that you are enrolled in."""
        page = self.paginate_queryset(queries.list_enrolments(_user(request))) or []
        return self.get_paginated_response(EnrolmentSerializer(_describe_enrolments(request, page), many=True).data)


class StarterView(APIView):
    content_negotiation_class = AnswerAsDeclared

    @extend_schema(responses=ZIP)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The files that a learner begins with."""
        return answer_zip(pack_starter(queries.access_edition(_user(request), slug)), f"{slug}-starter.zip")


class WorldView(APIView):
    content_negotiation_class = AnswerAsDeclared

    @extend_schema(responses=ZIP)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Your practice world, its truth included; 409 `not-ready` while it is being made."""
        enrolment = queries.access_enrolment(_user(request), slug)
        return answer_zip(pack_practice_world(enrolment), f"{slug}-world.zip")


class HandInView(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(request={"multipart/form-data": HandInSerializer}, responses={201: SubmissionSerializer})
    def post(self, request: Request, slug: str, kind: str) -> Response:
        """Hand in a zip of the project folder for a milestone; it is judged in the background."""
        enrolment = queries.access_enrolment(_user(request), slug)
        _refuse_huge(request)
        upload = request.FILES.get("tree")
        if upload is None:
            raise Refusal("missing", "tree", "Send a zip of your project folder as the multipart field `tree`.")
        run = intake.submit(enrolment, kind, read_zip(upload.file), _way_in(request))
        told = SubmissionSerializer(_describe_submission(request, run.submission, run)).data
        return Response(told, status=201, headers={"Location": told["url"]})


class SubmissionsView(GenericAPIView[Submission]):
    serializer_class = SubmissionSerializer

    @extend_schema(parameters=[WhichSerializer], responses=SubmissionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What you handed in, newest first."""
        which = WhichSerializer(data=request.query_params)
        which.is_valid(raise_exception=True)
        found = queries.own_submissions(_user(request), which.validated_data["project"])
        page = self.paginate_queryset(found) or []
        told = [_describe_submission(request, submission, submission.runs.all()[0]) for submission in page]
        return self.get_paginated_response(SubmissionSerializer(told, many=True).data)


class SubmissionView(APIView):
    @extend_schema(responses=FullSubmissionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A submission of yours, with all that its run concluded."""
        submission = queries.access_submission(_user(request), pk)
        told = _describe_submission(request, submission, queries.latest_run(submission))
        return Response(FullSubmissionSerializer(told).data)


class EventsView(APIView):
    @extend_schema(parameters=[AfterSerializer], responses=WatchSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What the run has reported since: ask again, with the last id you have seen, until the state is done."""
        asked = AfterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        submission = queries.access_submission(_user(request), pk)
        # The state is read before the events: a run that is done has no event that comes after them.
        run = queries.newest_run(submission)
        told = {
            "state": run.state,
            "outcome": run.outcome,
            "waiting_before": queries.count_before(run) if run.state == RunState.QUEUED else 0,
            "events": queries.read_events(submission, asked.validated_data["after"]),
        }
        return Response(WatchSerializer(told).data)


def _user(request: Request) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user


def _refuse_huge(request: Request) -> None:
    # Before the body is read: Django would first write all of it to disk.
    length = request.META.get("CONTENT_LENGTH") or "0"
    limit = 2 * settings.MILEPOST_TREE_MB
    if length.isdigit() and int(length) > limit * 2**20:
        raise Refusal(
            "too-large", "tree", f"This upload is larger than {limit} MB. Leave out data and build results.", 413
        )


def _way_in(request: Request) -> str:
    return "client" if request.headers.get("User-Agent", "").startswith("milepost/") else "api"


def _describe_enrolments(request: Request, enrolments: list[Enrolment]) -> list[dict[str, Any]]:
    kinds = {
        enrolment.pk: [milestone.kind for milestone in enrolment.project.milestones.all()] for enrolment in enrolments
    }
    standings = read_standings(kinds)
    return [_describe_enrolment(request, enrolment, standings[enrolment.pk]) for enrolment in enrolments]


def _describe_enrolment(request: Request, enrolment: Enrolment, standings: list[Standing]) -> dict[str, Any]:
    kinds = [standing.kind for standing in standings]
    passed = [standing.kind for standing in standings if standing.passed_at]
    return {
        "project": enrolment.project,
        "domain": enrolment.domain,
        "started_at": enrolment.started_at,
        "page": request.build_absolute_uri(reverse("frontend:project", args=[enrolment.project.slug])),
        "next": gate.next_open(kinds, passed),
        "milestones": standings,
    }


def _describe_submission(request: Request, submission: Submission, run: Run) -> dict[str, Any]:
    return {
        "submission": submission,
        "run": run,
        "url": request.build_absolute_uri(reverse("api-submission", args=[submission.pk])),
        "events": request.build_absolute_uri(reverse("api-events", args=[submission.pk])),
        "page": request.build_absolute_uri(reverse("frontend:submission", args=[submission.pk])),
    }
