"""Each state is drawn with its words: pure templates over plain values, no database."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from frontend.pages import ProjectMap, SubmissionPage
from frontend.words import MILESTONE_STATES

Draw = Callable[..., str]


@pytest.fixture(autouse=True)
def _nobody_asks_who_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.contrib.auth.context_processors.auth", lambda request: {})


@pytest.mark.parametrize("state", MILESTONE_STATES)
def test_the_map_draws_each_state_with_its_word(
    state: str, make_map: Callable[..., ProjectMap], draw_map: Draw
) -> None:
    shown = draw_map(make_map("passed", state, "locked", "locked", "locked"))
    assert f'<li class="stop" data-state="{state}"' in shown
    assert str(MILESTONE_STATES[state].word) in shown


def test_a_lock_says_what_opens_it(make_map: Callable[..., ProjectMap], draw_map: Draw) -> None:
    shown = draw_map(make_map("failed", "locked", "locked", "locked", "locked"))
    assert "Opens when “Title of ingest” has passed." in shown
    assert "Opens when “Title of clean” has passed." in shown


def test_the_map_says_where_you_are_and_continue_leads_there(
    make_map: Callable[..., ProjectMap], draw_map: Draw
) -> None:
    shown = draw_map(make_map("passed", "open", "locked", "locked", "locked"))
    assert shown.count("You are here") == 1
    assert re.search(r'<a class="button main" href="/clean/">Continue', shown)


def test_what_regressed_comes_before_what_is_new(make_map: Callable[..., ProjectMap], draw_map: Draw) -> None:
    shown = draw_map(make_map("passed", "regressed", "open", "locked", "locked"))
    assert re.search(r'<a class="button main" href="/clean/">Continue', shown)
    assert "It passed before." in shown


def test_who_is_not_enrolled_is_offered_to_enrol(make_map: Callable[..., ProjectMap], draw_map: Draw) -> None:
    shown = draw_map(make_map("open", "locked", "locked", "locked", "locked", enrolled=False))
    assert 'action="/projects/watch/enrol/"' in shown
    assert "You are here" not in shown


def test_who_has_passed_all_is_shown_the_skills(make_map: Callable[..., ProjectMap], draw_map: Draw) -> None:
    assert "You have driven the whole road." in draw_map(make_map(*["passed"] * 5))


def test_the_first_failing_check_is_open_and_the_rest_are_folded(draw_submission: Draw) -> None:
    shown = draw_submission()
    folds = re.findall(r'<details class="fold"( open)? id="check-(\w+)"', shown)
    assert folds == [("", "first"), (" open", "second"), ("", "third"), ("", "fourth")]
    assert "1 of 4 hold." in shown
    assert "milepost world" in shown


def test_a_check_shows_what_was_expected_what_was_found_and_a_table(draw_submission: Draw) -> None:
    shown = draw_submission()
    assert "<dd>4 numbers</dd>" in shown
    assert "<dd>5 numbers</dd>" in shown
    assert '<td class="number">2,031</td>' in shown
    assert "prevent leakage, level 3" in shown
    assert "Not asked, because an earlier check" in shown


def test_a_milestone_that_did_not_change_says_so_and_another_shows_what_it_used(draw_submission: Draw) -> None:
    shown = draw_submission()
    assert "Unchanged, so it was not run again." in shown
    assert "52.1 of 60 s" in re.sub(r"</?span[^>]*>", "", shown)
    assert 'class="bar near"' in shown


def test_the_guilty_milestone_is_named(draw_submission: Draw) -> None:
    shown = draw_submission(guilty="ingest")
    assert "The cause lies earlier." in shown
    assert 'href="/projects/watch/milestones/ingest/"' in shown


def test_a_void_run_blames_nobody(draw_submission: Draw) -> None:
    shown = draw_submission(outcome="void", sentence="The machine went away.", results=[], chain=[])
    assert "Our fault, not counted" in shown
    assert "It costs you nothing" in shown


def test_a_pass_leads_on(draw_submission: Draw, make_map: Callable[..., ProjectMap]) -> None:
    shown = draw_submission(outcome="passed", project=make_map("passed", "passed", "open", "locked", "locked"))
    assert "On to milepost 3: Title of feature" in shown


def test_what_broken_code_printed_is_text_and_nothing_else(draw_submission: Draw) -> None:
    shown = draw_submission(
        outcome="broken",
        sentence='Your clean stopped with an error: <b onclick="x">',
        output="<script>alert(1)</script>\x1b[31m",
        results=[],
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown
    assert '<b onclick="x">' not in shown
    assert "\x1b" not in shown
    assert "Did not run" in shown


def test_details_from_a_check_are_escaped(draw_submission: Draw, failed_page: SubmissionPage) -> None:
    line = replace(failed_page.results[1], details=[{"<i>": "<img src=x>"}], found="<u>")
    shown = draw_submission(results=[line])
    assert "<img" not in shown
    assert "<i>" not in shown
    assert "<u>" not in shown


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "queued", "position_in_queue": 3}, "In the queue, number 3."),
        ({"state": "queued", "position_in_queue": 1}, "Next in the queue."),
        ({"state": "running"}, "We are running your code."),
    ],
)
def test_while_it_is_not_done_the_page_asks_again_each_second(
    changes: dict[str, object], says: str, draw_submission: Draw
) -> None:
    shown = draw_submission(outcome="", sentence="", results=[], chain=[], **changes)
    assert says in shown
    assert 'hx-get="/submissions/41/live/?seen=3.running.0.1" hx-trigger="every 1s"' in shown
    assert "1.5 s" in shown
    assert "running your code" in shown


def test_once_it_is_done_the_page_asks_no_more(draw_submission: Draw) -> None:
    assert "hx-get" not in draw_submission()


def test_the_verdict_says_one_sentence_and_the_check_says_the_rest(
    draw_submission: Draw, failed_page: SubmissionPage
) -> None:
    said = "A number is there twice. Tom counts it twice, so look at where two files overlap."
    line = replace(failed_page.results[1], sentence=said)
    shown = draw_submission(sentence=said, results=[line])
    assert 'id="verdict-title">A number is there twice.</h2>' in shown
    assert f'<p class="measure found">{said}</p>' in shown
