"""Gives each credential its place in a list that says whether it is revoked, and publishes those lists, signed."""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from credentials import status as bits
from credentials.proofs import sign
from credentials.tokens import sign_token
from people.employers.issuer import address_of, choose_signer
from people.employers.models import ENTRIES, Algorithm, Credential, StatusList
from people.learners.refusals import Refusal

# A list that is half full is followed by another, so that a free place is found at the first try or the second.
FULL: Final = ENTRIES // 2
# How long who has looked may keep what they saw, and after how long an unchanged list is signed anew.
KEPT: Final = timedelta(minutes=5)
SIGNED_FOR: Final = timedelta(days=3)


def find_list(issuer: str, token_issuer: str) -> StatusList:
    """The list that has room, of whoever signs documents and tokens."""
    signers = {"issuer": issuer, "token_issuer": token_issuer}
    newest = StatusList.objects.filter(**signers).last()
    if newest is None or newest.credentials.count() >= FULL:
        return StatusList.objects.create(**signers)
    return newest


def choose_index() -> int:
    """A place by chance: neighbours in the list have nothing to do with each other."""
    return secrets.randbelow(ENTRIES)


def address_of_list(found: StatusList) -> str:
    return address_of("frontend:status_list", found.uuid)


def address_of_token(found: StatusList) -> str:
    """Where the same list is as a token: for those who read a credential as one."""
    return address_of("frontend:status_token", found.uuid)


def place(credential: Credential) -> Credential:
    """Keep it at the place that it has chosen. Raises IntegrityError where that is taken, or once was."""
    with transaction.atomic():
        credential.save(force_insert=True)
        # One that was revoked and whose row went with its holder's account is still revoked, for whoever kept it.
        held = StatusList.objects.values_list("bits", flat=True).get(pk=credential.status_list_id)
        if bits.is_set(bytes(held), credential.status_index):
            raise IntegrityError("this place belongs to a credential that was revoked")
    return credential


def set_bit(credential: Credential) -> None:
    """Have its list say from now on that it is revoked. Whoever calls is in a transaction."""
    found = StatusList.objects.select_for_update().get(pk=credential.status_list_id)
    StatusList.objects.filter(pk=found.pk).update(
        bits=bits.set_bit(bytes(found.bits), credential.status_index), signed=None
    )


def read_list(uuid: UUID) -> StatusList:
    """The list, signed as it is; signed anew only where it has changed or is old."""
    found = StatusList.objects.filter(uuid=uuid).first()
    if found is None:
        raise Refusal("not-found", "list", _("There is no such status list."), 404)
    now = timezone.now()
    if found.signed is None or found.signed_at is None or found.signed_at < now - SIGNED_FOR:
        _sign_again(found, now)
    return found


def mark_list(uuid: UUID) -> str | None:
    """Changes whenever the list does; None where it has to be signed again first."""
    signed_at = StatusList.objects.filter(uuid=uuid, signed__isnull=False).values_list("signed_at", flat=True).first()
    return f"{uuid}-{signed_at.timestamp()}" if signed_at and signed_at > timezone.now() - SIGNED_FOR else None


def _sign_again(found: StatusList, now: datetime) -> None:
    said = bytes(found.bits)
    documents = choose_signer(Algorithm.ED25519, found.issuer)
    listed = bits.status_credential(address_of_list(found), found.issuer, said, now)
    found.signed = sign(listed, documents.key, documents.method, now)
    tokens = choose_signer(Algorithm.ES256, found.token_issuer)
    listed = bits.status_credential(address_of_token(found), found.token_issuer, said, now)
    found.token = sign_token({**listed, "issuer": {"id": found.token_issuer}}, tokens.key, tokens.method)
    found.signed_at = now
    # Bits that were set meanwhile are not in what was signed: it is kept only where there were none.
    kept = {"signed": found.signed, "token": found.token, "signed_at": now}
    StatusList.objects.filter(pk=found.pk, bits=said).update(**kept)
