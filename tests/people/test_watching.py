"""The stream of a submission's events, asked for as a server asks; the real ledger writes the rows."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from curriculum.models import Project
from grading.verdict import Verdict
from people import watching
from people.accounts.models import AccessToken, User
from people.accounts.tokens import issue_token
from people.learners import hub, intake, ledger
from people.learners.models import Run
from people.watching import divert_watchers

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN_S = 10
GONE_WITHIN_S = 3
Event = dict[str, Any]


class Watching:
    """One open request: its status, and its events as they come."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body: asyncio.Queue[str | None] = asyncio.Queue()
        self.text = ""
        self.gone = asyncio.Event()

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body.put_nowait(message.get("body", b"").decode())
            if not message.get("more_body"):
                self.body.put_nowait(None)

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def read(self) -> str | None:
        return await asyncio.wait_for(self.body.get(), WITHIN_S)

    async def next(self, *names: str) -> Event:
        """The next event of one of these names; the others are passed over."""
        while True:
            block, found, self.text = self.text.partition("\n\n")
            if not found:
                part = await self.read()
                assert part is not None, f"it ended before {names} came"
                self.text = block + part
                continue
            lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
            if lines.get("event") in names:
                return {**json.loads(lines["data"]), "event": lines["event"], "sse_id": int(lines.get("id", 0))}

    async def rest(self) -> str:
        text = self.text
        while (part := await self.read()) is not None:
            text += part
        return text


@pytest.fixture
def application() -> Any:
    async def pages(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"Django"})

    return divert_watchers(pages)


@pytest.fixture
def run(alice: User, tiny: Project, rings: list[object]) -> Run:
    return intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b""}, "test")


@pytest.fixture
def cookie(log_in: Callable[[User], Client], alice: User) -> dict[str, str]:
    return {"cookie": f"theme=dark; sessionid={log_in(alice).cookies['sessionid'].value}"}


@asynccontextmanager
async def watch(application: Any, submission: int, headers: dict[str, str], query: str = "") -> AsyncIterator[Watching]:
    watching = Watching()
    given = {"accept": "text/event-stream", **headers}
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/api/submissions/{submission}/events",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    task = asyncio.ensure_future(application(scope, watching.receive, watching.send))
    try:
        yield watching
    finally:
        watching.gone.set()
        done, _ = await asyncio.wait({task}, timeout=GONE_WITHIN_S)
        assert done, "whoever has gone is still being told"
        await task


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 6 * WITHIN_S))


def test_a_watcher_hears_its_place_each_step_and_the_verdict_and_then_it_ends(
    application: Any, run: Run, cookie: dict[str, str], passed_ingest: Verdict
) -> None:
    async def story() -> None:
        async with watch(application, run.submission_id, cookie) as watching:
            place = await watching.next("place")
            assert (place["state"], place["waiting_before"]) == ("queued", 0)
            assert watching.headers["content-type"].startswith("text/event-stream")
            claimed = await sync_to_async(ledger.claim)(run.pk)
            assert claimed
            for text, kind in (("running", "step"), ("<b>50 %", "output"), ("holds: all", "held")):
                await sync_to_async(ledger.note_event)(claimed, "ingest", text, kind)
            heard = [await watching.next("step", "output", "check") for _ in range(3)]
            assert [event["event"] for event in heard] == ["step", "output", "check"]
            assert [event["text"] for event in heard] == ["running", "<b>50 %", "holds: all"]
            assert [event["sse_id"] for event in heard] == [event["id"] for event in heard]
            await sync_to_async(ledger.record)(claimed, passed_ingest)
            verdict = await watching.next("verdict")
            assert (verdict["outcome"], verdict["text"]) == ("passed", passed_ingest.sentence)
            assert "event:" not in await watching.rest()

    play(story)


@pytest.mark.parametrize(
    ("chosen", "asked", "step"),
    [
        ("", "en", "running your code"),
        ("", "de-CH, en;q=0.5", "dein Code läuft"),
        ("de", "en", "dein Code läuft"),
        ("en-gb", "de", "running your code"),
    ],
)
def test_each_watcher_hears_our_words_in_their_language_and_the_codes_own_as_they_are(
    chosen: str, asked: str, step: str, application: Any, run: Run, alice: User, cookie: dict[str, str]
) -> None:
    User.objects.filter(pk=alice.pk).update(language=chosen)

    async def story() -> None:
        async with watch(application, run.submission_id, {**cookie, "accept-language": asked}) as watching:
            await watching.next("place")
            claimed = await sync_to_async(ledger.claim)(run.pk)
            assert claimed
            for text, kind in (("running your code", "step"), ("running your code", "output"), ("holds: all", "held")):
                await sync_to_async(ledger.note_event)(claimed, "ingest", text, kind)
            heard = [(await watching.next("step", "output", "check"))["text"] for _ in range(3)]
            assert heard == [step, "running your code", "hält: all" if step.startswith("dein") else "holds: all"]
        stranger = {"accept-language": asked}
        async with watch(application, run.submission_id, stranger) as refused:
            told = json.loads(await refused.rest())
            assert told["detail"].startswith("Sag, wer du bist" if asked.startswith("de") else "Say who you are")

    play(story)


