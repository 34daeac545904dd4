"""The command line as the server hands it out: a wheel that pip takes, with nothing of the server in it."""

import io
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from django.test import Client

from frontend.wheel import build_wheel, wheel_name
from people.accounts.models import User

ROOT = Path(__file__).resolve().parents[2]
TOLD = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text())
PROBE = """
import sys, milepost.cli
strangers = {"django", "torch", "pandas", "numpy", "people", "curriculum"} & set(sys.modules)
assert not strangers, strangers
"""


def test_anybody_may_fetch_it_and_only_the_newest_is_there(client: Client) -> None:
    answer = client.get(f"/client/{wheel_name()}")
    assert (answer.status_code, answer.content) == (200, build_wheel())
    assert wheel_name() == f"milepost-{TOLD['project']['version']}-py3-none-any.whl"
    assert client.get("/client/milepost-0.0.1-py3-none-any.whl").status_code == 404


def test_it_holds_the_client_and_nothing_of_the_server() -> None:
    wheel = zipfile.ZipFile(io.BytesIO(build_wheel()))
    names = wheel.namelist()
    assert {"milepost/cli.py", "worlds/api.py", "grading/__init__.py"} < set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"milepost", "worlds", "grading", "credentials"}
    assert [name for name in names if name.startswith("worlds/")] == ["worlds/__init__.py", "worlds/api.py"]
    assert not any("__pycache__" in name or "django" in name for name in names)
    record = wheel.read(next(name for name in names if name.endswith("/RECORD"))).decode()
    assert [line.split(",")[0] for line in record.splitlines()] == names


def test_equal_sources_make_equal_wheels() -> None:
    first = build_wheel()
    build_wheel.cache_clear()
    assert build_wheel() == first


def test_the_account_page_says_how_to_install_it(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert f"pip install http://testserver/client/{wheel_name()}" in client.get("/me/").content.decode()


@pytest.mark.slow
def test_pip_installs_it_and_it_runs_without_django_or_torch(tmp_path: Path) -> None:
    wheel = tmp_path / wheel_name()
    wheel.write_bytes(build_wheel())
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    subprocess.run(install, check=True, cwd=tmp_path)
    subprocess.run([str(python), "-m", "pip", "check"], check=True, cwd=tmp_path)
    said = subprocess.run([str(python.parent / "milepost"), "--version"], capture_output=True, text=True, cwd=tmp_path)
    assert said.stdout == f"milepost {TOLD['project']['version']}\n"
    subprocess.run([str(python), "-c", PROBE], check=True, cwd=tmp_path)
