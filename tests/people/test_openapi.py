"""docs/openapi.yaml is the API that is served: `manage.py spectacular --file docs/openapi.yaml` writes it anew."""

from pathlib import Path

import yaml
from django.core.management import call_command

from people.openapi import PROBLEMS

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


def test_the_committed_description_is_the_one_that_the_code_gives(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert COMMITTED.read_text() == fresh.read_text()


def test_every_operation_says_how_it_refuses() -> None:
    description = yaml.safe_load(COMMITTED.read_text())
    assert "/api/submissions/{id}" in description["paths"]
    for path in description["paths"].values():
        for operation in path.values():
            for status in PROBLEMS:
                content = operation["responses"][status]["content"]
                assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
