"""A project is told as a story: when each milestone passed, after how many tries, what that proved, what was mended."""

from collections.abc import Callable
from dataclasses import replace

from django.test import Client
from rest_framework.test import APIClient

from grading.verdict import Outcome, Verdict
from people.accounts.models import User
from people.employers.stories import outline, read_story
from people.learners import intake
from people.learners.models import Enrolment, Run
from people.learners.queries import find_enrolment

LogIn = Callable[[User], Client]
Conclude = Callable[[Run, Verdict], None]


def enrolment_of(user: User) -> Enrolment:
    found = find_enrolment(user, "tiny")
    assert found is not None
    return found


def test_a_story_says_what_passed_after_how_many_tries_and_what_proved_it(
    shown: User, charlie: User, log_in: LogIn, api: Callable[[User], APIClient]
) -> None:
    story = read_story(shown, "tiny")
    ingest, clean = story.chapters
    assert (ingest.state, ingest.tries, ingest.artefact, len(ingest.proved)) == ("passed", 2, "b" * 64, 4)
    assert (clean.state, clean.begun_at, clean.proved) == ("open", None, ())
    assert clean.opened_at == ingest.passed_at
    told = log_in(shown).get("/me/projects/tiny/story/").content.decode()
    for words in ("at try 2", "1 of 2 milestones passed", "Every line is a number.", "0.97", "b" * 64):
        assert words in told
    assert "/submissions/" in told
    assert api(shown).get("/api/me/projects/tiny/story").json()["chapters"][0]["proved"][3]["measured"] == 0.97
    for refused in (log_in(charlie).get("/me/projects/tiny/story/"), api(charlie).get("/api/me/projects/tiny/story")):
        assert refused.status_code == 404
    bare = outline(story).chapters[0]
    assert (bare.passed_at, bare.tries, bare.proved, bare.digests) == (ingest.passed_at, 2, (), ())


def test_what_regressed_is_told_until_it_is_mended(
    shown: User, conclude: Conclude, four_levels: Verdict, log_in: LogIn
) -> None:
    enrolment, address = enrolment_of(shown), "/me/projects/tiny/story/"
    [link] = four_levels.chain
    broken = replace(link, outcome=Outcome.FAILED)
    spoilt = replace(four_levels, kind="clean", outcome=Outcome.FAILED, chain=(broken,))
    conclude(intake.submit(enrolment, "clean", {"main.py": b"4"}, "web"), spoilt)
    [mend] = read_story(shown, "tiny").chapters[0].mends
    assert (mend.handed_in, mend.mended_at) == ("clean", None)
    assert "is not mended yet" in log_in(shown).get(address).content.decode()
    skills = log_in(shown).get("/me/skills/").content.decode()
    assert "Level 4 is suspended" in skills
    assert "suspended from 4" in skills
    conclude(intake.submit(enrolment, "ingest", {"main.py": b"5"}, "web"), four_levels)
    [mend] = read_story(shown, "tiny").chapters[0].mends
    assert mend.mended_at is not None
    assert "and was mended" in log_in(shown).get(address).content.decode()
    assert "suspended from" not in log_in(shown).get("/me/skills/").content.decode()


def test_a_story_costs_the_same_however_much_was_handed_in(
    shown: User, conclude: Conclude, four_levels: Verdict, django_assert_num_queries: Callable[[int], object]
) -> None:
    for text in (b"6", b"7"):
        with django_assert_num_queries(20):  # type: ignore[attr-defined]
            read_story(shown, "tiny")
        conclude(intake.submit(enrolment_of(shown), "ingest", {"main.py": text}, "web"), four_levels)
