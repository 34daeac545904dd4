"""What leaders fill in about a cohort and its people; what a room refuses stands beside the field that it is about."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from curriculum.models import Track
from frontend.forms import zone_choices
from people.cohorts.invitations import MOST
from people.cohorts.models import POWERS, Cohort, Membership
from people.cohorts.roster_files import MOST_EXTRA
from people.learners.queries import current_projects
from people.learners.refusals import Refusal

T = TypeVar("T")
MOST_DAYS = 365
A_NUMBER = dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("Say a whole number within the bounds."))


def make(form: forms.Form, act: Callable[..., T]) -> T | None:
    """What it makes of what was filled in; None where the form says why it made nothing."""
    if not form.is_valid():
        return None
    try:
        return act(**form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return None


def attempt(form: forms.Form, act: Callable[..., object]) -> bool:
    """Do it with what was filled in; whether that went well, or else the form says why not."""
    make(form, act)
    return not form.errors


class TermsForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    track = forms.ChoiceField(
        label=_("A whole track"),
        required=False,
        help_text=_("All of its projects that are published today, in its order; others may be ticked besides."),
    )
    projects = forms.MultipleChoiceField(
        label=_("Projects of your choice"), required=False, widget=forms.CheckboxSelectMultiple
    )
    zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("In which the cohort's dates are set and shown.")
    )

    def __init__(self, data: Any = None, cohort: Cohort | None = None) -> None:
        told = {"title": cohort.title, "projects": cohort.project_slugs, "zone": cohort.zone} if cohort else {}
        super().__init__(data, initial=told)
        tracks = Track.objects.order_by("title").values_list("slug", "title")
        projects = current_projects().prefetch_related(None).values_list("slug", "title")
        _choose(self, "track", [("", _("No track")), *tracks])
        _choose(self, "projects", projects)
        _choose(self, "zone", [("", "UTC"), *zone_choices()[2:]])


class LeaderForm(forms.Form):
    """Who leads and how; without the account where it is somebody who leads already."""

    account = forms.CharField(label=_("User name, or confirmed e-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, role.label) for role in POWERS])
    sections = forms.MultipleChoiceField(
        label=_("An assistant's sections"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, titles: Sequence[str], data: Any = None, leader: Membership | None = None) -> None:
        told = {"role": leader.role, "sections": [one.title for one in leader.assists.all()]} if leader else {}
        prefix = f"leader-{leader.pk}" if leader else None
        super().__init__(data, initial=told, prefix=prefix)
        _choose(self, "sections", [(title, title) for title in titles])
        if leader:
            del self.fields["account"]


class MemberForm(forms.Form):
    section = forms.ChoiceField(label=_("Section"), required=False)
    external_id = forms.CharField(
        label=_("External id"), max_length=120, required=False, help_text=_("What the school calls this person.")
    )
    extra_percent = forms.IntegerField(
        label=_("Extra time, in per cent"),
        min_value=0,
        max_value=MOST_EXTRA,
        error_messages=A_NUMBER,
        help_text=_("More time for every milestone, as a rule. Only owners and instructors see it."),
    )

    def __init__(self, titles: Sequence[str], member: Membership, data: Any = None) -> None:
        section = member.section.title if member.section else ""
        told = {"section": section, "external_id": member.external_id, "extra_percent": member.extra_percent}
        super().__init__(data, initial=told)
        _choose(self, "section", [("", _("No section")), *((title, title) for title in titles)])


class InvitationForm(forms.Form):
    days = forms.IntegerField(
        label=_("For how many days?"), min_value=1, max_value=MOST_DAYS, initial=14, error_messages=A_NUMBER
    )
    cap = forms.IntegerField(
        label=_("For how many people?"), min_value=1, max_value=MOST, initial=40, error_messages=A_NUMBER
    )
    section = forms.ChoiceField(label=_("Into which section?"), required=False)

    def __init__(self, titles: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        _choose(self, "section", [("", _("No section")), *((title, title) for title in titles)])


class SectionForm(forms.Form):
    title = forms.CharField(label=_("Title of a new section"), max_length=60)


class RosterForm(forms.Form):
    roster = forms.FileField(
        label=_("The roster as CSV"),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )


def _choose(form: forms.Form, field: str, choices: Any) -> None:
    form.fields[field].choices = list(choices)  # type: ignore[attr-defined]
