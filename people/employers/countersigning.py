"""Lets a learner write what they did and why for a skill, and somebody who leads them countersign it or send it back.

Who leads whom, COUNTERSIGNERS say: employers know no cohorts. Rows are the record: none is changed but to end it.
"""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from curriculum.skills import read_skills
from people.accounts.models import User
from people.employers.levels import HIGHEST_BY_MACHINE
from people.employers.models import Countersign, Rationale
from people.employers.queries import read_skill_levels
from people.learners.refusals import Refusal

SHORTEST_TEXT, LONGEST_TEXT = 200, 8000
SHORTEST_REASON, LONGEST_REASON = 10, 2000


def ask(user: User, skill: str, text: str) -> Rationale:
    """Ask those who lead to countersign this text; what was asked before for the skill is withdrawn by it."""
    text = _require_length("text", text, SHORTEST_TEXT, LONGEST_TEXT)
    _require_level(user, skill)
    with transaction.atomic():
        # Two tabs may ask at once: they wait for each other here, so that one withdraws what the other asked.
        User.objects.select_for_update().get(pk=user.pk)
        before = list_rationales(user).filter(skill=skill, withdrawn_at=None).first()
        if before and find_word(before, Countersign.Outcome.COUNTERSIGNED):
            told = _("Your text on this skill is countersigned already.")
            raise Refusal(
                "countersigned", "skill", told, 409, _("Withdraw it first, if another one should take its place.")
            )
        if before:
            end_rationale(before)
        return Rationale.objects.create(user=user, skill=skill, text=text)


def withdraw(user: User, pk: int) -> Rationale:
    """Ask for it no longer; if it was countersigned, that counts no more. Twice is no harm."""
    found = list_rationales(user).filter(pk=pk).first()
    if found is None:
        raise _refuse_unknown()
    end_rationale(found)
    return found


def end_rationale(rationale: Rationale) -> None:
    Rationale.objects.filter(pk=rationale.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
    rationale.refresh_from_db()


def list_rationales(user: User) -> QuerySet[Rationale]:
    """All that this learner has asked, newest first, with what was said to it."""
    return _with_words(Rationale.objects.filter(user=user)).order_by("-pk")


def list_readable(leader: User, learners: Iterable[int] | None = None) -> QuerySet[Rationale]:
    """What those whom this user leads ask or have asked, and did not withdraw; of these learners only, if named."""
    found = _with_words(Rationale.objects.filter(user__in=find_led(leader), withdrawn_at=None)).select_related("user")
    return found.order_by("pk") if learners is None else found.filter(user__in=list(learners)).order_by("pk")


def access_readable(leader: User, pk: int, learners: Iterable[int] | None = None) -> Rationale:
    """One of these. Nobody's own is among them."""
    found = list_readable(leader, learners).filter(pk=pk).first()
    if found is None:
        raise _refuse_unknown()
    return found


def find_led(leader: User) -> set[int]:
    """The learners whose texts this user may countersign: never their own."""
    rules: list[Callable[[User], Iterable[int]]] = [import_string(name) for name in settings.COUNTERSIGNERS]
    return {pk for rule in rules for pk in rule(leader)} - {leader.pk}


def countersign(leader: User, rationale: Rationale, reason: str) -> Countersign:
    """Say, by name and with a reason, that this text explains what the evidence shows."""
    return _answer(leader, rationale, Countersign.Outcome.COUNTERSIGNED, reason)


def send_back(leader: User, rationale: Rationale, reason: str) -> Countersign:
    """Say what it does not explain yet; the learner may ask again."""
    return _answer(leader, rationale, Countersign.Outcome.RETURNED, reason)


def undo(leader: User, rationale: Rationale) -> None:
    """Take back what was said to it, oneself or by another who leads; it waits again. Twice is no harm."""
    standing = Countersign.objects.filter(rationale=rationale, undone_at=None)
    standing.update(undone_at=timezone.now(), undone_by=leader)


def find_word(rationale: Rationale, outcome: str = "") -> Countersign | None:
    """What stands of what was said to it: this, or anything."""
    standing = (word for word in rationale.words.all() if word.undone_at is None)
    return next((word for word in standing if outcome in ("", word.outcome)), None)


def _answer(leader: User, rationale: Rationale, outcome: Countersign.Outcome, reason: str) -> Countersign:
    reason = _require_length("reason", reason, SHORTEST_REASON, LONGEST_REASON)
    with transaction.atomic():
        waiting = Rationale.objects.select_for_update().filter(pk=rationale.pk, withdrawn_at=None).first()
        if waiting is None:
            told = _("Its learner has withdrawn this text.")
            raise Refusal("withdrawn", "rationale", told, 409, _("Look whether they have asked again."))
        word = Countersign.objects.filter(rationale=waiting, undone_at=None).select_related("by").first()
        if word is not None:
            told = _("{name} has answered this text already.").format(name=word.by or _("Somebody"))
            raise Refusal("answered", "rationale", told, 409, _("Undo that first, if it should be answered otherwise."))
        return Countersign.objects.create(rationale=waiting, by=leader, outcome=outcome, reason=reason)


def _with_words(found: QuerySet[Rationale]) -> QuerySet[Rationale]:
    return found.prefetch_related(Prefetch("words", Countersign.objects.select_related("by", "undone_by")))


def _require_level(user: User, skill: str) -> None:
    if skill not in read_skills():
        raise Refusal("unknown-skill", "skill", _("There is no skill {skill}.").format(skill=repr(skill)))
    [level] = [one.level for one in read_skill_levels(user) if one.skill == skill]
    if level < HIGHEST_BY_MACHINE:
        told = _("Level {highest} of this skill does not hold yet; today it is {level}.")
        remedy = _("Show level {highest} by checks first; then explain in writing what you did.")
        highest = HIGHEST_BY_MACHINE
        raise Refusal(
            "too-early", "skill", told.format(highest=highest, level=level), 409, remedy.format(highest=highest)
        )


def _require_length(field: str, text: str, least: int, most: int) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not least <= len(text) <= most:
        told = _("Write from {least} to {most} characters; these are {length}.")
        raise Refusal("invalid", field, told.format(least=least, most=most, length=len(text)))
    return text


def _refuse_unknown() -> Refusal:
    return Refusal("not-found", "rationale", _("There is no such text that you may read."), 404)
