"""Webhooks: an employer's own systems are told what happened. Here is who is told what; `delivering` sends it.

A body names nobody: it holds numbers and addresses, and who follows them is shown what may be seen at that moment.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from people.employers.desks import note
from people.employers.hook_secrets import make_secret, seal_secret
from people.employers.models import Delivery, Employer, Event, Post, Webhook
from people.employers.models.hooks import LONGEST_ADDRESS, TEST
from people.learners.refusals import Refusal
from people.outgoing import is_allowed

MOST: Final = 10


def announce(employer: Employer, event: Event, data: Mapping[str, str | int]) -> None:
    """Have every address told that wants to know. Call it in the transaction of what happened; it sends nothing itself.

    `data` are numbers of rows and addresses of pages, without names: those are read there, as long as they may be.
    """
    hooks = [hook for hook in Webhook.objects.filter(employer=employer) if event in hook.events]
    if hooks:
        _write(hooks, event, data)


def _write(hooks: Iterable[Webhook], event: str, data: Mapping[str, str | int]) -> list[Delivery]:
    event_id = f"msg_{secrets.token_hex(16)}"
    body = json.dumps({"type": event, "timestamp": timezone.now().isoformat(timespec="seconds"), "data": dict(data)})
    told = {"event_id": event_id, "event": event, "body": body}
    return Delivery.objects.bulk_create([Delivery(webhook=hook, **told) for hook in hooks])


def address_of(path: str) -> str:
    """A page or an address of the API, as a program elsewhere finds it."""
    return settings.MILEPOST_ADDRESS + path


def list_hooks(post: Post) -> QuerySet[Webhook]:
    return Webhook.objects.filter(employer=post.employer)


def access_hook(post: Post, pk: int) -> Webhook:
    found = list_hooks(post).filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "webhook", _("There is no such webhook of this employer."), 404)
    return found


def list_deliveries(hook: Webhook, state: str = "") -> QuerySet[Delivery]:
    """What it was told and is to be told, newest first, with each try."""
    states = {
        "delivered": Q(delivered_at__isnull=False),
        "given-up": Q(given_up_at__isnull=False),
        "waiting": Q(delivered_at=None, given_up_at=None),
    }
    found = hook.deliveries.filter(states.get(state, Q())).prefetch_related("attempts")
    return found.select_related("webhook").order_by("-pk")


def access_delivery(hook: Webhook, pk: int) -> Delivery:
    found = hook.deliveries.filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "delivery", _("There is no such delivery of this webhook."), 404)
    return found


def add(post: Post, address: str, events: Iterable[str]) -> tuple[Webhook, str]:
    """A new webhook and its secret, which nobody is shown again. Raises Refusal."""
    wanted, chosen = _read_address(address), _read_events(events)
    if list_hooks(post).count() >= MOST:
        told = _("There are {most} webhooks already, which is as many as there may be.").format(most=MOST)
        raise Refusal("too-many", "address", told, 409, _("Remove one first."))
    secret = make_secret()
    with transaction.atomic():
        hook = Webhook.objects.create(employer=post.employer, address=wanted, events=chosen, sealed=seal_secret(secret))
        _note(post, hook, "added a webhook")
    return hook, secret


def change(post: Post, hook: Webhook, address: str, events: Iterable[str]) -> None:
    hook.address, hook.events = _read_address(address), _read_events(events)
    with transaction.atomic():
        hook.save(update_fields=["address", "events"])
        _note(post, hook, "changed a webhook")


def pause(post: Post, hook: Webhook) -> None:
    """Send nothing until it goes on; what happens meanwhile waits. Twice is no harm."""
    with transaction.atomic():
        if Webhook.objects.filter(pk=hook.pk, paused_at=None).update(paused_at=timezone.now()):
            _note(post, hook, "paused a webhook")


def resume(post: Post, hook: Webhook) -> None:
    with transaction.atomic():
        if Webhook.objects.filter(pk=hook.pk, paused_at__isnull=False).update(paused_at=None):
            _note(post, hook, "resumed a webhook")


def rotate(post: Post, hook: Webhook) -> str:
    """Another secret, which nobody is shown again; for a day the one before it signs as well."""
    secret = make_secret()
    hook.sealed, hook.old_sealed, hook.rotated_at = seal_secret(secret), hook.sealed, timezone.now()
    with transaction.atomic():
        hook.save(update_fields=["sealed", "old_sealed", "rotated_at"])
        _note(post, hook, "changed the secret of a webhook")
    return secret


def remove(post: Post, hook: Webhook) -> None:
    """End it, and forget what it was told."""
    with transaction.atomic():
        _note(post, hook, "removed a webhook")
        hook.delete()


def send_test(post: Post, hook: Webhook) -> Delivery:
    """One at a time: nobody is flooded by a button."""
    _require_running(hook)
    if hook.deliveries.filter(event=TEST, delivered_at=None, given_up_at=None).exists():
        raise Refusal("on-its-way", "webhook", _("A test is on its way already; look in the log."), 409)
    data = {"employer": post.employer.slug, "address": address_of(f"/employers/{post.employer.slug}/")}
    return _write([hook], TEST, data)[0]


def send_again(hook: Webhook, delivery: Delivery) -> None:
    """Send what was delivered or given up once more, as the same event."""
    _require_running(hook)
    settled = Delivery.objects.filter(pk=delivery.pk).exclude(delivered_at=None, given_up_at=None)
    fresh = {"tries": 0, "next_at": timezone.now(), "delivered_at": None, "given_up_at": None}
    if not settled.update(turn=F("turn") + 1, **fresh):
        raise Refusal("on-its-way", "delivery", _("It is still being sent; the log says when it is tried next."), 409)


def _require_running(hook: Webhook) -> None:
    if hook.paused_at:
        raise Refusal("paused", "webhook", _("This webhook is paused."), 409, _("Let it go on first."))


def _note(post: Post, hook: Webhook, verb: str) -> None:
    note(post.employer, post.user, verb, str(hook.pk), urlsplit(hook.address).hostname or "")


def _read_events(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    unknown = sorted(chosen - set(Event.values))
    if unknown:
        told = _("There is no event “{name}”.").format(name=unknown[0])
        raise Refusal("invalid", "events", told, 400, ", ".join(Event.values))
    if not chosen:
        raise Refusal("invalid", "events", _("Choose at least one event."))
    return [event for event in Event.values if event in chosen]


def _read_address(typed: str) -> str:
    address = typed.strip()
    if not address or len(address) > LONGEST_ADDRESS or not address.isprintable() or " " in address:
        told = _("Give the whole address, in at most {most} characters.").format(most=LONGEST_ADDRESS)
        raise Refusal("invalid", "address", told, 400, _("Such as https://hooks.example.org/milepost"))
    try:
        parts = urlsplit(address)
        holds_password = "@" in parts.netloc
    except ValueError:
        parts, holds_password = urlsplit(""), False
    if holds_password:
        told = _("An address with a user name or a password in it is not kept.")
        raise Refusal("invalid", "address", told, 400, _("Leave them out: each message is signed instead."))
    if parts.fragment:
        raise Refusal("invalid", "address", _("Leave out “#” and what follows it: it is never sent."))
    if not is_allowed(address, settings.HOOK_PRIVATE_HOSTS):
        told = _("It cannot be reached from here: it must begin with https:// and be on a public host.")
        remedy = _("For a system in your own network, the operator names its host in MILEPOST_HOOK_PRIVATE_HOSTS.")
        raise Refusal("not-reachable", "address", told, 400, remedy)
    return address
