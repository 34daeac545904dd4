"""Hands a credential over: as a document, a token, or inside of its picture; or all that a learner has, in one zip."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from django.utils.text import slugify
from django.utils.translation import gettext as _

from credentials.baking import bake_png, bake_svg
from people.employers.badges import draw_png, draw_svg
from people.employers.models import Credential
from people.learners import archives
from people.learners.refusals import Refusal


def write_json(credential: Credential) -> bytes:
    return (json.dumps(credential.document, ensure_ascii=False, indent=2) + "\n").encode()


def write_token(credential: Credential) -> bytes:
    return str(credential.token).encode()


def write_png(credential: Credential) -> bytes:
    return bake_png(draw_png(credential), json.dumps(credential.document, ensure_ascii=False))


def write_svg(credential: Credential) -> bytes:
    return bake_svg(draw_svg(credential), json.dumps(credential.document, ensure_ascii=False))


FORMS: Final[Mapping[str, tuple[str, Callable[[Credential], bytes]]]] = {
    "json": ("application/vc+ld+json", write_json),
    "jwt": ("text/plain; charset=utf-8", write_token),
    "png": ("image/png", write_png),
    "svg": ("image/svg+xml", write_svg),
}


def list_media_types() -> list[str]:
    """What a credential's forms are, without their character sets."""
    return [kind.partition(";")[0] for kind, _write in FORMS.values()]


def pack(credential: Credential, form: str) -> tuple[str, str, bytes]:
    """A credential in one of its forms: the name of the file, its media type and its bytes."""
    if form not in FORMS:
        told = _("A credential comes as {known}.").format(known=", ".join(FORMS))
        raise Refusal("not-found", "form", told, 404)
    kind, write = FORMS[form]
    return f"{name_file(credential)}.{form}", kind, write(credential)


def name_file(credential: Credential) -> str:
    return f"{slugify(credential.title)[:60]}-{str(credential.uuid)[:8]}"


def pack_all(credentials: Iterable[Credential]) -> bytes:
    """Every form of each of these; the same content makes the same bytes."""
    return archives.pack(_list_files(credentials)).read()


def _list_files(credentials: Iterable[Credential]) -> Iterator[tuple[str, bytes]]:
    for credential in credentials:
        for form in FORMS:
            name, _kind, content = pack(credential, form)
            yield f"{name_file(credential)}/{name}", content
