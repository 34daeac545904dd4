"""The files for hosts: systemd reads the units and finds them tight, and all of them say what the documents promise."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.celery import app
from tests.config.variables import find_settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = {"milepost-web": 2.0, "milepost-beat": 2.0, "milepost-worker@": 4.0}
WEB = "milepost-web.service"
JAIL_NEEDS = {"RestrictNamespaces", "ProtectProc", "ProcSubset", "ProtectHostname", "ProtectKernelLogs", "PrivateUsers"}
JAIL_NEEDS |= {"ProtectKernelTunables", "ProtectControlGroups", "PrivateDevices"}

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")


@needs_systemd
def test_systemd_understands_every_line_of_every_unit(tmp_path: Path) -> None:
    units = sorted(install_units(tmp_path), key=lambda path: path.name != WEB)
    ended = analyze("verify", *map(str, units))
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")
    units[0].write_text(units[0].read_text().replace("ProtectHome", "ProtectHouse"))
    assert "ProtectHouse" in analyze("verify", str(units[0])).stderr


@needs_systemd
@pytest.mark.parametrize(("name", "most"), UNITS.items())
def test_systemd_finds_every_unit_tight(name: str, most: float, tmp_path: Path) -> None:
    unit = next(str(path) for path in [*install_units(tmp_path)] if path.name.startswith(name))
    words = ("security", "--offline=true", f"--threshold={int(most * 10)}", unit)
    ended = analyze(*words)
    assert ended.returncode == 0, ended.stdout
    loose = Path(unit).read_text().replace("CapabilityBoundingSet=", "").replace("ProtectSystem=strict", "")
    Path(unit).write_text(re.sub(r"SystemCallFilter=.*|NoNewPrivileges=yes", "", loose))
    assert analyze(*words).returncode == 1


@pytest.mark.parametrize("name", UNITS)
def test_every_unit_has_the_least_that_it_can_do_with(name: str) -> None:
    service = read_unit(name)
    assert service["User"] == ["milepost"]
    assert service["NoNewPrivileges"] == ["yes"]
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == [""]
    assert service["ProtectSystem"] == ["strict"]
    assert service["ReadWritePaths"] == ["/var/lib/milepost"]
    assert service["LimitCORE"] == ["0"]
    assert service["Restart"] == ["always"]
    assert service["EnvironmentFile"][0] == "/etc/milepost/milepost.env"
    assert "MemoryMax" in service
    assert "SECRET" not in " ".join(service["ExecStart"] + service["Environment"])
    opened = JAIL_NEEDS - service.keys()
    assert opened == (JAIL_NEEDS if name == "milepost-worker@" else set())


def test_the_worker_says_what_it_leaves_open_and_may_make_control_groups() -> None:
    text = (DEPLOY / "systemd" / "milepost-worker@.service").read_text()
    told = " ".join(line.strip("# ") for line in text.splitlines() if line.startswith("#"))
    assert [lock for lock in sorted(JAIL_NEEDS) if lock not in told] == []
    service = read_unit("milepost-worker@")
    assert set(service["Delegate"][0].split()) >= {"memory", "pids", "cpu"}
    assert "AF_NETLINK" in service["RestrictAddressFamilies"][0]
    assert "MILEPOST_SANDBOX=dedicated" in " ".join(service["Environment"])
    assert service["TimeoutStopSec"] == ["20min"]


def test_every_variable_of_the_files_is_a_setting_of_ours() -> None:
    named = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "systemd" / "milepost.env").read_text(), re.MULTILINE))
    composed = {name for service in read_services().values() for name in service.get("environment", {})}
    of_others = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}
    assert sorted(named - find_settings()) == []
    assert sorted(composed - find_settings() - of_others) == []
    assert {"SECRET_KEY", "MILEPOST_WORLD_SECRET", "DATABASE_URL", "BROKER_URL", "MILEPOST_HTTPS"} <= named & composed


def test_what_is_composed_runs_without_privileges_and_nothing_starts_without_its_secrets() -> None:
    services = read_services()
    assert services.keys() == {"prepare", "web", "beat", "worker", "database", "queue"}
    for name in ("prepare", "web", "beat", "worker"):
        service = services[name]
        assert (name, service["read_only"], service["user"]) == (name, True, "990:990")
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert "no-new-privileges:true" in service["security_opt"]
        assert service.get("privileged") is None
        assert name == "worker" or service["security_opt"] == ["no-new-privileges:true"]
    for name in ("web", "worker", "database", "queue"):
        assert services[name]["healthcheck"]["test"]
    for name in ("SECRET_KEY", "MILEPOST_WORLD_SECRET"):
        assert re.fullmatch(rf"\${{{name}:\?.+}}", services["web"]["environment"][name])
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_workers_take_from_queues_that_there_are() -> None:
    queues = {queue.name for queue in app.conf.task_queues or ()}
    unit = " ".join(read_unit("milepost-worker@")["Environment"])
    told = re.search(r"QUEUES=(\S+)", unit)
    composed = re.search(r"QUEUES:-([a-z,]+)", str(read_services()["worker"]["command"]))
    assert told is not None
    assert composed is not None
    assert told[1] == composed[1]
    assert not queues or set(told[1].split(",")) == queues


def test_the_image_is_made_in_two_stages_without_root_and_without_secrets() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text()
    stages = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert stages == ["${BASE}", "${BASE}"]
    last = text[text.rindex("FROM ") :]
    assert last.index("USER 990:990") < last.index("CMD [")
    assert not re.search(r"^(ENV|ARG).*(SECRET|PASSWORD|_URL)", text, re.MULTILINE)
    ignored = (DEPLOY / "container" / "Containerfile.dockerignore").read_text().splitlines()
    assert "*" in ignored
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert {room for room in kept if not (ROOT / room).exists()} == set()
    assert not {"var", ".git", "tests", "."} & kept


def test_the_proxy_does_what_the_pages_need() -> None:
    text = (DEPLOY / "proxy" / "nginx.conf").read_text()
    assert text.count("{") == text.count("}")
    places = dict(re.findall(r"location (?:~ )?(\S+) \{(.*?)\}", text, re.DOTALL))
    for place in ("/git/", "^/api/submissions/[0-9]+/events$"):
        assert "proxy_buffering off" in places[place]
    told = re.search(r"client_max_body_size (\d+)m", text)
    assert told is not None
    assert int(told[1]) == 4 * 16
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "proxy_add_x_forwarded_for" not in text


def install_units(folder: Path) -> Iterator[Path]:
    """The units as they would be installed, for this checkout."""
    for path in [*sorted((DEPLOY / "systemd").glob("*.service"), reverse=True), DEPLOY / "systemd" / "milepost.target"]:
        text = path.read_text().replace("/opt/milepost", str(ROOT))
        (folder / path.name).write_text(text)
        installed = folder / path.name.replace("@.", "@1.")
        installed.write_text(text)
        yield installed


def analyze(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)


def read_unit(name: str) -> dict[str, list[str]]:
    """The lines of its service, each name with all its values."""
    text = (DEPLOY / "systemd" / f"{name}.service").read_text()
    found: dict[str, list[str]] = {}
    for line in text[text.index("[Service]") : text.index("[Install]")].splitlines():
        if "=" in line and not line.startswith("#"):
            word, _, value = line.partition("=")
            found.setdefault(word, []).append(value)
    return found


def read_services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())["services"]
    return services
