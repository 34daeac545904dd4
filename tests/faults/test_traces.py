"""One trace from a request to the steps of the line, as a collector on this machine receives it."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

TINY = Path(__file__).resolve().parents[1] / "fixtures" / "packages" / "tiny"
PATIENCE_S = 90
HAND_IN = f"""
import django; django.setup()
import io, zipfile
from pathlib import Path
from curriculum.package import load
from curriculum.publish import publish
from django.test import Client
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.cohorts.demo import read_tree
from people.learners import intake
from people.learners.facilities import store
folder = Path({str(TINY)!r})
project = publish(load(folder), store().put(folder), store().put(folder / "starter"))
alice = User.objects.create(username="alice-of-the-test")
intake.enrol(alice, project)
browser = Client()
browser.force_login(alice)
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as archive:
    for name, text in read_tree(folder / "reference").items():
        archive.writestr(name, text)
packed.seek(0)
packed.name = "work.zip"
answer = browser.post("/api/projects/tiny/milestones/ingest/submissions", {{"tree": packed}})
print(answer.status_code, answer.content[:300], answer["X-Request-ID"])
"""


@dataclass
class Collector:
    """What was sent to this address."""

    address: str
    spans: list[Any] = field(default_factory=list)

    def find(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            found.spans += [
                one for resource in sent.resource_spans for scope in resource.scope_spans for one in scope.spans
            ]
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        found = Collector(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


@pytest.mark.slow
def test_a_request_its_task_and_the_steps_of_the_line_are_one_trace(
    install: Any, tmp_path: Path, collector: Collector
) -> None:
    (tmp_path / "none").mkdir()
    installation = install(
        MILEPOST_PROJECTS=str(tmp_path / "none"),
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.address,
        OTEL_BSP_SCHEDULE_DELAY="300",
    )
    told = installation.run("-c", HAND_IN)
    assert told.startswith("201"), told
    with installation.worker():
        deadline = time.monotonic() + PATIENCE_S
        while not collector.find("people.learners.tasks.grade_run") and time.monotonic() < deadline:
            time.sleep(0.3)
    [request], [task] = collector.find("POST api-hand-in"), collector.find("people.learners.tasks.grade_run")
    assert task.trace_id == request.trace_id
    steps = [span for name in ("produce", "examine") for span in collector.find(name) if span.trace_id == task.trace_id]
    assert {span.name for span in steps} == {"produce", "examine"}
    assert {span.parent_span_id for span in steps} == {task.span_id}
    named = {one.key: one.value.string_value or one.value.int_value for one in task.attributes}
    assert (named["milepost.run"], named["milepost.request"]) == (1, told.split()[-1])
    assert "alice-of-the-test" not in str(collector.spans)
