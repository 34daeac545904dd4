"""A short night of faults, always the same one: real PostgreSQL and Redis that really die, and the books afterwards."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.services
def test_forty_submissions_under_faults_keep_every_promise() -> None:
    words = "--seed 3 --submissions 40 --workers 2 --broker redis --seconds 30 --pause 5 --real 0.1"
    told = subprocess.run(
        [ROOT / "scripts" / "chaos", *words.split()], capture_output=True, text=True, check=False, timeout=600
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "| runs | 40 |" in told.stdout
    assert "| broken promises | 0 |" in told.stdout
