"""Lets an instructor put a milestone into their course: the platform asks what to link to, and gets a signed answer.

There is one answer for each milestone, signed beforehand, because a form in a frame can keep nothing of its own: no
cookie says at a second step who asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem

from curriculum.models import Milestone, Project
from people.learners.queries import current_projects
from people.learners.refusals import Refusal
from people.lti import claims as reading
from people.lti.launching import Received
from people.lti.models import SyncLine
from people.lti.outgoing import origins_of
from people.lti.sync_log import note_line
from people.outgoing import origin_of

MOST_POINTS = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back for one milestone."""

    project: Project
    milestone: Milestone
    signed: str


def find_return_address(received: Received) -> str:
    """Where the answer goes: a browser takes it there, and only to the platform. Raises Refusal."""
    asked = reading.read_part(received.message.get_launch_data(), reading.DEEP_LINKING)
    url = reading.read_text(asked, "deep_link_return_url", 2000)
    if origin_of(url) in origins_of(received.platform):
        return url
    note_line(
        received.platform,
        SyncLine.What.LINK,
        SyncLine.Outcome.REFUSED,
        "The answer should go to a host that is not one of the registered addresses.",
    )
    told = _("Your learning platform wants the answer somewhere that is not registered here.")
    raise Refusal("another-address", "launch", told, 400, _("An owner of the cohort can register that address."))


def sign_answers(received: Received, launch_url: str) -> Iterator[Answer]:
    """For each milestone of the cohort a link to it, with a column in the platform's gradebook."""
    asker = received.message.get_deep_link()
    for project in current_projects(received.platform.cohort.project_slugs):
        for milestone in project.milestones.all():
            resource = _describe(project, milestone, launch_url)
            yield Answer(project, milestone, asker.get_response_jwt([resource]))


def _describe(project: Project, milestone: Milestone, launch_url: str) -> DeepLinkResource:
    place, title = f"{project.slug}/{milestone.kind}", f"{project.title}: {milestone.title}"
    column = LineItem().set_score_maximum(MOST_POINTS).set_label(title).set_tag(place).set_resource_id(place)
    link = DeepLinkResource().set_url(launch_url).set_title(title).set_lineitem(column)
    return link.set_custom_params({"milestone": place})
