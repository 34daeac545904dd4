"""Following a run by a stream of events: in order, once each, over lost connections; else by asking again and again."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from click.testing import Result
from milepost import server, watching
from milepost.server import Server, read_events
from milepost.troubles import Refused, Unreachable

from people.learners.models import Run, Submission

Milepost = Callable[..., Result]
STREAM = {"Content-Type": "text/event-stream; charset=utf-8"}


def event(number: int, name: str, data: str) -> str:
    return f"id: {number}\nevent: {name}\ndata: {data}\n\n"


class Lost(httpx.SyncByteStream):
    """A stream that breaks off."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __iter__(self) -> Iterator[bytes]:
        yield self.text.encode()
        raise httpx.ReadError("gone")


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[str], list[str]]]:
    """What is said, and after which event each stream was asked for, when the server answers with these."""

    def with_answers(*answers: httpx.Response) -> tuple[list[str], list[str]]:
        waiting, asked, said = list(answers), [], list[str]()

        def answer(request: httpx.Request) -> httpx.Response:
            if request.headers["Accept"] != "text/event-stream":
                state = "running" if waiting else "done"
                return httpx.Response(200, json={"run": {"state": state, "outcome": "passed"}})
            asked.append(request.headers["Last-Event-ID"])
            return waiting.pop(0)

        monkeypatch.setattr(server, "transport", httpx.MockTransport(answer))
        monkeypatch.setattr(watching, "pause", lambda seconds: None)
        watching.follow(Server("http://testserver"), 7, said.append)
        return said, asked

    return with_answers


def test_a_stream_says_its_place_each_step_and_what_does_not_hold(follow: Callable[..., object]) -> None:
    told = "".join(
        (
            "retry: 1500\n\n: still here\n\n",
            'event: place\ndata: {"state": "queued", "waiting_before": 1, "seconds": 12.4}\n\n',
            'event: place\ndata: {"state": "queued", "waiting_before": 1, "seconds": 11}\n\n',
            event(3, "step", '{"milestone": "ingest", "kind": "step", "text": "running your code"}'),
            event(4, "output", '{"milestone": "ingest", "kind": "output", "text": "50 %\\n100 %"}'),
            event(5, "check", '{"milestone": "ingest", "kind": "held", "text": "holds: all"}'),
            event(6, "check", '{"milestone": "ingest", "kind": "failed", "text": "does not hold: some"}'),
            event(7, "verdict", '{"outcome": "failed", "text": "Some are gone."}'),
        )
    )
    said, asked = follow(httpx.Response(200, headers=STREAM, text=told))  # type: ignore[misc]
    assert said == [
        "waiting for a worker; 1 run is before yours; a verdict in about 12 s",
        "ingest   running your code",
        "ingest   | 50 %",
        "ingest   | 100 %",
        "ingest   does not hold: some",
    ]
    assert asked == ["0"]


def test_after_a_lost_connection_it_goes_on_behind_the_last_that_was_heard(follow: Callable[..., object]) -> None:
    one, two = (event(n, "step", f'{{"milestone": "clean", "text": "step {n}"}}') for n in (4, 5))
    said, asked = follow(  # type: ignore[misc]
        httpx.Response(200, headers=STREAM, stream=Lost(one)),
        httpx.Response(200, headers=STREAM, text='event: end\ndata: {"code": "come-back"}\n\n'),
        httpx.Response(200, headers=STREAM, text=two),
    )
    assert (said, asked) == (["clean    step 4", "clean    step 5"], ["0", "4", "4"])


@pytest.mark.parametrize("status", [404, 406, 429])
def test_where_there_is_no_stream_it_asks_again_and_again(
    status: int, in_tiny: Milepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_tiny("submit", "--no-wait").exit_code == 0
    real = server.transport
    assert real is not None

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Accept"] == "text/event-stream":
            return httpx.Response(status, json={"detail": "no", "code": "no"})
        Run.objects.update(state="done", outcome="passed")
        return real.handle_request(request)

    monkeypatch.setattr(server, "transport", httpx.MockTransport(answer))
    assert in_tiny("watch", "--json").exit_code == 0


def test_who_may_not_watch_is_told_so(follow: Callable[..., object]) -> None:
    with pytest.raises(Refused, match="unknown"):
        follow(httpx.Response(401, json={"detail": "This token is unknown.", "code": "bad-token"}))


def test_a_server_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    monkeypatch.setattr(server, "transport", httpx.MockTransport(away))
    monkeypatch.setattr(watching, "pause", lambda seconds: None)
    with pytest.raises(Unreachable):
        watching.follow(Server("http://testserver"), 7, print)


def test_events_are_read_as_the_standard_says() -> None:
    lines = [": remark", "", "data: {", 'data:"a": 1}', "id: 9", "", "data: nonsense", "", "data: [1]", "", "data: {}"]
    assert [(one.id, one.name, one.data) for one in read_events(iter(lines))] == [
        (9, "message", {"a": 1}),
        (0, "message", {}),
    ]


def test_a_message_travels_and_a_long_one_does_not(in_tiny: Milepost, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    real = Server.post_once

    def post(self: Server, path: str, **given: object) -> object:
        sent.append(given.get("data"))
        return real(self, path, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Server, "post_once", post)
    assert in_tiny("submit", "--no-wait", "-m", "sorted it").exit_code == 0
    assert sent == [{"message": "sorted it"}]
    refused = in_tiny("submit", "--no-wait", "-m", "x" * 501)
    assert (refused.exit_code, refused.stderr) == (2, "The message has 501 characters; 500 are taken.\n")
    assert Submission.objects.count() == 1


def test_an_equal_tree_is_noticed_and_handed_in_all_the_same(in_tiny: Milepost) -> None:
    assert "Nothing has changed" not in in_tiny("submit", "--no-wait").stderr
    assert "Nothing has changed since submission 1." in in_tiny("submit", "--no-wait").stderr
    assert Submission.objects.count() == 2
