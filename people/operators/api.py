"""The API for operators: the state of the installation, and dead letters. To anybody else it does not exist."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.operators.letters import close_letter
from people.operators.queries import access_operating, look
from people.operators.serializers import DeedSerializer, LetterSerializer, SightSerializer, describe_sight


class OperatingView(APIView):
    @extend_schema(responses=SightSerializer)
    def get(self, request: Request) -> Response:
        """Queues, workers, what is being judged, voids and dead letters; for staff."""
        access_operating(read_user(request))
        return Response(describe_sight(look(timezone.now())))


class LetterView(APIView):
    refuses_with = ("503",)

    @extend_schema(request=DeedSerializer, responses=LetterSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Ring for a dead letter's task again, or dismiss it; who did is written down."""
        access_operating(read_user(request))
        deed = read_sent(DeedSerializer, request.data)["deed"]
        return Response(LetterSerializer(close_letter(read_user(request), pk, deed)).data)
