"""What a package's own code finds around it."""

import json
from pathlib import Path

import pytest

from curriculum.package import PackageFault
from grading.world import run_author

NOSY = """
import json, os
def generate(seed, domain, raw, truth):
    raise SystemExit("found: " + json.dumps(dict(os.environ)))
"""


def test_an_authors_code_finds_no_secret_in_its_surroundings(
    newer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "MILEPOST_WORLD_SECRET", "DATABASE_URL", "EMAIL_URL"):
        monkeypatch.setenv(name, "canary")
    (newer_folder / "data.py").write_text(NOSY)
    asked = {"package": str(newer_folder), "mechanism": 1, "draw": 1, "seat": 1, "domain": "plain"}
    asked |= {"raw": str(tmp_path), "truth": str(tmp_path)}
    with pytest.raises(PackageFault) as stopped:
        run_author("grading.forge", asked, "it failed")
    found = json.loads(str(stopped.value).partition("found: ")[2])
    assert "canary" not in found.values()
    assert found.keys() <= {"PATH", "PYTHONPATH", "LC_CTYPE"} | {name for name in found if name.endswith("_THREADS")}
