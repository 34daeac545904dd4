"""An employer's own domain files: to have one measured, and to read what the linter says."""

from typing import Any, BinaryIO, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from frontend.hiring.access import hire
from frontend.leading.forms import make
from frontend.refusing import refusing
from people.employers.domain_desk import (
    MOST_BYTES,
    access_domain_file,
    add_domain_file,
    list_domain_files,
    read_ready_made,
)
from people.employers.measuring import OPEN
from people.employers.models import DomainFile, Power
from people.learners.queries import current_projects


class DomainForm(forms.Form):
    project = forms.ChoiceField(label=_("Project"))
    name = forms.CharField(label=_("What is it called?"), max_length=60)
    file = forms.FileField(
        label=_("Domain file (YAML)"),
        help_text=_("Begin from a ready-made one of the same project."),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.projects = list(current_projects().prefetch_related(None))
        titles = [(project.slug, project.title) for project in self.projects]
        self.fields["project"].choices = titles  # type: ignore[attr-defined]

    def clean_file(self) -> str:
        sent = cast(BinaryIO, self.cleaned_data["file"])
        content = sent.read(MOST_BYTES + 1)
        try:
            return content.decode("utf-8-sig", "strict" if len(content) <= MOST_BYTES else "replace")
        except UnicodeDecodeError as odd:
            raise forms.ValidationError(_("This is no text in UTF-8; save it as such.")) from odd


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def domain_files(request: HttpRequest, slug: str) -> HttpResponse:
    post = hire(request, slug, Power.HIRE if request.method == "POST" else Power.READ)
    form = DomainForm(request.POST, request.FILES) if request.method == "POST" else DomainForm()
    if request.method == "POST" and (
        made := make(form, lambda project, name, file: add_domain_file(post, project, name, file))
    ):
        return redirect("frontend:domain_file", slug, made.pk)
    context = {"post": post, "employer": post.employer, "form": form, "files": list_domain_files(post)}
    return render(request, "employer/domain_files.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
@refusing
def ready_made(request: HttpRequest, slug: str, project: str, name: str) -> HttpResponse:
    hire(request, slug, Power.HIRE)
    answer = HttpResponse(read_ready_made(project, name), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{project}-{name}.yaml"'
    return answer


@require_safe
@login_required
@refusing
def domain_file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    post = hire(request, slug)
    one = access_domain_file(post, pk)
    context = {"post": post, "employer": post.employer, "one": one, "is_open": one.state in OPEN}
    context |= describe_figures(one)
    return render(request, "employer/domain_file.html", context)


def describe_figures(one: DomainFile) -> dict[str, object]:
    """What was measured, as a table: this file, each ready-made one, and the bounds."""
    rows = one.report.get("rows", [])
    ready = list(rows[0]["ready"]) if rows else []
    columns = [one.name, *ready, _("At least"), _("At most")]
    figures = [
        (row["figure"], [_tell(value) for value in (row["own"], *row["ready"].values(), row["low"], row["high"])])
        for row in rows
    ]
    return {"columns": columns, "figures": figures}


def _tell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
