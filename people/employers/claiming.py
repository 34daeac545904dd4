"""Signs what a learner claims, and takes it back when they wish. Nothing is issued unasked."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credentials import documents
from credentials.proofs import sign
from credentials.tokens import sign_token
from people.accounts.mailing import find_address
from people.accounts.models import User
from people.employers.drafting import Subject, draft
from people.employers.grounds import Ground, read_grounds
from people.employers.issuer import choose_signer
from people.employers.models import Algorithm, Credential, Reason
from people.employers.statuses import address_of_list, address_of_token, choose_index, find_list, place, set_bit
from people.employers.wording import word
from people.learners.refusals import Refusal

# Two claims at once may choose the same place of so many; a third time it is a fault of ours.
TRIES: Final = 5


class Identity(models.TextChoices):
    """By what a credential says whose it is."""

    PSEUDONYM = "pseudonym", gettext_lazy("A pseudonym: the same on all of yours")
    UNLINKED = "unlinked", gettext_lazy("A number of its own, so that nobody can tell that two are yours")
    MAIL = "mail", gettext_lazy("Your confirmed e-mail address, as a hash: who knows the address can check it")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a learner wants to stand in a credential of theirself."""

    identity: str = Identity.PSEUDONYM
    shows_name: bool = False


def claim(user: User, kind: str, of: str, wish: Wish = Wish()) -> Credential:
    """Sign that this user has shown this. Raises Refusal for what they have not, and for what they have claimed."""
    ground = find_ground(user, kind, of)
    if list_standing(user).filter(kind=ground.kind, of=of, edition=ground.edition, level=ground.level).exists():
        told = _("You have claimed this already.")
        raise Refusal("claimed", "of", told, 409, _("Withdraw it first if it should say something else."))
    subject = describe_subject(user, wish)
    for _try in range(TRIES):
        try:
            return place(_issue(user, ground, subject))
        except IntegrityError:
            continue
    raise Refusal("busy", "of", _("This could not be signed just now."), 409, _("Try again."))


def find_ground(user: User, kind: str, of: str) -> Ground:
    ground = next((one for one in read_grounds(user) if (one.kind, one.of) == (kind, of)), None)
    if ground is None or (ground.was and not ground.level):
        told = _("Your own work has not shown this, so there is nothing to sign.")
        raise Refusal("not-shown", "of", told, 404, _("Pass what it takes, and claim it then."))
    if ground.is_suspended:
        told = _("A milestone that this stands on has regressed.")
        raise Refusal("suspended", "of", told, 409, _("Mend it, and claim this then."))
    return ground


def describe_subject(user: User, wish: Wish) -> Subject:
    """Whom a credential speaks of."""
    if wish.identity not in Identity.values:
        told = _("Choose how the credential says whose it is: {known}.").format(known=", ".join(Identity.values))
        raise Refusal("invalid", "identity", told)
    number = uuid.uuid4() if wish.identity == Identity.UNLINKED else find_pseudonym(user)
    hashed = _hash_address(user) if wish.identity == Identity.MAIL else None
    return Subject(number.urn, str(user) if wish.shows_name else "", hashed)


def find_pseudonym(user: User) -> UUID:
    """The same for all of a learner's credentials of this instance, and of no use to find them by."""
    message = f"people.employers.claiming:{user.pk}".encode()
    digest = hmac.new(settings.WORLD_SECRET.encode(), message, hashlib.sha256).digest()
    return uuid.UUID(bytes=digest[:16], version=4)


def _hash_address(user: User) -> documents.Identity:
    address, salt = find_address(user), secrets.token_hex(16)
    if not address:
        told = _("You have no confirmed e-mail address.")
        raise Refusal(
            "no-address", "identity", told, 409, _("Confirm one on your account page, or choose another way.")
        )
    digest = hashlib.sha256(f"{address.lower()}{salt}".encode()).hexdigest()
    return documents.Identity(f"sha256${digest}", salt)


def preview(user: User, ground: Ground) -> dict[str, Any]:
    """What would be signed, as far as it is known before: with no number of its own, and nobody's name."""
    signer = choose_signer(Algorithm.ED25519)
    return draft(_prepare(user, ground), word(ground), Subject(find_pseudonym(user).urn), signer.issuer, "")


def _prepare(user: User, ground: Ground) -> Credential:
    known = {"kind": ground.kind, "of": ground.of, "edition": ground.edition, "level": ground.level}
    return Credential(
        user=user, title=word(ground).name, status_index=choose_index(), issued_at=timezone.now(), **known
    )


def _issue(user: User, ground: Ground, subject: Subject) -> Credential:
    wording, credential = word(ground), _prepare(user, ground)
    documents, tokens = choose_signer(Algorithm.ED25519), choose_signer(Algorithm.ES256)
    credential.status_list = found = find_list(documents.issuer, tokens.issuer)
    bare = draft(credential, wording, subject, documents.issuer, address_of_list(found))
    credential.document = sign(bare, documents.key, documents.method, credential.issued_at)
    bare = draft(credential, wording, subject, tokens.issuer, address_of_token(found))
    credential.token = sign_token(bare, tokens.key, tokens.method)
    return credential


def list_credentials(user: User) -> QuerySet[Credential]:
    """All that this user has claimed, newest first."""
    return Credential.objects.filter(user=user).select_related("status_list", "user")


def list_standing(user: User) -> QuerySet[Credential]:
    return list_credentials(user).filter(revoked_at=None)


def list_claimable(user: User, claimed: Iterable[Credential]) -> list[Ground]:
    """What this user has shown and not claimed."""
    known = {(one.kind, one.of, one.edition, one.level) for one in claimed if one.revoked_at is None}
    return [one for one in read_grounds(user) if one.key not in known and (one.passes or one.level)]


def access_credential(user: User, uuid: UUID) -> Credential:
    """One of this user's own."""
    found = list_credentials(user).filter(uuid=uuid).first()
    if found is None:
        raise refuse_unknown()
    return found


def find_credential(uuid: UUID) -> Credential:
    """One of anybody's: whoever has its address was given it."""
    found = Credential.objects.select_related("user", "status_list").filter(uuid=uuid).first()
    if found is None:
        raise refuse_unknown()
    return found


def access_shown(uuid: UUID) -> Credential:
    """One whose content is shown: that of a revoked one no longer is."""
    found = find_credential(uuid)
    if found.revoked_at:
        raise Refusal("revoked", "credential", _("This credential is revoked."), 410)
    return found


def refuse_unknown() -> Refusal:
    return Refusal("not-found", "credential", _("There is no such credential."), 404)


def withdraw(user: User, uuid: UUID) -> Credential:
    """Revoke one's own. Twice is no harm; it does not come back, but may be claimed again."""
    return revoke(access_credential(user, uuid), Reason.WITHDRAWN, timezone.now())


def withdraw_all(user: User, only_named: bool) -> None:
    """Revoke what this user holds, and keep no copy; only_named: only what says who they are."""
    for credential in list_credentials(user):
        if not only_named or _says_who(credential):
            revoke(credential, Reason.WITHDRAWN, timezone.now())
            credential.delete()


def _says_who(credential: Credential) -> bool:
    """By their name, or by a hash that whoever knows the address can check."""
    return "identifier" in credential.document["credentialSubject"]


def revoke(credential: Credential, reason: Reason, now: datetime) -> Credential:
    with transaction.atomic():
        standing = Credential.objects.filter(pk=credential.pk, revoked_at=None)
        if standing.update(revoked_at=now, reason=reason, suspended=False):
            set_bit(credential)
    credential.refresh_from_db()
    return credential
