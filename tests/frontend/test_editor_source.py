"""What the editor is built from names exact versions and where to find them nowhere."""

import json
import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "frontend" / "editor_source"


def test_every_package_is_pinned_by_version_and_sum_and_no_host_is_named() -> None:
    asked = json.loads((SOURCE / "package.json").read_text())
    wanted = {**asked["dependencies"], **asked["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    lock = (SOURCE / "package-lock.json").read_text()
    locked = {path: told for path, told in json.loads(lock)["packages"].items() if path}
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(told["integrity"].startswith("sha512-") for told in locked.values())
    assert '"resolved"' not in lock
    assert "://" not in lock
