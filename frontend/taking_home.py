"""All that is held about somebody, in one zip, for themselves alone: they say once more who they are."""

from collections.abc import Iterator

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from frontend.account import owner, show
from people.accounts import holding, trail
from people.accounts.models import User
from people.learners.archives import answer_zip, list_export, pack
from people.learners.queries import list_enrolments
from people.learners.reports import write_reports
from people.rates import take_turn

ABOUT_IT = """\
All that is held about you here, as it was when you asked.

rows/        what stands in the database about you, a file for each table; without what lets anybody in
projects/    for each project of yours: every commit, your files, your practice world, and a report of each submission

What you did for a cohort or an employer (dates, offers, assessments) is held about those, and is not in here.
"""


@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@never_cache
def take_home(request: HttpRequest) -> HttpResponse:
    user = owner(request)
    if seconds := take_turn("export", str(user.pk)):
        messages.error(
            request, _("You have just taken it home. Try again in {seconds} seconds.").format(seconds=seconds)
        )
        answer = show(request, status=429)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    trail.note(user, "took home what is held about them")
    return answer_zip(pack(_list_members(request, user)), "milepost-account.zip")


def _list_members(request: HttpRequest, user: User) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", ABOUT_IT.encode()
    for name, content in holding.list_rows(user):
        yield f"rows/{name}", content
    for enrolment in list_enrolments(user):
        for name, content in list_export(enrolment, write_reports(request, enrolment)):
            yield f"projects/{enrolment.project.slug}/{name}", content
