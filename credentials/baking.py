"""Bakes credentials into pictures, and finds them there. Open Badges 3.0, section 5.3."""

import struct
import zlib
from collections.abc import Iterator

from lxml import etree

PNG = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
CREDENTIAL = f"{{{NAMESPACE}}}credential"
SVG = "{http://www.w3.org/2000/svg}svg"


class NoPicture(Exception):
    """These bytes are no PNG or SVG, or are broken off."""


def bake_png(picture: bytes, credential: str) -> bytes:
    """The PNG with the credential (JSON or a token) in an uncompressed iTXt chunk; one that it had is replaced."""
    body = KEYWORD + b"\0\0\0\0\0" + credential.encode()
    chunks = [chunk for chunk in _list_chunks(picture) if not _is_baked(*chunk)]
    chunks.insert(1, (b"iTXt", body))
    return PNG + b"".join(_pack(kind, content) for kind, content in chunks)


def bake_svg(picture: bytes, credential: str) -> bytes:
    """The SVG with the credential as its first child: a token in `verify`, JSON as character data."""
    root = _parse(picture)
    for old in root.findall(CREDENTIAL):
        root.remove(old)
    baked = etree.Element(root.tag, root.attrib, nsmap={**root.nsmap, "openbadges": NAMESPACE})
    element = etree.SubElement(baked, CREDENTIAL)
    if credential.lstrip().startswith("{"):
        element.text = etree.CDATA(credential)
    else:
        element.set("verify", credential)
    baked.extend(list(root))
    written: bytes = etree.tostring(baked, xml_declaration=True, encoding="UTF-8")
    return written


def unbake(picture: bytes) -> str | None:
    """The credential that is baked into a picture; nothing where none is. Raises NoPicture."""
    if picture.startswith(PNG):
        baked = (content for kind, content in _list_chunks(picture) if _is_baked(kind, content))
        return next((_read_text(content) for content in baked), None)
    found = _parse(picture).find(CREDENTIAL)
    return None if found is None else found.get("verify") or (found.text or "").strip() or None


def _list_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not picture.startswith(PNG):
        raise NoPicture("no PNG")
    place = len(PNG)
    while place < len(picture):
        if place + 12 > len(picture):
            raise NoPicture("broken off")
        length, kind = struct.unpack(">I4s", picture[place : place + 8])
        content = picture[place + 8 : place + 8 + length]
        if place + 12 + length > len(picture):
            raise NoPicture("broken off")
        yield kind, content
        place += 12 + length


def _pack(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _is_baked(kind: bytes, content: bytes) -> bool:
    return kind == b"iTXt" and content.split(b"\0", 1)[0] == KEYWORD


def _read_text(content: bytes) -> str | None:
    """The text of an iTXt chunk, after keyword, compression, language and its translation. None where compressed."""
    _, rest = content.split(b"\0", 1)
    if rest[:1] != b"\0":
        return None
    parts = rest[2:].split(b"\0", 2)
    return parts[2].decode("utf-8", "replace") if len(parts) == 3 else None


def _parse(picture: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(picture, parser)
    except etree.XMLSyntaxError as fault:
        raise NoPicture("no SVG") from fault
    if root.tag != SVG:
        raise NoPicture("no SVG")
    return root
