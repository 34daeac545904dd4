"""What was written down in English is told in German, where it is ours; what a package says stays."""

import re

import pytest
from django.utils.translation import gettext, override

from grading.sandboxes.base import Exit, Limits, Reason
from grading.verdict import describe_exit
from grading.wording import KNOWN
from people.learners.retelling import retell


@pytest.mark.parametrize("sentence", KNOWN)
def test_every_sentence_of_ours_is_known_again_with_what_was_filled_in(sentence: str) -> None:
    given = {name: f"x{number} y" for number, name in enumerate(re.findall(r"{(\w+)}", sentence))}
    written = sentence.format_map(given)
    with override("en-gb"):
        assert retell(written) == written
    with override("de"):
        assert retell(written) == gettext(sentence).format_map(given) != written


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", ""),
        ("A number is there twice.", "A number is there twice."),
        ("does not hold: Each number is there once.", "hält nicht: Each number is there once."),
        ("passed: All 12 checks of clean hold.", "bestanden: Alle 12 Prüfungen von clean halten."),
        (
            "Your model does well on the reference's clean, so look at your clean: it passed its own checks, "
            "and yet your model stopped with an error: KeyError: 'age' (pipeline/model.py, line 3)",
            "Dein model kommt mit dem clean unserer Referenz gut zurecht, also sieh dir dein clean an: Seine eigenen "
            "Prüfungen hat es bestanden, und doch gilt: Dein model brach mit einem Fehler ab: "
            "KeyError: 'age' (pipeline/model.py, line 3)",
        ),
        ("Your model does well on the reference's clean, so look at your feature: it is so", None),
    ],
)
def test_sentences_within_sentences_are_told_too_and_strange_ones_are_left_alone(written: str, told: str) -> None:
    with override("de"):
        assert retell(written) == (written if told is None else told)


def test_a_limit_that_was_hit_is_told_with_its_figure() -> None:
    written = describe_exit("clean", Exit(Reason.TIMED_OUT, None, 1, 60, 10), Limits(wall_s=60))
    assert written == "Your clean was still running after 60 seconds, so we stopped it."
    with override("de"):
        assert retell(written) == "Dein clean lief nach 60 Sekunden noch, deshalb haben wir es angehalten."
