"""Pushes that nobody should make: each is refused with its own sentence, and nothing of it stays."""

import struct
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners import git, pushes, repositories
from people.learners.git import run_git
from people.learners.models import Enrolment, Submission
from people.learners.pushes import MAX_OBJECTS
from people.learners.refusals import Refusal
from people.learners.repositories import open_repository, read_head
from tests.people.learners.conftest import Clone

CloneOf = Callable[..., Clone]
Make = Callable[[Clone], object]
MB = 2**20
PUSH = "/git/alice/tiny.git/git-receive-pack"


def noise(size: int) -> bytes:
    return b"".join(hash(("noise", at)).to_bytes(8, "little", signed=True) for at in range(size // 8))


def entry(mode: str, kind: str, name: str) -> Make:
    """A commit of main.py and of this one odd entry."""

    def make(mine: Clone) -> None:
        code = mine.keep(b"print(1)")
        odd = "a" * 40 if kind == "commit" else code
        mine.commit_entries(f"100644 blob {code}\tmain.py", f"{mode} {kind} {odd}\t{name}")

    return make


def folder_named(name: str) -> Make:
    def make(mine: Clone) -> None:
        code = mine.keep(b"print(1)")
        inner = mine("mktree", stdin=f"100644 blob {code}\tconfig\n".encode())
        mine.commit_entries(f"100644 blob {code}\tmain.py", f"040000 tree {inner}\t{name}")

    return make


def nested(mine: Clone) -> None:
    """Ten folders, each the same ten folders, ten times over: a few hundred bytes, and ten thousand million files."""
    inner, kind, mode = mine.keep(b"print(1)"), "blob", "100644"
    for _ in range(10):
        lines = "".join(f"{mode} {kind} {inner}\t{name}.py\n" for name in "0123456789")
        inner, kind, mode = mine("mktree", stdin=lines.encode()), "tree", "040000"
    mine("update-ref", "refs/heads/main", mine("commit-tree", inner, "-p", "HEAD", "-m", "Bomb"))


def very_many(mine: Clone, count: int = 100_000) -> None:
    code = mine.keep(b"print(1)")
    mine.commit_entries(*(f"100644 blob {code}\tmodule_{number}.py" for number in range(count)))


def hidden_in_an_earlier_commit(mine: Clone) -> None:
    mine.commit({"notes/table.csv": noise(3 * MB)})
    (mine.folder / "notes" / "table.csv").unlink()
    mine.commit({"main.py": "print(1)"})


def files(**sizes: object) -> Make:
    return lambda mine: mine.commit(dict(sizes))  # type: ignore[arg-type]


def zeros(count: int, folder: str) -> Make:
    return lambda mine: mine.commit({f"{folder}/{n}.csv": bytes([n]) * (19 * MB // 10) for n in range(count)})


def without_python(mine: Clone) -> None:
    mine("rm", "-r", "--quiet", ".")
    mine.commit({"notes.txt": "later"})


BAD = {
    "a symbolic link": (entry("120000", "blob", "link.py"), "link.py is a symbolic link"),
    "a submodule": (entry("160000", "commit", "library"), "library is a submodule"),
    "a folder of git's": (folder_named(".git"), "hasDotgit: contains '.git'"),
    "one in capitals": (folder_named(".GIT"), "hasDotgit: contains '.git'"),
    "one by its short name": (folder_named("git~1"), "hasDotgit: contains '.git'"),
    "control characters": (entry("100644", "blob", "pipe\x1b[2Jline.py"), "pipe\\x1b[2Jline.py holds characters"),
    "a line end in a name": (entry("100644", "blob", "new\nline.py"), "new\\nline.py holds characters"),
    "a name that reads backwards": (entry("100644", "blob", "yp\u202e.py"), "yp\\u202e.py holds characters"),
    "a drive": (entry("100644", "blob", "C:main.py"), "C:main.py points outside"),
    "a deep folder": (lambda mine: mine.commit({"a/" * 20 + "deep.py": ""}), "nested deeper than 12 folders"),
    "a long name": (entry("100644", "blob", f"{'n' * 240}.py"), "longer than 200 characters"),
    "a hundred thousand files": (very_many, "A list of files is larger than 2 MB."),
    "twenty thousand files": (lambda mine: very_many(mine, 20_000), "20,000 files or more; at most 1,000 are taken."),
    "a thousand and two files": (
        lambda mine: mine.commit({f"module_{number}.py": "" for number in range(1000)}),
        "1,002 files or more; at most 1,000 are taken.",
    ),
    "folders without end": (nested, "Far too many files; at most 1,000 are taken."),
    "one file of zeros": (lambda mine: mine.commit({"zeros.py": b"\0" * 20 * MB}), "zeros.py is larger than 2 MB."),
    "a large file of an earlier commit": (hidden_in_an_earlier_commit, "notes/table.csv is larger than 2 MB."),
    "many that are large together": (
        lambda mine: mine.commit({f"part{number}.txt": noise(MB) for number in range(3)}),
        "The files together are larger than 2 MB, part",
    ),
    "far more than it seems": (zeros(6, "data"), "times its size; at most 200 times is taken."),
    "too much in all": (zeros(18, "data"), "This push unpacks to more than 32 MB, data/"),
    "a large push": (lambda mine: mine.commit({"data/noise.bin": noise(5 * MB)}), "This push is larger than 4 MB."),
    "no Python": (without_python, "There is no Python file in what you sent"),
}
# The others run in the slow tier: each is a clone, a commit and a push by real git.
QUICK = {"a symbolic link", "a folder of git's", "control characters", "a deep folder", "one file of zeros"}


@pytest.fixture(autouse=True)
def _small(settings: LazySettings) -> None:
    settings.MILEPOST_TREE_MB = 2


def expect_nothing_stays(enrolment: Enrolment, head: str, commit: str) -> None:
    repository = open_repository(enrolment)
    assert Submission.objects.count() == 0
    assert read_head(repository) == head
    with pytest.raises(git.GitFault):
        run_git(repository, "cat-file", "-e", commit)
    assert list(repository.parent.parent.glob("incoming-*")) == []
    assert run_git(repository, "for-each-ref", "--format=%(refname)") == b"refs/heads/main\n"


@pytest.mark.parametrize(
    ("make", "words"),
    [pytest.param(*bad, id=name, marks=[] if name in QUICK else pytest.mark.slow) for name, bad in BAD.items()],
)
def test_a_bad_push_is_refused_with_a_sentence(
    enrolled: Enrolment, alice: User, clone: CloneOf, make: Make, words: str
) -> None:
    mine = clone(alice)
    head = mine("rev-parse", "HEAD")
    make(mine)
    code, told = mine.push("--quiet")
    assert code == 1
    assert words in told.replace("\nremote: ", " ")
    assert "[remote rejected] main -> main (refused: " in told
    expect_nothing_stays(enrolled, head, mine("rev-parse", "main"))


def test_nothing_is_overwritten_deleted_or_put_beside_main(enrolled: Enrolment, alice: User, clone: CloneOf) -> None:
    mine = clone(alice)
    head = mine("rev-parse", "HEAD")
    commit = mine.commit({"main.py": "print(1)"})
    mine("tag", "v1")
    mine("update-ref", "refs/notes/odd", "HEAD")
    for words, says in (
        (("origin", "HEAD:other"), "Only the branch main is kept here, and other is another."),
        (("origin", "v1"), "Only the branch main is kept here, and refs/tags/v1 is another."),
        (("origin", "refs/notes/odd"), "Only the branch main is kept here, and refs/notes/odd is another."),
        (("origin", "main", "v1"), "Only the branch main is kept here, and refs/tags/v1 is another."),
        (("origin", ":main"), "main stays: nothing is ever deleted here."),
        (("--mirror",), "Only the branch main is kept here, and"),
    ):
        code, told = mine.push(*words)
        assert code == 1
        assert says in told
        expect_nothing_stays(enrolled, head, commit)
    mine("checkout", "--quiet", "--orphan", "fresh")
    commit = mine.commit({"main.py": "print(2)"})
    code, told = mine.push("--force", "origin", "fresh:main")
    assert code == 1
    assert "nothing that is here is ever overwritten" in told
    expect_nothing_stays(enrolled, head, commit)


@pytest.fixture
def send(enrolled: Enrolment, alice: User) -> Callable[..., bytes]:
    """What answers to these bytes as a push of Alice's."""
    token = issue_token(alice, "git")
    shown = "Basic " + b64encode(f"alice:{token}".encode()).decode()

    def post(body: bytes, status: int = 200, **headers: str) -> bytes:
        media_type = "application/x-git-receive-pack-request"
        answer = Client(headers={"Authorization": shown, **headers}).post(PUSH, body, content_type=media_type)
        assert answer.status_code == status
        return b"".join(answer.streaming_content) if answer.streaming else answer.content

    return post


def ask_for(head: str, new: str = "b" * 40, ref: str = "refs/heads/main") -> bytes:
    command = f"{head} {new} {ref}\0report-status side-band-64k push-options agent=test".encode()
    return pushes.packet(command) + b"0000"


def test_a_broken_pack_is_refused(send: Callable[..., bytes], enrolled: Enrolment) -> None:
    head = read_head(open_repository(enrolled))
    begun = ask_for(head) + b"0000"
    for pack in (
        b"",
        b"PACK",
        b"PACK" + struct.pack(">LL", 2, 3) + b"no pack at all",
        b"PACK" + struct.pack(">LL", 9, 1) + b"\0" * 40,
    ):
        told = send(begun + pack)
        assert b"ng refs/heads/main refused: broken" in told
        assert b"nothing of it was taken" in told
        expect_nothing_stays(enrolled, head, "b" * 40)


def test_a_hundred_thousand_objects_are_not_even_unpacked(send: Callable[..., bytes], enrolled: Enrolment) -> None:
    head = read_head(open_repository(enrolled))
    told = send(ask_for(head) + b"0000" + b"PACK" + struct.pack(">LL", 2, 100_000) + b"\0" * 20)
    assert f"100,000 objects; at most {MAX_OBJECTS:,} are taken".encode() in told


def test_when_git_fails_on_our_side_it_is_said_to_be_our_fault(
    send: Callable[..., bytes], enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> bool:
        raise git.GitFault("no space left on device")

    head = read_head(open_repository(enrolled))
    monkeypatch.setattr(pushes, "has_moved", fail)
    told = send(ask_for(head) + b"0000" + b"PACK" + struct.pack(">LL", 2, 0))
    assert b"Something failed on our side" in told
    assert b"ng refs/heads/main refused: our-fault" in told
    assert b"no space left" not in told
    assert "no space left" in caplog.text
    expect_nothing_stays(enrolled, head, "b" * 40)


@pytest.mark.parametrize(
    "body",
    [b"junk", b"\xff\xff\xff\xff", b"0004", b"zzzz" * 9, b"00ff" + b"a" * 251, b"0005" * 20_000, b"fff0" + b"x" * 99],
)
def test_what_is_no_push_is_said_to_be_none(send: Callable[..., bytes], enrolled: Enrolment, body: bytes) -> None:
    assert b"This is no push that can be read." in send(body, 400)
    assert Submission.objects.count() == 0


def test_odd_requests_are_refused(send: Callable[..., bytes], enrolled: Enrolment) -> None:
    assert send(b"0000") == b"0000", "git asks first whether it may push, before it sends much"
    assert b"Send the push as it is" in send(b"\x1f\x8b", 415, **{"Content-Encoding": "gzip"})


def test_two_pushes_at_once_wait_for_each_other_and_not_for_ever(
    send: Callable[..., bytes], enrolled: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repositories, "PATIENCE_S", 0.2)
    repository = open_repository(enrolled)
    with repositories.hold(repository):
        told = send(ask_for(read_head(repository)) + b"0000PACK")
        with pytest.raises(Refusal, match="Another push of yours"), repositories.hold(repository):
            pass
    assert b"Another push of yours is still being taken in." in told
    with repositories.hold(repository):
        pass


def test_a_repository_does_not_grow_without_end(
    enrolled: Enrolment, alice: User, clone: CloneOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repositories, "REPOSITORY_TIMES", 1)
    mine = clone(alice)
    head = mine("rev-parse", "HEAD")
    commit = mine.commit({"data/a.bin": noise(9 * MB // 8), "data/b.bin": noise(9 * MB // 8)[::-1]})
    code, told = mine.push()
    assert code == 1
    assert "Your repository would be larger than 2 MB." in told
    expect_nothing_stays(enrolled, head, commit)


def test_git_is_ended_when_it_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "SECONDS", 0.2)
    run_git(tmp_path, "init", "--quiet")
    with pytest.raises(git.GitFault, match="took longer"):
        run_git(tmp_path, "-c", "alias.wait=!sleep 30", "wait")
