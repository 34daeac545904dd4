"""What browsers are told they may run, and that no template needs more."""

import re
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from frontend.security import HEADER, ContentSecurityPolicyMiddleware, build_policy

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
STYLES = FRONTEND / "static" / "frontend"
TEMPLATES = sorted((FRONTEND / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/no-such-page/", "/admin/login/"])
def test_every_page_carries_the_policy(path: str, db: None) -> None:
    policy = Client().get(path)[HEADER]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_view_that_has_said_its_own_policy_keeps_it() -> None:
    def strict(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={HEADER: "default-src 'none'"})

    answer = ContentSecurityPolicyMiddleware(strict)(RequestFactory().get("/"))
    assert answer[HEADER] == "default-src 'none'"


def test_a_policy_is_written_as_browsers_read_it() -> None:
    assert build_policy({"a-src": ["'self'", "data:"], "b-src": ["'none'"]}) == "a-src 'self' data:; b-src 'none'"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(FRONTEND / "templates")))
def test_no_template_has_a_style_or_a_script_of_its_own(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert "hx-on" not in text


def test_htmx_is_told_to_obey_the_policy() -> None:
    base = (FRONTEND / "templates" / "base.html").read_text()
    assert '"includeIndicatorStyles": false' in base
    assert '"allowEval": false' in base


@pytest.mark.parametrize("sheet", sorted(STYLES.glob("*.css")), ids=lambda path: path.name)
def test_every_style_sheet_closes_what_it_opens(sheet: Path) -> None:
    """What is left open swallows all that follows, and no browser says so."""
    depth = 0
    for line in sheet.read_text().splitlines():
        depth += line.count("{") - line.count("}")
        assert depth >= 0, line
        assert depth <= 1 or line.startswith(" "), f"something before this is still open: {line}"
    assert depth == 0
