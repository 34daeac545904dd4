"""A wrong value of any setting stops the start with a sentence that names it and the remedy."""

import os
import re
import runpy
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.environment import SettingError, read_secret
from tests.config.variables import ROOT, find_settings

LONG = "a secret that is quite long enough to sign sessions with, says the test"
# Variable -> what cannot be meant, and what the sentence says of the remedy.
WRONG: dict[str, tuple[list[str], str]] = {
    "MILEPOST_VAR": (["/etc/hostname/var", "/etc/hostname"], "name another"),
    "SECRET_KEY": (["short", "x" * 49], "makes one"),
    "MILEPOST_WORLD_SECRET": (["short"], "makes one"),
    "DATABASE_URL": (
        [
            "mysql://root@localhost/x",
            "milepost.sqlite3",
            "sqlite://",
            "postgresql://h:port/x",
            "postgresql://host:5432",
        ],
        "postgresql://",
    ),
    "BROKER_URL": (["redis", "sqs://queue", "redis:///0", "amqp://host:99999//"], "redis://"),
    "STORE_URL": (
        [
            "/var/store",
            "file://",
            "file:///etc/hostname/store",
            "gs://bucket",
            "s3://me:hunter2@bucket",
            "s3://bucket?zone=x",
        ],
        "STORE_URL",
    ),
    "MILEPOST_STORE_CACHE_MB": (["0", "4GB"], "whole number from 1"),
    "CACHE_URL": (
        ["redis", "memcached://host", "redis://:hunter2@/1", "database://a-b", "redis://host:x/1"],
        "locmem://",
    ),
    "MILEPOST_REQUIRE_MFA": (["some"], "say one of"),
    "MILEPOST_TOKEN_DAYS": (["0", "ever"], "whole number from 1"),
    "MILEPOST_SUBMITS_PER_MINUTE": (["-1"], "whole number"),
    "OIDC_URL": (["https://id.example.org"], "OIDC_CLIENT_ID"),
    "OIDC_CLIENT_ID": (["milepost"], "OIDC_URL"),
    "OIDC_CLIENT_SECRET": (["secret"], "OIDC_URL"),
    "OIDC_NAME": (["", "two\nlines"], "one line"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": (["collector", "grpc://collector:4317"], "https://"),
    "MILEPOST_REPOSITORIES": (["/etc/hostname"], "name another"),
    "MILEPOST_PROJECTS": (["/nowhere/at/all"], "make it"),
    "MILEPOST_ENVIRONMENTS": (["/nowhere/at/all", "/etc/hostname"], "make it"),
    "MILEPOST_SANDBOX": (["none", ""], "it can be strict"),
    "MILEPOST_WARM": (["many", "-1", "65", "²"], "from 0 to 64"),
    "MILEPOST_CGROUP": (["../../other"], "leave it out"),
    "MILEPOST_LEASE_SECONDS": (["0", "1", "601", "20s"], "from 2 to 600"),
    "MILEPOST_TASK_SECONDS": (["0", "59", "1e3"], "from 60"),
    "MILEPOST_TREE_MB": (["0", "1025", "16MB"], "from 1 to 1024"),
    "MILEPOST_ATTEMPTS": (["-1", "twelve", ""], "whole number"),
    "MILEPOST_ATTEMPT_MINUTES": (["-1", "٣"], "whole number"),
    "MILEPOST_TRIES_BEFORE_LOAN": (["five"], "whole number"),
    "MILEPOST_REVOCATION_GRACE_DAYS": (["two weeks"], "whole number"),
    "MILEPOST_OPEN_COHORTS": (["maybe"], "say 1 or 0"),
    "MILEPOST_OPEN_EMPLOYERS": (["2"], "say 1 or 0"),
    "MILEPOST_SKILLS_MAPPING": (["/nowhere/at/all.yaml"], "name a file"),
    "MILEPOST_LTI_PRIVATE_HOSTS": (["https://lms.example.org", "lms.example.org/course"], "say hosts only"),
    "MILEPOST_HOOK_PRIVATE_HOSTS": (["ats.example.org:8443"], "say hosts only"),
    "MILEPOST_HOSTS": (
        ["https://learn.example.org", "learn.example.org:443", "a b", "learn.example.org/"],
        "hosts only",
    ),
    "MILEPOST_ORIGINS": (["learn.example.org", "https://learn.example.org/", "ftp://x", "https://"], "scheme and host"),
    "MILEPOST_PROXIES": (["one", "11"], "from 0 to 10"),
    "MILEPOST_HTTPS": (["https"], "say 1 or 0"),
    "MILEPOST_DEMO": (["no thanks"], "say 1 or 0"),
    "MILEPOST_DEBUG": (["debug"], "say 1 or 0"),
    "MILEPOST_LOG_LEVEL": (["LOUD", "info", ""], "say one of"),
    "MILEPOST_LOG_FORMAT": (["xml", ""], "say one of"),
    "MILEPOST_METRICS_TOKEN": (["short", "a" * 19], "makes one"),
    "MILEPOST_REPORT_SECONDS": (["0", "601"], "from 1 to 600"),
    "MILEPOST_ADDRESS": (
        ["learn.example.org", "https://", "ftp://x.org", "https://a:b@x.org", "https://x.org:port"],
        "http",
    ),
    "MILEPOST_NAME": (["", "two\nlines"], "one line"),
    "MILEPOST_MAIL_FROM": (["milepost", "a@b\nBcc: c@d"], "e-mail address"),
    "EMAIL_URL": (["mail.example.org", "http://mail", "smtp://", "smtp://mail:port"], "smtp"),
    "EMAIL_BACKEND": (["smtp", "nowhere.Backend", "django.core.mail.backends.smtp.Nothing"], "name a class"),
}
# Read by scripts/supervise.py alone, before anything is started.
SUPERVISED = {"HOST": (["http://localhost", "a b"], "say a host"), "PORT": (["http", "0", "65536"], "from 1 to 65535")}
TOGETHER = [
    ({"MILEPOST_DEBUG": "1", "MILEPOST_HTTPS": "1", "MILEPOST_ADDRESS": "https://x.org"}, "set MILEPOST_DEBUG=0"),
    ({"MILEPOST_HTTPS": "1", "MILEPOST_ADDRESS": "http://x.org"}, "MILEPOST_ADDRESS must be an https:// address"),
    ({"MILEPOST_HTTPS": "1"}, "MILEPOST_ADDRESS must be an https:// address"),
    ({"MILEPOST_LEASE_SECONDS": "60", "MILEPOST_TASK_SECONDS": "60"}, "must be below MILEPOST_TASK_SECONDS"),
]


def test_each_setting_has_its_wrong_values_here() -> None:
    assert WRONG.keys() | SUPERVISED.keys() == find_settings()


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [(name, value, remedy) for name, (values, remedy) in WRONG.items() for value in values],
)
def test_a_wrong_value_stops_the_start_with_a_sentence(
    name: str, value: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingError) as stopped:
        start({name: value}, tmp_path, monkeypatch)
    assert name in str(stopped.value)
    assert remedy in str(stopped.value)


