"""The learner's API: parses what is asked, and answers. What is true and what is allowed is decided elsewhere."""

from collections.abc import Callable
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from curriculum import gate
from curriculum.models import Project
from people.accounts.requests import read_sent, read_user
from people.learners import intake, lanes, queries, trials
from people.learners.addresses import address_of_repository
from people.learners.archives import (
    answer_zip,
    find_practice_world,
    pack_bench,
    pack_export,
    pack_practice_world,
    pack_starter,
)
from people.learners.benches import find_bench
from people.learners.models import Enrolment, Run, RunState, Submission
from people.learners.outlook import Offer, read_offers, read_outlook
from people.learners.refusals import Refusal
from people.learners.reports import describe_fully, describe_submission, write_reports
from people.learners.serializers import (
    AfterSerializer,
    EnrolmentSerializer,
    EnrolSerializer,
    FullSubmissionSerializer,
    HandInSerializer,
    MessageSerializer,
    OutlookSerializer,
    ProjectSerializer,
    StorySerializer,
    SubmissionSerializer,
    WatchSerializer,
    WhichSerializer,
)
from people.learners.standing import Standing, read_standings
from people.learners.unpacking import read_zip
from people.learners.words import list_overrides
from people.replays.answering import answer_once_by_itself, keep_answer

ZIP = {(200, "application/zip"): OpenApiTypes.BINARY}
# The stream itself is answered by people.watching, before Django.
EVENTS = {(200, "application/json"): WatchSerializer, (200, "text/event-stream"): OpenApiTypes.STR}
LAST_EVENT = OpenApiParameter(
    "Last-Event-ID", str, OpenApiParameter.HEADER, description="Of a stream: the last id you have seen."
)


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
        return Response(StorySerializer(queries.access_edition(read_user(request), slug)).data)


