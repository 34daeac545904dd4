"""Spans for OpenTelemetry: a request, the tasks that it rang for, and the steps of the line in them, as one trace.

Loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set and the packages of requirements-traces.txt are there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import signals
from django.http import HttpRequest
from opentelemetry import propagate, trace
from opentelemetry.context import attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode

from grading import measuring
from people import origins
from people.operators import requests

HEADER = "milepost_trace"
tracer = trace.get_tracer("milepost")
# Of the tasks that this process does now: each one's span, and how to leave it.
begun: dict[str, tuple[Span, Any]] = {}


def begin() -> None:
    """Send spans from now on; where to, and how many, the variables of OpenTelemetry say."""
    provider = TracerProvider(resource=Resource.create({"service.name": "milepost"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    requests.followers.append(follow_request)
    measuring.followers.append(tracer.start_as_current_span)
    origins.followers.append(name_row)
    signals.before_task_publish.connect(send_context)
    signals.task_prerun.connect(begin_task)
    signals.task_postrun.connect(end_task)


@contextmanager
def follow_request(request: HttpRequest) -> Iterator[None]:
    """Its path is told to nobody: the span gets the name of its address once that is found."""
    with tracer.start_as_current_span(request.method or "", kind=SpanKind.SERVER) as span:
        yield
        span.update_name(f"{request.method} {requests.name_route(request)}")
        span.set_attributes(_describe())


@contextmanager
def name_row(what: str, row: Any) -> Iterator[None]:
    trace.get_current_span().set_attributes(_describe())
    yield


def send_context(headers: dict[str, Any], **_: Any) -> None:
    told: dict[str, str] = {}
    propagate.inject(told)
    headers[HEADER] = told


def begin_task(task_id: str, task: Any, **_: Any) -> None:
    before = propagate.extract(task.request.get(HEADER) or {})
    span = tracer.start_span(task.name, context=before, kind=SpanKind.CONSUMER, attributes=_describe())
    begun[task_id] = span, attach(trace.set_span_in_context(span, before))


def end_task(task_id: str, state: str | None = None, **_: Any) -> None:
    if task_id in begun:
        span, token = begun.pop(task_id)
        span.set_status(StatusCode.OK if state == "SUCCESS" else StatusCode.ERROR)
        detach(token)
        span.end()


def _describe() -> dict[str, str | int]:
    return {f"milepost.{name}": value for name, value in origins.find_origin().describe().items()}
