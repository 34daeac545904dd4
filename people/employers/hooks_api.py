"""The API of webhooks: parses what is asked, and answers. All of it is for owners of the employer."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.employers import hooks
from people.employers.desks import access_employer
from people.employers.hooks_serializers import (
    DeliverySerializer,
    NewWebhookSerializer,
    SecretSerializer,
    WantedHookSerializer,
    WebhookSerializer,
    WhichDeliveriesSerializer,
)
from people.employers.models import Delivery, Post, Power, Webhook
from people.replays.answering import answer_once


def _own(request: Request, slug: str) -> Post:
    return access_employer(read_user(request), slug, Power.OWN)


def _tell_with(secret: str, hook: Webhook) -> dict[str, Any]:
    return {**WebhookSerializer(hook).data, "secret": secret}


class WebhooksView(APIView):
    @extend_schema(responses=WebhookSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The addresses that are told what happens."""
        return Response(WebhookSerializer(hooks.list_hooks(_own(request, slug)), many=True).data)

    @extend_schema(request=WantedHookSerializer, responses={201: NewWebhookSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Add one. The secret that its messages are signed with is in this answer, and nowhere else."""
        hook, secret = hooks.add(_own(request, slug), **read_sent(WantedHookSerializer, request.data))
        return Response(_tell_with(secret, hook), status=201)


class WebhookView(APIView):
    @extend_schema(responses=WebhookSerializer)
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One of them."""
        return Response(WebhookSerializer(hooks.access_hook(_own(request, slug), pk)).data)

    @extend_schema(request=WantedHookSerializer, responses=WebhookSerializer)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        """Change where it is, and what it is told."""
        post = _own(request, slug)
        hook = hooks.access_hook(post, pk)
        hooks.change(post, hook, **read_sent(WantedHookSerializer, request.data))
        return Response(WebhookSerializer(hook).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Remove it, and forget what it was told."""
        post = _own(request, slug)
        hooks.remove(post, hooks.access_hook(post, pk))
        return Response(status=204)


class SecretView(APIView):
    @extend_schema(request=None, responses={201: SecretSerializer})
    @answer_once
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Make another secret; for a day the one before it signs as well."""
        post = _own(request, slug)
        return Response({"secret": hooks.rotate(post, hooks.access_hook(post, pk))}, status=201)


class PauseView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Send nothing until it goes on; what happens meanwhile waits."""
        post = _own(request, slug)
        hooks.pause(post, hooks.access_hook(post, pk))
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Let it go on."""
        post = _own(request, slug)
        hooks.resume(post, hooks.access_hook(post, pk))
        return Response(status=204)


class TestView(APIView):
    @extend_schema(request=None, responses={202: DeliverySerializer})
    @answer_once
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Have a test sent to it; one at a time."""
        post = _own(request, slug)
        return Response(DeliverySerializer(hooks.send_test(post, hooks.access_hook(post, pk))).data, status=202)


class DeliveriesView(ListAPIView[Delivery]):
    """What a webhook was told and is to be told, newest first, with each try; kept for 30 days."""

    serializer_class = DeliverySerializer

    @extend_schema(parameters=[WhichDeliveriesSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What a webhook was told and is to be told, newest first, with each try; kept for 30 days."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Delivery]:
        if getattr(self, "swagger_fake_view", False):
            return Delivery.objects.none()
        hook = hooks.access_hook(_own(self.request, self.kwargs["slug"]), self.kwargs["pk"])
        asked = read_sent(WhichDeliveriesSerializer, self.request.query_params)
        return hooks.list_deliveries(hook, **asked)


class SendAgainView(APIView):
    @extend_schema(request=None, responses={202: None})
    @answer_once
    def post(self, request: Request, slug: str, pk: int, delivery: int) -> Response:
        """Send what was delivered or given up once more, with the same id."""
        hook = hooks.access_hook(_own(request, slug), pk)
        hooks.send_again(hook, hooks.access_delivery(hook, delivery))
        return Response(status=202)
