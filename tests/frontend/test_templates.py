"""Each state is drawn with its words: pure templates over plain values, no database."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.contrib.auth.context_processors import auth
from django.template import engines

from frontend.changes import Changes, Number, Used
from frontend.pages import EventLine, ProjectMap, SubmissionPage
from frontend.words import MILESTONE_STATES

Draw = Callable[..., str]
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_asks_who_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    # On the engine, which keeps the processors that it has once imported: so that no later test meets what stands here.
    engine = engines["django"].engine
    asked = tuple(one for one in engine.template_context_processors if one is not auth)
    monkeypatch.setattr(engine, "template_context_processors", asked)


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
    assert re.search(r'<a class="button main" id="go-on-watch" href="/clean/">Continue', shown)


def test_what_regressed_comes_before_what_is_new(make_map: Callable[..., ProjectMap], draw_map: Draw) -> None:
    shown = draw_map(make_map("passed", "regressed", "open", "locked", "locked"))
    assert re.search(r'<a class="button main" id="go-on-watch" href="/clean/">Continue', shown)
    assert re.search(r'It passed before. The code of <a href="/submissions/9/">submission 4</a>', shown)


def test_what_is_judged_again_does_not_stand_before_what_is_new(
    make_map: Callable[..., ProjectMap], draw_map: Draw
) -> None:
    cards = make_map("queued", "open", "locked", "locked", "locked")
    again = replace(cards.milestones[0], passed_at=NOON)
    shown = draw_map(replace(cards, milestones=[again, *cards.milestones[1:]]))
    assert re.search(r'<a class="button main" id="go-on-watch" href="/clean/">Continue', shown)


def test_who_is_not_enrolled_is_offered_to_enrol(make_map: Callable[..., ProjectMap], draw_map: Draw) -> None:
    shown = draw_map(make_map("open", "locked", "locked", "locked", "locked", enrolled=False))
    assert 'action="/projects/watch/enrol/"' in shown
    assert '<option value="market-place">Market place</option>' in shown
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
    assert "Prevent leakage, level 3" in shown
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
def test_while_it_is_not_done_the_page_follows_the_stream_and_can_be_fetched_anew(
    changes: dict[str, object], says: str, draw_submission: Draw
) -> None:
    shown = draw_submission(outcome="", sentence="", results=[], chain=[], last_event=77, **changes)
    assert says in shown
    assert 'hx-get="/submissions/41/live/?seen=3.running.0.1" hx-trigger="look"' in shown
    assert 'data-stream="/api/submissions/41/events" data-after="77"' in shown
    assert "1.5 s" in shown
    assert "running your code" in shown


def test_once_it_is_done_the_page_asks_no_more(draw_submission: Draw) -> None:
    shown = draw_submission()
    assert "hx-get" not in shown
    assert "data-stream" not in shown


def test_while_it_runs_the_page_says_how_long_and_what_the_code_prints(draw_submission: Draw) -> None:
    events = [
        EventLine(NOON, "clean", "running your code"),
        EventLine(NOON, "clean", "<b>epoch 1\nepoch 2\x1b[31m", "output"),
        EventLine(NOON, "clean", "does not hold: Each number is there once.", "failed"),
        EventLine(NOON, "clean", "failed: no", "verdict"),
    ]
    shown = draw_submission(state="running", outcome="", results=[], chain=[], seconds=33.0, events=events)
    assert "The verdict comes in about 35 seconds." in shown
    assert '<pre class="output" tabindex="0" data-lines="12">&lt;b&gt;epoch 1\nepoch 2</pre>' in shown
    assert '<li class="answered" data-state="failed">' in shown
    assert "failed: no" not in shown


def test_what_was_our_fault_is_said_to_be_tried_again(draw_submission: Draw) -> None:
    assert "We try again by ourselves" not in draw_submission(state="queued", outcome="", results=[], chain=[])
    shown = draw_submission(state="queued", outcome="", results=[], chain=[], tries=1)
    assert "Something failed on our side. We try again by ourselves, and it costs you nothing." in shown


def test_a_failing_check_says_how_to_see_it_at_home(draw_submission: Draw) -> None:
    shown = draw_submission()
    assert shown.count("milepost check clean</code>") == 2, "beside each check that does not hold"


CHANGES = Changes(
    number=6,
    submission=40,
    other_data=False,
    other_edition=False,
    compared=4,
    better=["Do numbers come once?"],
    worse=["Is each line there?"],
    numbers=[Number("Is the model good?", 0.5, 0.61234, 0.6, True), Number("Late?", 12_345.6, 99_999, None, None)],
    used=[Used("memory_mb", 1023.6, 411.2), Used("cpu_s", 1.5, 9)],
)


def test_what_the_change_did_is_said_in_words_and_numbers(draw_submission: Draw) -> None:
    shown = draw_submission(changes=CHANGES)
    assert 'What changed since <a href="/submissions/40/">submission 6</a>' in shown
    assert "<strong>Now holds:</strong> <span>Do numbers come once?</span>" in shown
    assert "<strong>No longer holds:</strong> <span>Is each line there?</span>" in shown
    words = " ".join(re.sub(r"<[^>]*>", " ", shown).split())
    assert "Is the model good? 0.5 better: 0.6123 0.6 Late? 12,346 99,999 –" in words
    assert "Since submission 6: 1 check more holds, 1 no longer holds." in words
    assert "Memory: 1,024 MB then, 411 MB now" in words
    assert "Processor time: 1.5 s then, 9.0 s now" in words
    assert "another draw" not in shown


def test_a_change_that_moved_nothing_says_so(draw_submission: Draw) -> None:
    still = replace(CHANGES, better=[], worse=[], numbers=[], other_data=True)
    shown = draw_submission(changes=still)
    assert "Every check that both were asked says the same as before." in shown
    assert "judged on another draw of your data" in shown
    assert "no answers can be compared" in draw_submission(changes=replace(still, compared=0))


def test_a_limit_that_was_hit_is_marked_on_its_bar(draw_submission: Draw, failed_page: SubmissionPage) -> None:
    link = replace(failed_page.chain[1], wall_s=60.02, limits={"wall_s": 60, "cpu_s": 600})
    shown = draw_submission(chain=[link], outcome="broken", results=[])
    assert shown.count('class="bar hit"') == 1
    assert "60.0 of 60 s · the limit" in re.sub(r"</?(span|strong)[^>]*>", "", shown)


def test_broken_code_shows_the_traceback_in_its_own_files_folded(draw_submission: Draw) -> None:
    shown = draw_submission(outcome="broken", results=[], output="all of it", traceback='File "pipeline/<x>.py"')
    assert "The way there, in your own files" in shown
    assert "File &quot;pipeline/&lt;x&gt;.py&quot;" in shown
    assert "milepost check clean</code>" in shown
    assert '<details class="fold" open' not in shown


def test_the_verdict_says_one_sentence_and_the_check_says_the_rest(
    draw_submission: Draw, failed_page: SubmissionPage
) -> None:
    said = "A number is there twice. Tom counts it twice, so look at where two files overlap."
    line = replace(failed_page.results[1], sentence=said)
    shown = draw_submission(sentence=said, results=[line])
    assert 'id="verdict-title">A number is there twice.</h2>' in shown
    assert f'<p class="measure found">{said}</p>' in shown
