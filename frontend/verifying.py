"""Verifies a credential for whoever comes, without an account: four answers in plain sentences, and what it says."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from credentials.sentences import FINDINGS, QUESTIONS
from credentials.verifying import Finding, Report
from people.employers.checking import require_slowly, require_small, verify_bytes, verify_link
from people.employers.saying import read_said
from people.learners.refusals import Refusal

STATES = {"yes": "passed", "no": "failed", "unknown": "void"}


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One question and its answer, as the page shows them."""

    name: str
    question: str
    state: str
    answer: str
    sentence: str


class VerifyForm(forms.Form):
    """One of three ways to give a credential."""

    file = forms.FileField(
        label=gettext_lazy("A file"),
        help_text=gettext_lazy("Of the kind .json, .jwt, .png or .svg, at most 2 MB."),
        required=False,
        allow_empty_file=True,
    )
    link = forms.CharField(
        label=gettext_lazy("Or a link to it"),
        help_text=gettext_lazy("It begins with https://."),
        max_length=2000,
        required=False,
    )
    text = forms.CharField(
        label=gettext_lazy("Or its text"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        given = [name for name in self.fields if self.cleaned_data.get(name)]
        if len(given) != 1:
            told = _("Give one of them: a file, a link or the text.")
            self.add_error(given[1] if given else "file", told)
        return self.cleaned_data

    def verify(self) -> Report:
        told = self.cleaned_data
        if told["file"]:
            require_small(told["file"].size)
            return verify_bytes(told["file"].read())
        return verify_link(told["link"]) if told["link"] else verify_bytes(told["text"].encode())


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "visitor/verify.html", {"form": VerifyForm()})
    form = VerifyForm(request.POST, request.FILES)
    try:
        require_slowly(request)
        if not form.is_valid():
            return render(request, "visitor/verify.html", {"form": form}, status=400)
        report = form.verify()
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.advice)
        answer = render(request, "visitor/verify.html", {"form": form}, status=refusal.status)
        if refusal.retry_after:
            answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer
    context = {"form": VerifyForm(), "lines": list_lines(report), "holds": report.holds}
    said = read_said(report.document) if report.document else None
    return render(request, "visitor/verify.html", {**context, "said": said})


def list_lines(report: Report) -> list[AnswerLine]:
    return [_build_line(name, getattr(report, name)) for name in QUESTIONS]


def _build_line(name: str, finding: Finding) -> AnswerLine:
    words = {"yes": _("Yes"), "no": _("No"), "unknown": _("Nobody can say")}
    sentence = gettext(FINDINGS[finding.code]).format(about=finding.about)
    return AnswerLine(name, gettext(QUESTIONS[name]), STATES[finding.answer], words[finding.answer], sentence)
