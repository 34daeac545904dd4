"""What keeps a milestone from passing, by its words: the judgement that said no, and what it found missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from people.learners import queries
from people.learners.models import Judgement
from people.learners.retelling import retell
from people.learners.standing import Setback, Standing


@dataclass(frozen=True, slots=True)
class Unmet:
    """A required check that did not hold, or was not asked yet."""

    question: str
    sentence: str
    answer: str
    url: str


@dataclass(frozen=True, slots=True)
class SetbackNote:
    """`stopped_by` is the earlier milestone that ended the chain, if one did; `guilty` is another one to mend.

    What an earlier milestone missed is not told here: it may be mended by now, and its own note says so.
    """

    stopped_by: str
    sentence: str
    number: int
    url: str
    guilty: str = ""
    guilty_url: str = ""
    unmet: Sequence[Unmet] = ()


def read_judgements(standings: Iterable[Sequence[Standing]]) -> dict[int, Judgement]:
    """Every judgement that says no in these standings, in two queries for all of them together."""
    return queries.read_unmet(stand.setback.judgement_id for stands in standings for stand in stands if stand.setback)


def write_note(kind: str, setback: Setback, judgement: Judgement, slug: str, titles: Mapping[str, str]) -> SetbackNote:
    url = reverse("frontend:submission", args=[setback.submission_id])
    is_own = setback.kind == kind
    guilty = setback.guilty if is_own and setback.guilty != kind else ""
    return SetbackNote(
        stopped_by="" if is_own else titles.get(setback.kind, setback.kind),
        sentence=retell(judgement.sentence),
        number=setback.number,
        url=url,
        guilty=titles.get(guilty, ""),
        guilty_url=reverse("frontend:milestone", args=[slug, guilty]) if guilty else "",
        unmet=[
            Unmet(retell(answer.question), retell(answer.sentence), answer.answer, f"{url}#check-{answer.name}")
            for answer in judgement.answers.all()
            if is_own
        ],
    )


def note_setback(
    stand: Standing, judgements: Mapping[int, Judgement], slug: str, titles: Mapping[str, str]
) -> SetbackNote | None:
    judgement = judgements.get(stand.setback.judgement_id) if stand.setback else None
    return write_note(stand.kind, stand.setback, judgement, slug, titles) if stand.setback and judgement else None
