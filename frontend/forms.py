"""What people fill in about themselves: their zone and their weekly goal. Says of each field what is wrong with it."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from people.accounts.mailing import Mailing, find_address, list_wanted
from people.accounts.models import User
from people.accounts.zones import list_zones
from people.goals.models import MOST, Goal, Unit

FROM_ONE_TO_SEVEN = format_lazy(_("Say how many, from 1 to {most}."), most=MOST)


def zone_choices() -> list[tuple[str, Any]]:
    areas = [(area, [(name, name.replace("_", " ")) for name in names]) for area, names in list_zones().items()]
    return [("", _("As my browser says")), ("UTC", "UTC"), *areas]


class ZoneForm(forms.Form):
    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices, required=False)


class GoalForm(forms.Form):
    unit = forms.ChoiceField(
        label=_("What for?"),
        choices=[
            ("", _("No goal")),
            (Unit.DAYS, _("Days on which I hand in")),
            (Unit.MILESTONES, _("Milestones that I pass")),
        ],
        required=False,
    )
    number = forms.IntegerField(
        label=_("How many each week?"),
        min_value=1,
        max_value=MOST,
        initial=2,
        required=False,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), FROM_ONE_TO_SEVEN),
    )
    reminds = forms.BooleanField(label=_("Remind me by mail on Thursday evening if I am behind"), required=False)

    def __init__(self, user: User, goal: Goal | None, data: Any = None) -> None:
        told = {"unit": goal.unit, "number": goal.number, "reminds": goal.reminds} if goal else {}
        super().__init__(data, initial=told)
        self.user = user

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.get("unit") and "number" in told and told["number"] is None:
            self.add_error("number", FROM_ONE_TO_SEVEN)
        if told.get("reminds") and not told.get("unit"):
            self.add_error("reminds", _("There is nothing to remind you of: choose a goal first."))
        if told.get("reminds") and not self.user.email:
            self.add_error("reminds", _("We have no e-mail address of yours: add one above first."))
        return told


class MailsForm(forms.Form):
    """Which mails somebody wants; a digest is for those who lead."""

    verdicts = forms.BooleanField(label=_("Mail me each verdict"), required=False)
    digest = forms.BooleanField(
        label=_("Mail me on Monday morning how my cohorts do: who may need somebody, and what is due"), required=False
    )

    def __init__(self, user: User, leads: bool, data: Any = None) -> None:
        super().__init__(data, initial={mailing.value: True for mailing in list_wanted(user)})
        self.address = find_address(user)
        if not leads and Mailing.DIGEST not in list_wanted(user):
            del self.fields["digest"]

    def clean(self) -> dict[str, Any]:
        for name in [name for name in self.fields if self.cleaned_data.get(name) and not self.address]:
            self.add_error(name, _("Confirm an e-mail address first: mails go to no other."))
        return self.cleaned_data
