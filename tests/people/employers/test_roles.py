"""What a role needs: by form, as a file, from ESCO; what is wrong with it is said with its place and a remedy."""

from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from curriculum.skills import read_skills
from people.accounts.models import User
from people.employers.models import Post, RoleProfile
from people.employers.occupations import read_occupations
from people.employers.role_files import read_ready

Api = Callable[[User], APIClient]
LogIn = Callable[[User], Client]
ROLES = "/employers/northwind/roles/"

WRONG = {
    "title: [": "not YAML in line 1",
    "- a\n- b": "yaml, line 1",
    "title: Cook\nsalary: 5\nrequired: {clean: 2}": "salary, line 2",
    "title: Cook\nrequired:\n  cooking: 2": "no skill 'cooking'",
    "title: Cook\nrequired:\n  clean: 6": "required, line 3: the level of clean is '6'",
    "title: Cook\nrequired:\n  clean: two": "Write a whole number from 1 to 5.",
    "title: Cook\ntitle: Baker\nrequired: {clean: 2}": "title, line 2: it stands there twice",
    "title: Cook\nrequired: &a {clean: *a}": "level of clean",
    "required: {clean: 2}": "Give the role a title",
    "title: Cook": "at least one skill",
    "title: Cook\nrequired: {clean: 2}\nwanted: {clean: 3}": "required and wanted at once",
    "a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]": "there is no field",
    "[" * 5000: "not YAML",
}


def test_the_ones_that_come_with_milepost_name_known_skills_and_occupations() -> None:
    assert set(read_ready()) == {"ml-engineer", "data-engineer", "data-scientist", "mlops-engineer"}
    for profile in read_ready().values():
        assert {*profile.required, *profile.wanted} <= set(read_skills())
        assert not profile.occupation or profile.occupation in read_occupations()
        levels = [*profile.required.values(), *profile.wanted.values()]
        assert all(1 <= level <= 5 for level in levels)


@pytest.mark.parametrize("text", WRONG)
def test_a_file_that_is_wrong_is_refused_with_its_place_and_kept_on_the_page(
    text: str, desk: Post, log_in: LogIn
) -> None:
    answer = log_in(desk.user).post(f"{ROLES}upload/", {"yaml": text})
    page = answer.text.replace("&#x27;", "'")
    assert answer.status_code == 400
    assert WRONG[text] in page
    assert "Write a role" not in page
    assert escape(text[:80]) in answer.text
    assert not RoleProfile.objects.exists()


def test_a_role_goes_out_as_yaml_and_comes_in_again(desk: Post, log_in: LogIn) -> None:
    hers = log_in(desk.user)
    assert hers.post(f"{ROLES}data-scientist/copy/").status_code == 302
    own = RoleProfile.objects.get()
    assert own.slug != "data-scientist"
    sent = SimpleUploadedFile("role.yaml", hers.get(f"{ROLES}{own.slug}.yaml").content)
    assert hers.post(f"{ROLES}upload/", {"file": sent}).status_code == 302
    first, second = RoleProfile.objects.order_by("pk")
    ready = read_ready()["data-scientist"]
    assert first.required == second.required == ready.required
    binary = SimpleUploadedFile("role.yaml", b"\xff\xfe\x00")
    assert "no text" in hers.post(f"{ROLES}upload/", {"file": binary}).text


def test_by_form_with_levels_and_what_comes_with_milepost_is_nobodys_to_change(desk: Post, log_in: LogIn) -> None:
    hers = log_in(desk.user)
    told = {"title": "Baker", "need-clean": "required", "level-clean": "3", "need-serve": "wanted", "level-serve": "2"}
    assert hers.post(f"{ROLES}new/", told)["Location"] == f"{ROLES}baker/"
    assert hers.post(f"{ROLES}baker/edit/", {**told, "title": "Head baker"}).status_code == 302
    assert hers.post(f"{ROLES}data-engineer/edit/", told).status_code == 404
    empty = hers.post(f"{ROLES}new/", {"title": "Nothing"})
    assert (empty.status_code, "at least one skill" in empty.text, "Nothing" in empty.text) == (400, True, True)
    role = RoleProfile.objects.get()
    assert (role.title, role.required, role.wanted) == ("Head baker", {"clean": 3}, {"serve": 2})
    assert hers.post(f"{ROLES}baker/edit/", {"delete": "1"}).status_code == 302
    assert not RoleProfile.objects.exists()


def test_an_occupation_of_esco_fills_the_form_and_says_what_it_does_not_cover(desk: Post, log_in: LogIn) -> None:
    hers = log_in(desk.user)
    uri = read_ready()["data-engineer"].occupation
    page = hers.get(f"{ROLES}new/", {"occupation": uri}).text
    assert "data warehouse" in page
    assert "not complete" in page
    portal = f"https://esco.ec.europa.eu/en/classification/occupation?uri={uri.replace('/', '%2F')}"
    assert "data warehouse" in hers.get(f"{ROLES}new/", {"occupation": portal}).text
    for named in ("http://data.europa.eu/esco/occupation/00000000-0000-0000-0000-000000000000", "cook", "x" * 400):
        refused = hers.get(f"{ROLES}new/", {"occupation": named})
        assert refused.status_code == 400
        assert "Milepost has no table" in refused.text


def test_the_api_keeps_changes_imports_and_refuses(desk: Post, bob: User, api: Api) -> None:
    base, hers = "/api/employers/northwind/roles", api(desk.user)
    made = hers.post(base, {"title": "Baker", "required": {"clean": 2}}, format="json")
    assert (made.status_code, made.json()["slug"]) == (201, "baker")
    imported = hers.post(f"{base}/import", {"occupation": read_ready()["ml-engineer"].occupation}, format="json")
    assert set(imported.json()["required"].values()) == {3}
    for body, words in (({"title": "A", "required": {"cook": 1}}, "no skill"), ({"title": "A"}, "at least one")):
        refused = hers.post(base, body, format="json")
        assert (refused.status_code, words in str(refused.json())) == (400, True)
    assert "line 2" in str(hers.post(f"{base}/import", {"yaml": "title: A\nb: 1"}, format="json").json())
    Post.objects.create(employer=desk.employer, user=bob, role="reader")
    assert api(bob).get(f"{base}/baker").json()["required"] == {"clean": 2}
    assert api(bob).delete(f"{base}/baker").status_code == 403
    assert hers.delete(f"{base}/baker").status_code == 204
    slugs: list[Any] = [role["slug"] for role in hers.get(base).json()]
    assert "baker" not in slugs
    assert len(slugs) == 5
