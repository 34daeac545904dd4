"""Alarms week by week, and what is asked of them: silence, the right ring in time, and a decision."""

import json
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd
import pytest

from grading.kit import (
    DoesNotHold,
    Produced,
    Truth,
    alarm_weeks,
    change_week,
    count_alarms,
    expect_alarm,
    expect_no_replacement,
    expect_quiet,
    expect_replacement,
    read_alarms,
)

Alarm = tuple[int, str, str]


def a_run(parent: Path, alarms: list[Alarm], **decision: object) -> Produced:
    folder = Path(mkdtemp(dir=parent))  # what was read of a folder is remembered
    rows = pd.DataFrame(alarms, columns=["week", "detector", "subject"]).astype(
        {"week": "int64", "detector": "str", "subject": "str"}
    )
    rows.assign(value=1.0, threshold=0.5).to_parquet(folder / "alarms.parquet", index=False)
    (folder / "decision.json").write_text(json.dumps({"retrain": False, "reason": "quiet", **decision}))
    return Produced(folder)


def test_a_detector_is_known_by_the_first_word_of_its_name(tmp_path: Path) -> None:
    run = a_run(tmp_path, [(3, "outcome: by shop", "a"), (1, "contract", "b"), (4, "outcome: by shop", "a")])
    assert (alarm_weeks(run), alarm_weeks(run, "outcome")) == ([1, 3, 4], [3, 4])
    assert count_alarms(run)[0] == {"detector": "outcome: by shop", "subject": "a", "weeks": 2}
    with pytest.raises(DoesNotHold, match="the detectors weather; a name begins with contract"):
        read_alarms(a_run(tmp_path, [(1, "weather", "rain")]))


def test_quiet_weeks_may_ring_once_and_teach_nobody(tmp_path: Path) -> None:
    opening = "Nothing happened, and"
    expect_quiet(a_run(tmp_path, [(2, "outcome", "all"), (2, "contract", "a")]), opening=opening, hint="Why?")
    with pytest.raises(DoesNotHold, match=r"^Nothing happened, and alarms rang in 2 weeks\. Why") as told:
        expect_quiet(a_run(tmp_path, [(2, "outcome", "x"), (5, "outcome", "x")]), opening=opening, hint="Why?")
    assert list(told.value.details) == [{"detector": "outcome", "subject": "x", "weeks": 2}]
    with pytest.raises(DoesNotHold, match="0 weeks, and the model was learnt again"):
        expect_quiet(a_run(tmp_path, [], retrain=True), opening=opening, hint="Why?")


@pytest.mark.parametrize(
    ("weeks", "told"),
    [
        ([5], ""),
        ([1, 7], ""),
        ([8], "in 0 weeks before the change, and first rang for it 3 weeks later. Look."),
        ([1, 2, 5], "in 2 weeks before the change, and first rang for it in its own week"),
        ([1], "in 1 week before the change, and never rang for it"),
    ],
)
def test_an_alarm_comes_in_time_and_hardly_before(tmp_path: Path, weeks: list[int], told: str) -> None:
    run = a_run(tmp_path, [(week, "contract", "a") for week in weeks])
    if not told:
        expect_alarm(run, "contract", since=5, within=2, hint="Look.")
        return
    with pytest.raises(DoesNotHold, match=told):
        expect_alarm(run, "contract", since=5, within=2, hint="Look.")


def test_weeks_that_another_change_excuses_are_not_held_against_it(tmp_path: Path) -> None:
    run = a_run(tmp_path, [(week, "contract", "a") for week in (1, 2, 5)])
    expect_alarm(run, "contract", since=5, within=2, hint="", excused=range(1, 3))


RUNG = [(4, "contract", "amounts of B"), (5, "outcome: by shop", "Shop A"), (12, "outcome", "Shop C")]


def test_a_replacement_names_a_week_between_the_change_and_the_end(tmp_path: Path) -> None:
    for week in (5, 11):
        run = a_run(tmp_path, RUNG, retrain=True, week=week, reason="too little in shop a")
        expect_replacement(run, since=5, last=11, sentence="Say when.")
    for said in ({"retrain": True, "week": 4}, {"retrain": True}, {"week": 6}, {"retrain": True, "week": "six"}):
        with pytest.raises(DoesNotHold, match="Say when"):
            expect_replacement(a_run(tmp_path, RUNG, **said), since=5, last=11, sentence="Say when.")


def test_who_keeps_the_model_is_let_pass_and_who_does_not_sees_what_rang(tmp_path: Path) -> None:
    expect_no_replacement(a_run(tmp_path, RUNG), sentence="Only outcomes can say.")
    with pytest.raises(DoesNotHold, match=r"^Only outcomes can say\.$") as refused:
        expect_no_replacement(a_run(tmp_path, RUNG, retrain=True, week=4), sentence="Only outcomes can say.")
    assert refused.value.found == "a new model from week 4 on"
    assert {"detector": "contract", "subject": "amounts of B", "weeks": 1} in refused.value.details


@pytest.mark.parametrize("reason", ["", "all is well", "amounts of B", "too little in Shop C"])
def test_a_replacement_says_what_rang_for_it(tmp_path: Path, reason: str) -> None:
    run = a_run(tmp_path, RUNG, retrain=True, week=6, reason=reason)
    with pytest.raises(DoesNotHold, match="names nothing that rang") as refused:
        expect_replacement(run, since=5, last=11, sentence="Say when.")
    assert refused.value.expected == "one of Shop A"


def test_the_week_of_a_change_is_what_the_world_says(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text(json.dumps({"changes": {"unit": {"week": 4}}}))
    assert change_week(Truth(tmp_path, {}), "unit") == 4
