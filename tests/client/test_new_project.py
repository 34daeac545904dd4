"""Authors begin a project with the same command line, without a server."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from curriculum.lint import lint
from curriculum.package import load

Milepost = Callable[..., Result]


def test_a_new_project_lints_and_is_never_written_over(milepost: Milepost) -> None:
    begun = milepost("new-project", "night-shift")
    assert begun.stdout.endswith("  python -m grading prove projects/night-shift --seeds 1\n")
    assert lint(load(Path("projects/night-shift"))) == []
    again = milepost("new-project", "night-shift")
    assert (again.exit_code, again.stderr) == (2, "projects/night-shift is there already.\nName another slug.\n")
    refused = milepost("new-project", "Night Shift", "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "slug-refused"
    assert not Path("projects/Night Shift").exists()
