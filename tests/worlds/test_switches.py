"""Switches of a mechanism: far apart for neighbours, steady for one learner, drawn where nobody has a seat."""

from itertools import combinations

import pytest

from worlds.domain import read_domain
from worlds.expressions import ExpressionError
from worlds.seeds import Seed
from worlds.switches import code_word, count_words, set_switches
from worlds.world import draw_world

NAMES = [f"b_{number}" for number in range(10)]


@pytest.mark.parametrize(("length", "words"), [(3, 2), (9, 32), (10, 64), (12, 256)])
def test_any_two_words_differ_in_three_places_or_more(length: int, words: int) -> None:
    code = [code_word(number, length) for number in range(count_words(length))]

    assert len(code) == words == len(set(code))
    apart = min(sum(a != b for a, b in zip(one, other, strict=True)) for one, other in combinations(code, 2))
    assert apart == 3
    assert code_word(words, length) == code_word(0, length)


def test_seats_set_the_switches_and_draws_leave_them_alone() -> None:
    first, second = (set_switches(NAMES, Seed(5, draw=2, seat=seat)) for seat in (0, 1))

    assert sum(first[name] != second[name] for name in NAMES) >= 3
    assert set_switches(NAMES, Seed(5, draw=9, seat=1)) == second
    assert set_switches(NAMES, Seed(5, draw=1)) == set_switches(NAMES, Seed(5, draw=2))
    assert set_switches(NAMES, Seed(6, draw=1)) != set_switches(NAMES, Seed(5, draw=1))


def declare(**params: str) -> dict[str, object]:
    calendar = {"start": "2024-01-01", "days": 1, "hidden_days": 0}
    return {"calendar": calendar, "params": params, "tables": {}, "entities": {}, "events": {}}


def test_a_switched_param_takes_one_of_two_values_and_keeps_its_size() -> None:
    domain = read_domain(
        declare(b="switch(-1, 1) * uniform(2, 3)", a="uniform(0, 1)", c="switch(0, 5)", d="switch(0, 1)")
    )

    worlds = [draw_world(domain, Seed(7, draw=1, seat=seat)) for seat in range(2)]

    assert worlds[0].params["b"] == -worlds[1].params["b"]
    assert worlds[0].params["a"] == worlds[1].params["a"]
    assert {world.params["c"] for world in worlds} == {0, 5}
    misplaced = {**declare(), "entities": {"x": {"rows": 2, "columns": {"y": "switch(0, 1)"}}}}
    with pytest.raises(ExpressionError, match=r"entities/x/y: switch.*params only"):
        draw_world(read_domain(misplaced), Seed(1, 1))
