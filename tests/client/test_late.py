"""The command line is there at once: what most commands do not need is not imported."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from milepost.late import import_late

CLIENT = Path(__file__).resolve().parents[2] / "client"
SECONDS = 0.5
PROBE = """
import sys, milepost.cli
loaded = {"httpx._client", "markdown_it", "django", "torch", "pandas", "yaml"} & set(sys.modules)
assert not loaded, loaded
from milepost.server import Server
Server("http://localhost")
assert "httpx._client" in sys.modules
"""


def test_what_is_not_needed_is_not_imported() -> None:
    environment = {"PYTHONPATH": f"{CLIENT}:{CLIENT.parent}"}
    subprocess.run([sys.executable, "-c", PROBE], check=True, env=environment)


def test_help_takes_less_than_half_a_second_of_the_processor() -> None:
    environment = {"PYTHONPATH": f"{CLIENT}:{CLIENT.parent}"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "milepost", "--help"], check=True, env=environment, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SECONDS


def test_a_module_that_is_not_there_is_missed_at_once() -> None:
    with pytest.raises(ModuleNotFoundError):
        import_late("no_such_module")
    assert import_late("json").dumps([1]) == "[1]"
