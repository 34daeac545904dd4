"""The same requests on the database of production: it refuses a text with a NUL or too long a one, SQLite none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASKED = ("tests/config/test_odd_texts.py", "tests/config/test_fuzz.py")


@pytest.mark.services
def test_what_is_sent_finds_no_fault_on_postgresql(database: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "MILEPOST_VAR"}
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *ASKED],
        cwd=ROOT,
        env={**environment, "DATABASE_URL": database, "MILEPOST_TEST_EVERY": "12"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-4000:]
