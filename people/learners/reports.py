"""A submission as the API tells it, with its addresses; and all of an enrolment's, as files to take home."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import override
from rest_framework.renderers import JSONRenderer

from people.accounts.languages import WRITTEN
from people.learners import queries
from people.learners.addresses import address_of_page
from people.learners.models import Enrolment, Help, Override, Run, Submission
from people.learners.serializers import FullSubmissionSerializer


def describe_submission(request: HttpRequest, submission: Submission, run: Run) -> dict[str, Any]:
    """What the submission serializers take."""
    return {
        "submission": submission,
        "run": run,
        "url": request.build_absolute_uri(reverse("api-submission", args=[submission.pk])),
        "events": request.build_absolute_uri(reverse("api-events", args=[submission.pk])),
        "page": address_of_page(request, submission),
    }


def describe_fully(
    request: HttpRequest, submission: Submission, run: Run, help: Iterable[Help], overrides: Iterable[Override]
) -> dict[str, Any]:
    """The same with all that the run concluded, what had helped before it was handed in, and what leaders said."""
    taken = [one for one in help if one.kind == submission.kind and one.at < submission.created_at]
    return {**describe_submission(request, submission, run), "help": taken, "overrides": overrides}


def write_reports(request: HttpRequest, enrolment: Enrolment) -> Iterator[tuple[str, bytes]]:
    """Each submission with its verdict and every check's answer, as JSON and as written down, by a name that sorts."""
    help = list(enrolment.help.all())
    for submission in queries.list_reports(enrolment):
        with override(WRITTEN):
            run, overrides = submission.runs.all()[0], submission.overrides.all()
            told = FullSubmissionSerializer(describe_fully(request, submission, run, help, overrides)).data
        name = f"{submission.number:04}-{submission.kind}.json"
        yield name, JSONRenderer().render(told, "application/json; indent=2") + b"\n"
