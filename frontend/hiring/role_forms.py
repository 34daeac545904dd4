"""What employers fill in about a role: each skill required, wanted or neither, at a level from 1 to 5."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from curriculum.skills import read_skills
from frontend.templatetags.milepost import skill_name
from people.employers.role_files import LARGEST, Profile

NEEDS = [("", _("Does not matter")), ("required", _("Required")), ("wanted", _("Nice to have"))]
LEVELS = [(str(level), format_lazy(_("Level {level}"), level=level)) for level in range(1, 6)]


class ProfileForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    summary = forms.CharField(
        label=_("What it is about"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    occupation = forms.CharField(
        label=_("Occupation in ESCO"), max_length=200, required=False, help_text=_("Its address, if you use ESCO.")
    )

    def __init__(self, data: Any = None, profile: Profile | None = None) -> None:
        super().__init__(data, initial=_tell_initial(profile) if profile else {})
        for slug in read_skills():
            self.fields[f"need-{slug}"] = forms.ChoiceField(label=_("Need"), choices=NEEDS, required=False)
            self.fields[f"level-{slug}"] = forms.ChoiceField(label=_("Level"), choices=LEVELS, required=False)

    @property
    def skill_rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [(skill_name(slug), self[f"need-{slug}"], self[f"level-{slug}"]) for slug in read_skills()]

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        title, summary, occupation = (told.get(name, "") for name in ("title", "summary", "occupation"))
        required, wanted = (self._read_need(need) for need in ("required", "wanted"))
        return {"profile": Profile(title, summary, occupation, required, wanted)}

    def _read_need(self, need: str) -> dict[str, int]:
        told = self.cleaned_data
        asked = [slug for slug in read_skills() if told.get(f"need-{slug}") == need]
        return {slug: int(told.get(f"level-{slug}") or 1) for slug in asked}


def _tell_initial(profile: Profile) -> dict[str, str]:
    words = {name: getattr(profile, name) for name in ("title", "summary", "occupation")}
    for need, levels in (("required", profile.required), ("wanted", profile.wanted)):
        for slug, level in levels.items():
            words[f"need-{slug}"], words[f"level-{slug}"] = need, str(level)
    return words


class OccupationForm(forms.Form):
    occupation = forms.CharField(label=_("Address of an occupation in ESCO"), max_length=500)


class UploadForm(forms.Form):
    yaml = forms.CharField(
        label=_("The role as YAML"),
        required=False,
        strip=False,
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "code"}),
    )
    file = forms.FileField(label=_("Or a file"), required=False)

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if sent := told.get("file"):
            try:
                told["yaml"] = sent.read(LARGEST + 1).decode()
            except UnicodeDecodeError:
                self.add_error("file", _("This is no text; send a YAML file in UTF-8."))
        if not told.get("yaml") and not self.errors:
            self.add_error("yaml", _("Paste the role here, or choose a file."))
        return told