@pytest.mark.parametrize(("given", "sentence"), TOGETHER)
def test_what_cannot_be_meant_together_stops_the_start(
    given: Mapping[str, str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingError, match=re.escape(sentence)):
        start(given, tmp_path, monkeypatch)


def test_no_sentence_repeats_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = [
        "postgresql://me:hunter2@host:port/x",
        "mysql://me:hunter2@host/x",
        "redis://:hunter2@/0",
        "me:hunter2@host",
    ]
    for name in (
        "DATABASE_URL",
        "BROKER_URL",
        "CACHE_URL",
        "EMAIL_URL",
        "MILEPOST_ADDRESS",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ):
        for value in (*secrets, "https://me:hunter2@x.org"):
            with pytest.raises(SettingError) as stopped:
                start({name: value}, tmp_path, monkeypatch)
            assert "hunter2" not in str(stopped.value)
    with pytest.raises(SettingError) as stopped:
        start({"SECRET_KEY": "hunter2"}, tmp_path, monkeypatch)
    assert "hunter2" not in str(stopped.value)


def test_right_values_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = start(
        {
            "SECRET_KEY": LONG,
            "DATABASE_URL": "postgresql://me:a%40b@db.example.org:5433/mile",
            "BROKER_URL": "amqps://me:pw@mq.example.org:5671//",
            "MILEPOST_HOSTS": "learn.example.org, .example.net, [::1], *",
            "MILEPOST_ORIGINS": "https://learn.example.org,http://localhost:8080,https://*.example.net",
            "MILEPOST_ADDRESS": "https://learn.example.org/",
            "MILEPOST_HTTPS": "1",
            "MILEPOST_MAIL_FROM": "Milepost <milepost@example.org>",
            "EMAIL_URL": "smtps://me:pw@mail.example.org",
        },
        tmp_path,
        monkeypatch,
    )
    assert settings["DATABASES"]["default"]["PASSWORD"] == "a@b"
    assert settings["CELERY_BROKER_URL"].startswith("amqps://")
    assert settings["ALLOWED_HOSTS"] == ["learn.example.org", ".example.net", "[::1]", "*"]
    assert settings["MILEPOST_ADDRESS"] == "https://learn.example.org"
    assert settings["EMAIL_PORT"] == 465


def test_every_process_of_the_product_stops_with_the_sentence_alone() -> None:
    told = {**os.environ, "MILEPOST_TREE_MB": "16MB"}
    for words in (["manage.py", "check"], ["-m", "celery", "-A", "config", "report"], ["-c", "import config.asgi"]):
        ended = subprocess.run([sys.executable, *words], cwd=ROOT, env=told, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 1
        assert ended.stderr == "MILEPOST_TREE_MB is '16MB'; it must be a whole number from 1 to 1024.\n"


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [(name, value, remedy) for name, (values, remedy) in SUPERVISED.items() for value in values],
)
def test_the_small_installation_refuses_where_it_cannot_listen(name: str, value: str, remedy: str) -> None:
    words = [sys.executable, "scripts/supervise.py"]
    told = {**os.environ, name: value}
    ended = subprocess.run(words, cwd=ROOT, env=told, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.startswith(name)
    assert remedy in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_processes_that_start_together_have_one_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    seen: list[str] = []
    kept = tmp_path / "new" / "secret-key"
    begin = threading.Barrier(8)

    def read() -> None:
        begin.wait()
        seen.append(read_secret("SECRET_KEY", kept, least=50))

    hands = [threading.Thread(target=read) for _ in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret-key"]


def test_an_empty_file_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MILEPOST_WORLD_SECRET", raising=False)
    (tmp_path / "world-secret").touch()
    with pytest.raises(SettingError, match="MILEPOST_WORLD_SECRET is shorter"):
        start({}, tmp_path, monkeypatch)


def start(given: Mapping[str, str], var: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The settings as a process of the product reads them at its start."""
    for name in find_settings():
        monkeypatch.delenv(name, raising=False)
    for name, value in {"MILEPOST_VAR": str(var), **given}.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "config" / "settings.py"))
