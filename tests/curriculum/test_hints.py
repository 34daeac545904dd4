"""Hints are read by check, in tiers."""

from curriculum.hints import read_hints

TEXT = """
## no_sale_is_lost

1. Group your rows
   by month.
2. Look at 2024. It is there.

## is_tidy
1. Tidy up.
"""


def test_each_check_has_its_hints_in_order_with_wrapped_lines_joined() -> None:
    assert read_hints(TEXT) == {
        "no_sale_is_lost": ["Group your rows by month.", "Look at 2024. It is there."],
        "is_tidy": ["Tidy up."],
    }
    assert read_hints("") == {}
