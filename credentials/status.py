"""Lists of what is revoked: one bit for each credential. W3C Bitstring Status List v1.0."""

import base64
import gzip
import io
import zlib
from datetime import datetime
from typing import Any

from credentials.contexts import CREDENTIALS
from credentials.documents import stamp

# A list is never shorter, so that an index tells little of whose it is.
LEAST_ENTRIES = 131_072
MOST_BYTES = 4 * 1024 * 1024
LIST = "BitstringStatusListCredential"
BASE64URL = "u"


class StatusFault(Exception):
    """What should be a list is none, or has no such entry."""


def encode_list(bits: bytes) -> str:
    """The bits as a list carries them: gzip, then base64url after a `u`. The same bits make the same text."""
    if len(bits) * 8 < LEAST_ENTRIES:
        raise ValueError(f"a list has at least {LEAST_ENTRIES} entries")
    packed = gzip.compress(bits, mtime=0)
    return BASE64URL + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_list(text: object) -> bytes:
    """The bits of a list. Raises StatusFault; more than 4 MiB are never unpacked."""
    if not isinstance(text, str) or not text.startswith(BASE64URL):
        raise StatusFault("no encoded list")
    try:
        packed = base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
        with gzip.open(io.BytesIO(packed)) as opened:
            bits = opened.read(MOST_BYTES + 1)
    except (ValueError, OSError, EOFError, zlib.error) as fault:
        raise StatusFault("not unpackable") from fault
    if not LEAST_ENTRIES // 8 <= len(bits) <= MOST_BYTES:
        raise StatusFault("too short or too long")
    return bits


def is_set(bits: bytes, index: int) -> bool:
    """Whether the bit of this index is set; index 0 is the leftmost bit. Raises StatusFault beyond the end."""
    if not 0 <= index < len(bits) * 8:
        raise StatusFault("no such entry")
    return bool(bits[index // 8] & (0x80 >> index % 8))


def set_bit(bits: bytes, index: int) -> bytes:
    """The same bits with this one set."""
    changed = bytearray(bits)
    changed[index // 8] |= 0x80 >> index % 8
    return bytes(changed)


def status_credential(url: str, issuer: str, bits: bytes, made: datetime) -> dict[str, Any]:
    """The credential that publishes a list at this address, not yet signed."""
    return {
        "@context": [CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", LIST],
        "issuer": issuer,
        "validFrom": stamp(made),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode_list(bits),
        },
    }
