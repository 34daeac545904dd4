"""What the projects room holds is published when it was proved; a draft is named, and what changed since is refused."""

import io
import json
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test.utils import override_settings

from curriculum.models import Project

FLAGSHIP = Path(__file__).resolve().parents[3] / "projects" / "chargeback-watch"


@pytest.mark.django_db
def test_a_draft_is_left_out_and_a_stale_proof_stops_the_publishing(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FLAGSHIP, tmp_path / "projects" / "draft"))
    (folder / "proof.json").unlink(missing_ok=True)
    said = io.StringIO()
    with override_settings(PROJECTS_DIR=folder.parent):
        call_command("publish", stdout=said)
        stale = {"ingest": {"reference": {"seeds": "1", "digest": "of another edition"}}}
        (folder / "proof.json").write_text(json.dumps(stale))
        with pytest.raises(CommandError, match=r"reference at ingest, and .* were not proved since"):
            call_command("publish", stdout=said)

    assert "Not published: draft is a draft" in said.getvalue()
    assert not Project.objects.exists()