def test_who_comes_back_hears_what_was_missed_and_nothing_twice(
    application: Any, run: Run, cookie: dict[str, str], passed_ingest: Verdict
) -> None:
    claimed = ledger.claim(run.pk)
    assert claimed
    for text in ("one", "two", "three"):
        ledger.note_event(claimed, "ingest", text)
    first = run.events.order_by("pk").first()
    assert first

    async def story() -> None:
        async with watch(application, run.submission_id, cookie, f"after={first.pk}") as watching:
            assert [(await watching.next("step"))["text"] for _ in range(2)] == ["two", "three"]
        again = {**cookie, "last-event-id": str(first.pk + 1)}
        async with watch(application, run.submission_id, again, f"after={first.pk}") as watching:
            assert (await watching.next("step"))["text"] == "three"
            await sync_to_async(ledger.record)(claimed, passed_ingest)
            ended = await watching.next("step", "verdict")
            assert ended["event"] == "verdict"
        async with watch(application, run.submission_id, {**cookie, "last-event-id": str(ended["id"])}) as watching:
            await watching.rest()
            assert watching.status == 204, "a browser that has seen the end is told not to come back"
        async with watch(application, run.submission_id, cookie) as watching:
            told = await watching.rest()
            assert [word for word in ("one", "two", "three", "event: verdict") if word in told] == [
                "one",
                "two",
                "three",
                "event: verdict",
            ]

    play(story)


def test_hundreds_of_events_between_two_looks_come_in_order(
    application: Any, run: Run, cookie: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_AT_ONCE", 7)
    claimed = ledger.claim(run.pk)
    assert claimed

    def write() -> None:
        for number in range(50):
            ledger.note_event(claimed, "ingest", str(number))

    async def story() -> None:
        async with watch(application, run.submission_id, cookie) as watching:
            await watching.next("place")
            await sync_to_async(write)()
            assert [(await watching.next("step"))["text"] for _ in range(50)] == [str(number) for number in range(50)]

    play(story)


@pytest.mark.parametrize(("who", "status", "code"), [("bob", 404, "not-found"), ("", 401, "not-authenticated")])
def test_nobody_else_may_watch(
    who: str, status: int, code: str, application: Any, run: Run, bob: User, log_in: Callable[[User], Client]
) -> None:
    headers = {"cookie": f"sessionid={log_in(bob).cookies['sessionid'].value}"} if who else {"cookie": "sessionid=x; ="}

    async def story() -> None:
        async with watch(application, run.submission_id, headers) as watching:
            problem = json.loads(await watching.rest())
            assert (watching.status, problem["code"]) == (status, code)
            assert watching.headers["content-type"] == "application/problem+json"

    play(story)


def test_a_program_watches_with_its_token_and_no_longer_once_it_is_revoked(
    application: Any, run: Run, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "ASKED_AGAIN_S", 0.05)
    headers = {"authorization": f"Bearer {issue_token(alice, 'laptop')}"}

    async def story() -> None:
        async with watch(application, run.submission_id, headers) as watching:
            await watching.next("place")
            await AccessToken.objects.all().adelete()
            assert (await watching.next("end"))["code"] == "signed-out"
            assert await watching.read() == ""
        async with watch(application, run.submission_id, headers) as watching:
            assert json.loads(await watching.rest())["code"] == "bad-token"

    play(story)


def test_signing_out_ends_the_stream(
    application: Any,
    run: Run,
    alice: User,
    log_in: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "ASKED_AGAIN_S", 0.05)
    client = log_in(alice)
    headers = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}

    async def story() -> None:
        async with watch(application, run.submission_id, headers) as watching:
            await watching.next("place")
            await sync_to_async(client.logout)()
            assert (await watching.next("end"))["code"] == "signed-out"

    play(story)


def test_silence_is_broken_now_and_then(
    application: Any, run: Run, cookie: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "HEARTBEAT_S", 0.05)

    async def story() -> None:
        async with watch(application, run.submission_id, cookie) as watching:
            while await watching.read() != ": still here\n\n":
                pass

    play(story)


def test_one_user_cannot_take_all_the_seats(
    application: Any, run: Run, cookie: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_OF_ONE_USER", 1)

    async def story() -> None:
        async with watch(application, run.submission_id, cookie) as first:
            await first.next("place")
            async with watch(application, run.submission_id, cookie) as second:
                assert json.loads(await second.rest())["code"] == "too-many"
                assert second.status == 429

    play(story)


def test_who_asks_for_json_or_for_another_page_is_answered_by_django(application: Any) -> None:
    async def story() -> None:
        async with watch(application, 1, {"accept": "application/json"}) as watching:
            assert (await watching.read(), watching.status) == ("Django", 299)
        async with watch(application, 10**30, {}) as watching:
            assert await watching.read() == "Django"

    play(story)


def test_when_nobody_watches_nothing_is_read(application: Any, run: Run, cookie: dict[str, str]) -> None:
    async def story() -> None:
        async with watch(application, run.submission_id, cookie) as watching:
            await watching.next("place")
        looking = [task for task in asyncio.all_tasks() if "_keep_looking" in repr(task.get_coro())]
        assert len(looking) == 1
        await asyncio.wait_for(looking[0], WITHIN_S)

    play(story)


def test_who_falls_behind_is_sent_away_to_read_the_rows_anew() -> None:
    async def story() -> None:
        watcher = hub.Watcher(1, 1)
        for number in range(hub.MOST_UNREAD + 1):
            watcher.tell(hub.Message("step", {}, number))
        assert watcher.unread.qsize() == 1
        assert watcher.unread.get_nowait().data == {"code": "come-back"}

    play(story)


def test_a_server_that_stops_sends_everybody_away(run: Run, alice: User) -> None:
    async def story() -> None:
        seats = hub.Hub()
        async with seats.watch(run.submission_id, alice.pk) as watcher:
            seats.close()
            assert watcher.unread.get_nowait().ends
            with pytest.raises(hub.Refusal):
                async with seats.watch(run.submission_id, alice.pk):
                    pass

    play(story)
