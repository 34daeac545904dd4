"""A store in a bucket keeps what a folder keeps, believes no damaged byte, and fills no disk."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from grading import bucket as bucket_module
from grading.bucket import Bucket
from grading.bucket_store import YOUNG_S, BucketStore
from grading.store import BLOBS, MEMO, TREES, Kept, Store, StoreDown, StoreFault

pytestmark = pytest.mark.services
MOST = 1_000_000


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of buckets on loopback."""
    threaded = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    threaded.start()
    yield "http://{}:{}".format(*threaded.get_host_and_port())
    threaded.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Bucket:
    """A bucket of this test's own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "milepost")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-so-secret")
    made = Bucket(f"kept-{abs(hash(request.node.name))}", "mile/post", server)
    made._client.create_bucket(Bucket=made.name)
    return made


@pytest.fixture
def open_store(bucket: Bucket, tmp_path: Path) -> Callable[..., BucketStore]:
    """The same bucket from another host: each name has copies of its own."""
    return lambda name="one", most=MOST: BucketStore(bucket, tmp_path / name, most)


def test_one_host_reads_what_another_kept(open_store: Callable[..., BucketStore], tmp_path: Path) -> None:
    here, there = open_store("one"), open_store("two")
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "data.parquet").write_bytes(b"x" * 100_000)
    (folder / "run.sh").write_text("true")
    (folder / "run.sh").chmod(0o755)
    digest = here.put(folder)
    assert digest == Store(tmp_path / "plain").put(folder)
    out = there.fetch(digest, tmp_path / "out")
    assert (out / "deep" / "data.parquet").read_bytes() == b"x" * 100_000
    assert (out / "run.sh").stat().st_mode & 0o111
    assert there.read(digest, "run.sh") == b"true"
    assert there.select(digest, frozenset({"run.sh"})) == here.select(digest, frozenset({"run.sh"}))
    here.remember("a" * 64, {"x": 1})
    assert there.recall("a" * 64) == {"x": 1}
    there.remember("a" * 64, {"x": 2})
    assert here.recall("a" * 64) == {"x": 2}
    assert here.recall("b" * 64) is None
    assert not any(key.endswith((".gz", ".zip", ".zst")) for key in keys_of(here.bucket))


def test_what_is_missing_is_said_to_be(open_store: Callable[..., BucketStore], tmp_path: Path) -> None:
    store = open_store()
    with pytest.raises(StoreFault, match="No folder"):
        store.fetch("a" * 64, tmp_path / "out")
    digest = store.put_files({"lost.csv": b"1"})
    store.discard(next(store.list_kept(BLOBS)), younger=-1)
    with pytest.raises(StoreFault, match=r"lost.csv.*is not here"):
        store.read(digest, "lost.csv")
    assert open_store().put_files({"lost.csv": b"1"}) == digest
    assert store.read(digest, "lost.csv") == b"1"


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"y" + content[1:], lambda _: b""])
@pytest.mark.parametrize("room", [BLOBS, TREES, MEMO])
def test_a_damaged_object_is_a_fault_and_never_kept(
    open_store: Callable[..., BucketStore],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    room: str,
    damage: Callable[[bytes], bytes],
) -> None:
    monkeypatch.setattr(bucket_module, "PAUSE_S", 0)
    digest = open_store("one").put_files({"a": b"right"})
    open_store("one").remember("a" * 64, [1])
    key = next(key for key in keys_of(open_store().bucket) if f"/{room}/" in key)
    right = spoil(open_store().bucket, key, damage)
    other = open_store("two")
    with pytest.raises(StoreFault, match="damaged"):
        (other.recall("a" * 64), other.fetch(digest, tmp_path / "out"))
    assert [path for path in copies_of(other) if path.read_bytes() == damage(right)] == []
    assert list((tmp_path / "two" / "scratch").iterdir()) == []
    spoil(other.bucket, key, lambda _: right)
    assert other.read(digest, "a") == b"right"
    assert other.recall("a" * 64) == [1]


def test_copies_stay_within_their_bound_and_the_oldest_goes(open_store: Callable[..., BucketStore]) -> None:
    far, near = open_store("far"), open_store("near", most=50_000)
    digests = [far.put_files({"data": bytes([number]) * 9_000}) for number in range(12)]
    for digest in digests:
        near.read(digest, "data")
        near.read(digests[0], "data")
        assert sum(path.stat().st_size for path in copies_of(near)) <= 50_000
    first, second = (far.entries(digests[number])[0].sha256 for number in (0, 1))
    assert near._place(BLOBS, first).exists(), "used all the time"
    assert not near._place(BLOBS, second).exists(), "used longest ago"
    assert near.read(digests[1], "data") == b"\x01" * 9_000
    huge = far.put_files({"data": b"z" * 60_000})
    assert near.read(huge, "data") == b"z" * 60_000
    assert sum(path.stat().st_size for path in copies_of(near)) <= 50_000
    again = open_store("near", most=50_000)
    near.bucket.endpoint = again.bucket.endpoint = "http://127.0.0.1:9"
    assert again.read(digests[1], "data") == b"\x01" * 9_000, "copies outlive a restart"


def test_readers_and_writers_at_once_lose_nothing(open_store: Callable[..., BucketStore], tmp_path: Path) -> None:
    far = open_store("far")
    digests = [far.put_files({f"{n}": bytes([number]) * 4_000 for n in range(3)}) for number in range(8)]
    faults: list[BaseException] = []

    def read(hand: int) -> None:
        store = BucketStore(far.bucket, tmp_path / "near", 15_000)
        try:
            for round_ in range(3):
                for number, digest in enumerate(digests):
                    out = store.fetch(digest, tmp_path / f"out-{hand}-{round_}-{number}")
                    assert (out / "2").read_bytes() == bytes([number]) * 4_000
        except BaseException as fault:
            faults.append(fault)

    hands = [threading.Thread(target=read, args=(hand,)) for hand in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert faults == []
    assert sum(path.stat().st_size for path in copies_of(BucketStore(far.bucket, tmp_path / "near", 1))) <= 15_000


def test_what_is_old_is_put_again_before_anybody_relies_on_it(
    open_store: Callable[..., BucketStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"x" * 100_000
    digest = open_store().put_files({"a": content})
    open_store().remember("a" * 64, [1])
    put: list[str] = []
    real = Bucket.put
    monkeypatch.setattr(Bucket, "put", lambda self, key, file: (put.append(key), real(self, key, file))[1])
    assert open_store("two").put_files({"a": content}) == digest
    assert [key[:5] for key in put] == ["trees"], "what is large and young is not sent again"
    pretend_older(monkeypatch, YOUNG_S + 1)
    put.clear()
    third = open_store("three")
    third.put_files({"a": content})
    third.put_files({"a": content})
    assert third.recall("a" * 64) == [1]
    assert [key[:4] for key in put] == ["blob", "tree", "memo"]


def test_only_what_is_old_is_discarded(
    open_store: Callable[..., BucketStore], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = open_store()
    store.put_files({"a": b"1"})
    (kept,) = store.list_kept(BLOBS)
    assert kept.size == 1
    assert not store.discard(kept, younger=60)
    assert next(iter(store.list_kept(BLOBS))).name == kept.name
    pretend_older(monkeypatch, 120)
    assert next(store.list_kept(BLOBS)).age > 100
    assert store.discard(kept, younger=60)
    assert list(store.list_kept(BLOBS)) == []
    assert store.discard(Kept(BLOBS, "a" * 64, 1, 1e6), younger=60), "gone is gone"


def test_a_bucket_that_is_not_there_or_does_not_answer_is_a_fault_in_good_time(
    bucket: Bucket, server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {"CONNECT_S": 0.5, "READ_S": 0.5, "SECONDS": 1.0, "PAUSE_S": 0}.items():
        monkeypatch.setattr(bucket_module, name, value)
    elsewhere = Bucket("no-such-bucket", endpoint=server)
    with pytest.raises(StoreDown, match="NoSuchBucket"):
        BucketStore(elsewhere, tmp_path / "a", MOST).put_files({"a": b"1"})
    deaf = socket.create_server(("127.0.0.1", 0))
    for port in (deaf.getsockname()[1], 9):
        silent = Bucket(bucket.name, endpoint=f"http://127.0.0.1:{port}")
        began = time.monotonic()
        with pytest.raises(StoreDown, match="cannot be reached"):
            BucketStore(silent, tmp_path / "b", MOST).read("a" * 64, "x")
        assert time.monotonic() - began < 15
    deaf.close()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(StoreDown, match="credentials") as told:
        BucketStore(Bucket(bucket.name, endpoint=server), tmp_path / "c", MOST).put_files({"a": b"1"})
    assert "not-so-secret" not in str(told.value)
    assert list((tmp_path / "c" / "scratch").iterdir()) == []


def test_an_object_that_trickles_in_is_given_up(
    open_store: Callable[..., BucketStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = open_store("far").put_files({"a": b"x" * 1000})

    class Trickle:
        def read(self, size: int) -> bytes:
            time.sleep(0.2)
            return b"x"

        def __enter__(self) -> "Trickle":
            return self

        def __exit__(self, *fault: object) -> None:
            return None

    monkeypatch.setattr(bucket_module, "SECONDS", 0.5)
    monkeypatch.setattr(bucket_module, "PAUSE_S", 0)
    store = open_store("near")
    client = store.bucket._client
    real = client.get_object
    monkeypatch.setattr(client, "get_object", lambda **asked: {**real(**asked), "Body": Trickle()})
    began = time.monotonic()
    with pytest.raises(StoreDown, match="too slow"):
        store.entries(digest)
    assert time.monotonic() - began < 10


def test_a_store_moves_from_a_folder_into_a_bucket(open_store: Callable[..., BucketStore], tmp_path: Path) -> None:
    folder = Store(tmp_path / "folder")
    digest = folder.put_files({"a": b"1", "deep/b": b"2"})
    folder.remember("a" * 64, {"artefact": digest})
    moved = open_store("new")
    for room in (BLOBS, TREES, MEMO):
        for kept in folder.list_kept(room):
            moved.take_in(room, kept.name, folder.root / room / kept.name[:2] / kept.name[2:])
    assert open_store("other").recall("a" * 64) == {"artefact": digest}
    assert open_store("other").read(digest, "deep/b") == b"2"


def keys_of(bucket: Bucket) -> list[str]:
    told: dict[str, Any] = bucket._client.list_objects_v2(Bucket=bucket.name)
    return [entry["Key"] for entry in told.get("Contents", ())]


def spoil(bucket: Bucket, key: str, damage: Callable[[bytes], bytes]) -> bytes:
    """Put other bytes in the object's place; gives what was there."""
    right: bytes = bucket._client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
    bucket._client.put_object(Bucket=bucket.name, Key=key, Body=damage(right))
    return right


def copies_of(store: Store) -> list[Path]:
    return [path for room in (BLOBS, TREES) for path in (store.root / room).glob("*/*")]


def pretend_older(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """As if the server had kept everything for so long already."""
    real = bucket_module._age
    monkeypatch.setattr(bucket_module, "_age", lambda answer, changed: real(answer, changed) + seconds)
