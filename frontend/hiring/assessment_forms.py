"""What employers fill in about assessments; what a room refuses stands beside the field that it is about."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Project
from frontend.leading.forms import A_NUMBER, MOST_DAYS
from people.employers.assessing import LONGEST, LONGEST_NOTES, SHORTEST
from people.learners.queries import milestone_kinds

A_MOMENT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A date and time in the reader's zone, which stands beside it."""

    def __init__(self, **more: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=A_MOMENT)
        super().__init__(widget=widget, input_formats=[A_MOMENT, "%Y-%m-%dT%H:%M:%S"], **more)


class AssessmentForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("Candidates know it by this."))
    kinds = forms.MultipleChoiceField(label=_("Milestones"), widget=forms.CheckboxSelectMultiple)
    domain = forms.ChoiceField(label=_("Told as which business?"))
    minutes = forms.IntegerField(
        label=_("Minutes in the box"),
        min_value=SHORTEST,
        max_value=LONGEST,
        initial=240,
        error_messages=A_NUMBER,
        help_text=_("The clock starts when a candidate begins, and the server's clock counts."),
    )
    opens_at = MomentField(label=_("May be begun from"), required=False)
    closes_at = MomentField(label=_("May be begun until"))
    notes = forms.CharField(
        label=_("Notes to candidates"),
        required=False,
        max_length=LONGEST_NOTES,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("They read it before they begin."),
    )

    def __init__(self, project: Project, domains: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        kinds = milestone_kinds(project.pk)
        self.fields["kinds"].choices = [(kind, kind) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["domain"].choices = domains  # type: ignore[attr-defined]
        zone = timezone.get_current_timezone_name()
        self.fields["opens_at"].help_text = _("Empty: at once. Time zone: {zone}").format(zone=zone)
        self.fields["closes_at"].help_text = _("Who has begun keeps the whole box. Time zone: {zone}").format(zone=zone)


class InviteForm(forms.Form):
    label = forms.CharField(label=_("For whom?"), max_length=120, help_text=_("For your own list; they do not see it."))
    email = forms.EmailField(
        label=_("E-mail address"), required=False, help_text=_("For your own list too: you send the link yourself.")
    )
    days = forms.IntegerField(
        label=_("For how many days?"), min_value=1, max_value=MOST_DAYS, initial=14, error_messages=A_NUMBER
    )


class MoreTimeForm(forms.Form):
    minutes = forms.IntegerField(label=_("Minutes more"), required=False, min_value=1, error_messages=A_NUMBER)
    percent = forms.IntegerField(
        label=_("Or percent of the whole box, as an accommodation"),
        required=False,
        min_value=1,
        error_messages=A_NUMBER,
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("They read it.")
    )
