"""A cohort's diary: who did what, and when."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from frontend.leading.access import lead
from frontend.refusing import refusing
from people.cohorts.diary import list_lines
from people.cohorts.models import Power

PER_PAGE: Final = 50


@require_safe
@login_required
@refusing
def diary(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    person = request.GET.get("person", "").strip()
    context = {
        "leader": leader,
        "cohort": leader.cohort,
        "person": person,
        "lines": Paginator(list_lines(leader, person), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "instructor/diary.html", context)
