"""What employers fill in about themselves and their people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from people.employers.models import Employer, Post, Role


class NamingForm(forms.Form):
    title = forms.CharField(label=_("Name"), max_length=120, help_text=_("As candidates know you."))
    website = forms.CharField(label=_("Website"), max_length=200, required=False)

    def __init__(self, data: Any = None, employer: Employer | None = None) -> None:
        told = {"title": employer.title, "website": employer.website} if employer else {}
        super().__init__(data, initial=told)


class OfferForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.RECRUITER)
    meant_for = forms.CharField(
        label=_("For whom?"), max_length=120, required=False, help_text=_("A note for your own list of offers.")
    )


class PostForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def __init__(self, post: Post, data: Any = None) -> None:
        super().__init__(data, initial={"role": post.role}, prefix=f"post-{post.pk}")


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Your note"), max_length=200, required=False, help_text=_("Whoever sent the link does not see it.")
    )


class CandidateForm(NoteForm):
    link = forms.CharField(label=_("The link that they sent you"), max_length=500)
    field_order = ("link", "note")