class EnrolmentView(APIView):
    @extend_schema(request=EnrolSerializer, responses={200: EnrolmentSerializer, 201: EnrolmentSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Enrol. Asking twice is no harm: 201 the first time, 200 from then on, in the domain that was chosen first."""
        user = read_user(request)
        asked = read_sent(EnrolSerializer, request.data)
        was_enrolled = queries.find_enrolment(user, slug) is not None
        enrolment = intake.enrol(user, queries.access_edition(user, slug), asked["domain"])
        [told] = _describe_enrolments(request, [enrolment])
        return Response(EnrolmentSerializer(told).data, status=200 if was_enrolled else 201)


class EnrolmentsView(GenericAPIView[Enrolment]):
    serializer_class = EnrolmentSerializer

    @extend_schema(responses=EnrolmentSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Where you stand in every project that you are enrolled in."""
        page = self.paginate_queryset(queries.list_enrolments(read_user(request))) or []
        return self.get_paginated_response(EnrolmentSerializer(_describe_enrolments(request, page), many=True).data)


class BenchView(APIView):
    content_negotiation_class = AnswerAsDeclared

    @extend_schema(responses={**ZIP, 304: None})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """What judges this project on your own machine: the engine, the checks, the locks. No hidden world, no answer.

        The ETag is the digest of its content: send it as If-None-Match, and 304 says that yours is the newest.
        """
        bench = find_bench(queries.access_enrolment(read_user(request), slug).project)
        return _answer_unless_known(request, bench.digest, partial(pack_bench, bench), f"{slug}-bench.zip")


class StarterView(APIView):
    content_negotiation_class = AnswerAsDeclared

    @extend_schema(responses={**ZIP, 304: None})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The files that a learner begins with. The ETag is their digest, for If-None-Match."""
        project = queries.access_edition(read_user(request), slug)
        return _answer_unless_known(request, project.starter, partial(pack_starter, project), f"{slug}-starter.zip")


class WorldView(APIView):
    content_negotiation_class = AnswerAsDeclared

    @extend_schema(responses=ZIP)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Your practice world, its truth included; 409 `not-ready` while it is being made."""
        enrolment = queries.access_enrolment(read_user(request), slug)
        answer = answer_zip(pack_practice_world(enrolment), f"{slug}-world.zip")
        if world := find_practice_world(enrolment):
            answer.headers["ETag"] = f'"{world.digest}"'
        return answer


class ExportView(APIView):
    content_negotiation_class = AnswerAsDeclared

    @extend_schema(responses=ZIP)
    def get(self, request: Request, slug: str) -> HttpResponse:
        """All that is yours: the repository as a git bundle, its last files, your practice world, every report."""
        enrolment = queries.access_enrolment(read_user(request), slug)
        return answer_zip(pack_export(enrolment, write_reports(request, enrolment)), f"{slug}-export.zip")


class TrialView(APIView):
    @extend_schema(responses=OutlookSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """What the current edition says of what you passed, when you are in another; 409 `no-other-edition` if not."""
        return Response(_tell_outlook(queries.access_enrolment(read_user(request), slug)))

    @extend_schema(request=None, responses={202: OutlookSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Have the current edition judge your newest passes in the background. It changes nothing and costs nothing."""
        enrolment = queries.access_enrolment(read_user(request), slug)
        trials.try_edition(enrolment)
        return Response(_tell_outlook(enrolment), status=202)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Let the trial go, and stay in your edition. Twice is no harm."""
        trials.drop_trial(queries.access_enrolment(read_user(request), slug))
        return Response(status=204)


class MoveView(APIView):
    @extend_schema(request=None, responses=EnrolmentSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Move over to the current edition, once it has judged your work. What it does not pass keeps its old pass."""
        trials.move_over(queries.access_enrolment(read_user(request), slug))
        [told] = _describe_enrolments(request, [queries.access_enrolment(read_user(request), slug)])
        return Response(EnrolmentSerializer(told).data)


class HandInView(APIView):
    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _refuse_huge(request)

    @extend_schema(request={"multipart/form-data": HandInSerializer}, responses={201: SubmissionSerializer})
    @answer_once_by_itself
    def post(self, request: Request, slug: str, kind: str) -> Response:
        """Hand in a zip of the project folder for a milestone; it is judged in the background."""
        enrolment = queries.access_enrolment(read_user(request), slug)
        upload = request.FILES.get("tree")
        if upload is None:
            raise Refusal("missing", "tree", _("Send a zip of your project folder as the multipart field `tree`."))
        message = read_sent(MessageSerializer, request.data)["message"]
        keep = partial(_keep_submission, request)
        run = intake.submit(enrolment, kind, read_zip(upload.file), _way_in(request), message, keep)
        return _tell_submission(request, run)


class SubmissionsView(GenericAPIView[Submission]):
    serializer_class = SubmissionSerializer

    @extend_schema(parameters=[WhichSerializer], responses=SubmissionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What you handed in, newest first."""
        which = read_sent(WhichSerializer, request.query_params)
        found = queries.own_submissions(read_user(request), which["project"])
        page = self.paginate_queryset(found) or []
        told = [describe_submission(request, submission, submission.runs.all()[0]) for submission in page]
        return self.get_paginated_response(SubmissionSerializer(told, many=True).data)


class SubmissionView(APIView):
    @extend_schema(responses=FullSubmissionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A submission of yours, with all that its run concluded."""
        submission = queries.access_submission(read_user(request), pk)
        help = queries.list_help(read_user(request)).filter(enrolment=submission.enrolment_id)
        overrides = list_overrides(submission)
        told = describe_fully(request, submission, queries.latest_run(submission), help, overrides)
        return Response(FullSubmissionSerializer(told).data)


class EventsView(APIView):
    @extend_schema(parameters=[AfterSerializer, LAST_EVENT], responses=EVENTS)
    def get(self, request: Request, pk: int) -> Response:
        """What the run has reported since: ask again, with the last id you have seen, until the state is done.

        With `Accept: text/event-stream` the answer stays open and tells what comes, as server-sent events: `place`
        (state, waiting_before, seconds until the verdict, or null), `step`, `output` and `check` (as the events of the
        JSON answer), `verdict` (outcome and text), after which it ends, and `end` (code: `come-back` or `signed-out`).
        A server that has no streams answers 406.
        """
        asked = read_sent(AfterSerializer, request.query_params)
        submission = queries.access_submission(read_user(request), pk)
        # The state is read before the events: a run that is done has no event that comes after them.
        run = queries.newest_run(submission)
        told = {
            "state": run.state,
            "outcome": run.outcome,
            "waiting_before": lanes.count_before(run) if run.state == RunState.QUEUED else 0,
            "events": queries.read_events(submission, asked["after"]),
        }
        return Response(WatchSerializer(told).data)


def _answer_unless_known(request: Request, digest: str, pack: Callable[[], IO[bytes]], name: str) -> HttpResponse:
    """The archive with its digest as ETag; 304, and nothing packed, for whoever has it."""
    tag = f'"{digest}"'
    known = get_conditional_response(request._request, etag=tag)
    answer = known or answer_zip(pack(), name)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _keep_submission(request: Request, run: Run) -> None:
    keep_answer(request, partial(_tell_submission, request, run))


def _tell_submission(request: Request, run: Run) -> Response:
    told = SubmissionSerializer(describe_submission(request, run.submission, run)).data
    return Response(told, status=201, headers={"Location": told["url"]})


def _refuse_huge(request: Request) -> None:
    # Before the body is read: Django would first write all of it to disk.
    length = request.META.get("CONTENT_LENGTH") or "0"
    limit = 2 * settings.MILEPOST_TREE_MB
    if length.isdigit() and int(length) > limit * 2**20:
        sentence = _("This upload is larger than {limit} MB. Leave out data and build results.").format(limit=limit)
        raise Refusal("too-large", "tree", sentence, 413)


def _way_in(request: Request) -> str:
    return "client" if request.headers.get("User-Agent", "").startswith("milepost/") else "api"


def _describe_enrolments(request: Request, enrolments: list[Enrolment]) -> list[dict[str, Any]]:
    kinds = {
        enrolment.pk: [milestone.kind for milestone in enrolment.project.milestones.all()] for enrolment in enrolments
    }
    standings = read_standings(kinds)
    offers = read_offers(enrolments)
    return [
        _describe_enrolment(request, enrolment, standings[enrolment.pk], offers.get(enrolment.pk))
        for enrolment in enrolments
    ]


def _describe_enrolment(
    request: Request, enrolment: Enrolment, standings: list[Standing], offer: Offer | None
) -> dict[str, Any]:
    kinds = [standing.kind for standing in standings]
    passed = [standing.kind for standing in standings if standing.passed_at]
    lent = [standing.kind for standing in standings if standing.is_lent]
    return {
        "project": enrolment.project,
        "domain": enrolment.domain,
        "started_at": enrolment.started_at,
        "page": request.build_absolute_uri(reverse("frontend:project", args=[enrolment.project.slug])),
        "repository": address_of_repository(request, read_user(request), enrolment.project.slug),
        "next": gate.next_open(kinds, passed, lent),
        "milestones": standings,
        "offer": offer and _describe_offer(request, offer),
    }


def _tell_outlook(enrolment: Enrolment) -> dict[str, Any]:
    told: dict[str, Any] = OutlookSerializer(read_outlook(enrolment, trials.require_other(enrolment))).data
    return told


def _describe_offer(request: Request, offer: Offer) -> dict[str, Any]:
    page = reverse("frontend:edition", args=[offer.edition.slug])
    return {"edition": offer.edition, "state": offer.state, "page": request.build_absolute_uri(page)}
