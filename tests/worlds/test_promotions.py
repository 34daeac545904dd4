"""Where a plan is cut so that something of it is to be told: pure."""

from datetime import date, timedelta

import pandas as pd

from worlds.promotions import find_telling_evening

EVENINGS = [date(2024, 4, 7), date(2024, 4, 14), date(2024, 3, 31)]
FORTNIGHT = timedelta(days=14)


def plan(*versions: tuple[date, date, date]) -> pd.DataFrame:
    return pd.DataFrame(versions, columns=["published_on", "starts_on", "ends_on"], dtype="object")


def test_the_cut_lies_before_what_was_planned_anew() -> None:
    in_time = (date(2024, 4, 1), date(2024, 4, 10), date(2024, 4, 12))
    too_far = (date(2024, 4, 8), date(2024, 5, 10), date(2024, 5, 12))
    over = (date(2024, 4, 9), date(2024, 4, 1), date(2024, 4, 7))
    changed = (date(2024, 4, 15), date(2024, 4, 20), date(2024, 4, 24))
    assert find_telling_evening(plan(in_time, too_far, over), EVENINGS, FORTNIGHT) == EVENINGS[2]
    assert find_telling_evening(plan(in_time, changed), EVENINGS, FORTNIGHT) == EVENINGS[0]
    assert find_telling_evening(plan(too_far, over), [EVENINGS[0]], FORTNIGHT) == EVENINGS[0]
    late = (date(2024, 4, 22), date(2024, 4, 25), date(2024, 4, 28))
    assert find_telling_evening(plan(late), EVENINGS, FORTNIGHT) == EVENINGS[1]
