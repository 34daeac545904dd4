"""Keeps the links that learners sent to an employer. Whoever sent none is nowhere here, and cannot be looked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from people.employers.desks import note
from people.employers.disclosing import (
    Shown,
    find_disclosure,
    name_pseudonym,
    note_look,
    open_disclosure,
    refuse_dead_link,
)
from people.employers.following import announce_candidate
from people.employers.models import Candidate, Disclosure, Event, Post
from people.learners.refusals import Refusal

MOST_KEPT, MOST_COMPARED = 500, 6
LONGEST_NOTE = 200
KEPT = "kept"
NUMBER = re.compile(r"[0-9]{1,18}")
TOKEN = re.compile(r"(?:^|/)([A-Za-z0-9_-]{20,64})/?(?:[?#].*)?$")


@dataclass(frozen=True, slots=True)
class Kept:
    """A candidate as the employer's list tells it: once the link is dead, with nothing of whoever sent it."""

    pk: int
    note: str
    is_open: bool
    name: str = ""


def list_candidates(post: Post) -> QuerySet[Candidate]:
    """In the order in which they were kept."""
    found = Candidate.objects.filter(employer=post.employer)
    return found.select_related("disclosure__user").order_by("pk")


def list_kept(post: Post) -> list[Kept]:
    return [tell_kept(one) for one in list_candidates(post)]


def tell_kept(candidate: Candidate) -> Kept:
    sent = candidate.disclosure
    return Kept(candidate.pk, candidate.note, sent.is_open, tell_name(sent) if sent.is_open else "")


def tell_name(disclosure: Disclosure) -> str:
    return str(disclosure.user) if disclosure.shows_name else name_pseudonym(disclosure)


def access_candidate(post: Post, pk: int) -> Candidate:
    found = list_candidates(post).filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "candidate", _("This employer keeps no such candidate."), 404)
    return found


def keep_candidate(post: Post, link: str, words: str = "") -> Candidate:
    """Keep a link that a learner sent. Whatever is wrong with it, the answer is the same. Raises Refusal."""
    written = _read_note(words)
    token = TOKEN.search(link.strip())
    if token is None:
        raise refuse_dead_link()
    sent = find_disclosure(token[1])
    if list_candidates(post).count() >= MOST_KEPT:
        told = _("This employer keeps {most} candidates, which is as many as may be.").format(most=MOST_KEPT)
        raise Refusal("too-many", "link", told, 409, _("Let go of those that have ended."))
    with transaction.atomic():
        made, is_new = Candidate.objects.get_or_create(
            employer=post.employer, disclosure=sent, defaults={"note": written, "kept_by": post.user}
        )
        if not is_new:
            raise Refusal("already-here", "link", _("This employer keeps this link already."), 409)
        note_look(sent, post.user, KEPT, post.employer)
        note(post.employer, post.user, "kept a candidate", f"#{made.pk}")
        announce_candidate(made, Event.KEPT)
    return made


def amend_candidate(post: Post, pk: int, words: str) -> Candidate:
    found = access_candidate(post, pk)
    found.note = _read_note(words)
    with transaction.atomic():
        found.save(update_fields=["note"])
        note(post.employer, post.user, "noted of a candidate", f"#{pk}")
    return found


def drop_candidate(post: Post, pk: int) -> None:
    found = access_candidate(post, pk)
    with transaction.atomic():
        note(post.employer, post.user, "let go of a candidate", f"#{pk}")
        found.delete()


def open_candidate(post: Post, candidate: Candidate, page: str) -> Shown | None:
    """What the candidate shows today, which their learner sees was opened; None once the link is dead."""
    try:
        return open_disclosure(candidate.disclosure.token, post.user, page, post.employer)
    except Refusal:
        return None


def choose_candidates(post: Post, wanted: Sequence[str]) -> list[Candidate]:
    """Those of these numbers, in the order in which they are asked for. Raises Refusal."""
    # Of a row in any database of ours; what else somebody writes is no candidate.
    chosen = list(dict.fromkeys(int(one) if NUMBER.fullmatch(one) else 0 for one in wanted))
    if len(chosen) > MOST_COMPARED:
        told = _("At most {most} candidates stand side by side; choose fewer.").format(most=MOST_COMPARED)
        raise Refusal("too-many", "candidate", told)
    found = {one.pk: one for one in list_candidates(post).filter(pk__in=chosen)}
    if set(found) != set(chosen):
        raise Refusal("not-found", "candidate", _("This employer keeps no such candidate."), 404)
    return [found[pk] for pk in chosen]


def _read_note(words: str) -> str:
    text = " ".join(words.split())
    if len(text) > LONGEST_NOTE or not text.isprintable():
        told = _("A note has at most {most} characters, in one line.").format(most=LONGEST_NOTE)
        raise Refusal("invalid", "note", told)
    return text
