"""Streams: one per name, the same for the same seed, moved by nothing else."""

import numpy as np
import pytest

from worlds.seeds import Seed


def numbers(stream: np.random.Generator) -> list[int]:
    return list(stream.integers(0, 1_000_000, 5))


def test_the_same_name_of_the_same_seed_gives_the_same_numbers() -> None:
    assert numbers(Seed(1, 2).draw_stream("rows")) == numbers(Seed(1, 2).draw_stream("rows"))


def test_other_names_and_other_draws_give_other_numbers() -> None:
    drawn = [Seed(1, 2).draw_stream("a"), Seed(1, 2).draw_stream("b"), Seed(1, 3).draw_stream("a")]
    assert len({tuple(numbers(stream)) for stream in drawn}) == 3


def test_a_mechanism_stays_while_draws_change() -> None:
    assert numbers(Seed(7, 1).mechanism_stream("sign")) == numbers(Seed(7, 2).mechanism_stream("sign"))
    assert numbers(Seed(7, 1).mechanism_stream("sign")) != numbers(Seed(8, 1).mechanism_stream("sign"))


def test_numbers_do_not_depend_on_the_process() -> None:
    assert numbers(Seed(1, 2).draw_stream("rows")) == [5361, 99820, 800559, 282029, 220060]


def test_a_negative_seed_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"seed\.draw is -1"):
        Seed(1, -1)
