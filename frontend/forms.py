"""What people fill in about themselves: zone, goal, mails, what they show of themselves. Says what is wrong where."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from curriculum.skills import read_skills
from people.accounts.mailing import Mailing, find_address, list_wanted
from people.accounts.models import AccessToken, User
from people.accounts.scopes import USUAL, Scope
from people.accounts.tokens import list_lifetimes, usual_days
from people.accounts.zones import list_zones
from people.employers.countersigning import LONGEST_TEXT, SHORTEST_TEXT
from people.employers.disclosing import LONGEST_NOTE, MOST_DAYS, USUAL_DAYS
from people.goals.models import MOST, Goal, Unit
from people.learners.queries import list_enrolments

LONGEST_NAME = AccessToken._meta.get_field("name").max_length or 60
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


def _lifetimes() -> list[tuple[int, Any]]:
    return [(days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days}) for days in list_lifetimes()]


class TokenForm(forms.Form):
    """What a token is for, what it may, and for how long: what a command line needs is chosen beforehand."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"placeholder": _("my laptop")}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=Scope.choices,
        initial=USUAL,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing that it may do.")},
    )
    days = forms.TypedChoiceField(
        label=_("For how long?"), choices=_lifetimes, coerce=int, initial=usual_days, required=True
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        sentence = gettext("Give the token a name of 1 to %(most)s characters, such as “my laptop”.")
        wrong = dict.fromkeys(("required", "max_length"), sentence % {"most": LONGEST_NAME})
        self.fields["name"].error_messages.update(wrong)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not name.isprintable():
            raise forms.ValidationError(self.fields["name"].error_messages["required"])
        return name


class ClosingForm(forms.Form):
    """What becomes of somebody's work, for which nothing is chosen beforehand, and their name as a second thought."""

    ERASE, KEEP = "erase", "keep"

    work = forms.ChoiceField(
        label=_("What becomes of your work?"),
        choices=[
            (ERASE, _("Delete it, with everything else")),
            (KEEP, _("Let it stay, under a number and without my name")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    username = forms.CharField(
        label=_("Your user name, so that nobody does this by accident"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.user = user
        self.fields["username"].error_messages["required"] = self._mismatch()

    def clean_username(self) -> str:
        if self.cleaned_data["username"] != self.user.username:
            raise forms.ValidationError(self._mismatch())
        return str(self.user.username)

    def _mismatch(self) -> str:
        return gettext("Write %(name)s, exactly as it is.") % {"name": self.user.username}


class RationaleForm(forms.Form):
    text = forms.CharField(
        label=_("What you did, and why"),
        widget=forms.Textarea(attrs={"rows": 14, "maxlength": LONGEST_TEXT}),
        help_text=format_lazy(
            _("In Markdown, from {least} to {most} characters. Say what you chose, what you left, and what it cost."),
            least=SHORTEST_TEXT,
            most=LONGEST_TEXT,
        ),
        error_messages={"required": _("Write what you did, and why.")},
    )


class DisclosureForm(forms.Form):
    """What a link shows: every skill and project of the learner's to choose from, and none chosen beforehand."""

    skills = forms.MultipleChoiceField(label=_("Skills"), required=False, widget=forms.CheckboxSelectMultiple)
    projects = forms.MultipleChoiceField(
        label=_("Stories of projects"), required=False, widget=forms.CheckboxSelectMultiple
    )
    shows = forms.ChoiceField(
        label=_("How much of each?"),
        choices=[
            ("evidence", _("With the evidence")),
            ("levels", _("Levels only")),
        ],
    )
    called = forms.ChoiceField(
        label=_("What are you called on it?"), choices=[("name", _("By my name")), ("pseudonym", _("By a pseudonym"))]
    )
    days = forms.IntegerField(
        label=_("For how many days?"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            format_lazy(_("Say for how many days, from 1 to {most}."), most=MOST_DAYS),
        ),
    )
    meant_for = forms.CharField(
        label=_("Whom is it for?"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("A note for yourself; nobody else sees it."),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        projects = {one.project.slug: one.project.title for one in list_enrolments(user)}
        skills = [(slug, pgettext("skill", skill.title)) for slug, skill in read_skills().items()]
        self.fields["skills"].choices = skills  # type: ignore[attr-defined]
        self.fields["projects"].choices = list(projects.items())  # type: ignore[attr-defined]
