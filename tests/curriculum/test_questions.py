"""What is checked is read out of the checks without running them."""

from curriculum.questions import read_questions

SOURCE = '''
import nothing_that_is_installed

@check(skills=["clean", "validate"], level=3, points=2)
def no_sale_appears_twice(produced, truth):
    """Each sale is
    one row.

    Details for authors.
    """

@check(skills=["clean"], required=False)
def is_tidy(produced, truth):
    """It is tidy."""

def not_a_check(produced):
    """No."""
'''


def test_every_check_is_found_in_order_with_what_its_decorator_says() -> None:
    first, second = read_questions(SOURCE)
    assert (first.name, first.question) == ("no_sale_appears_twice", "Each sale is one row.")
    assert (first.skills, first.level, first.points, first.required) == (("clean", "validate"), 3, 2, True)
    assert (second.name, second.required, second.level) == ("is_tidy", False, 1)
