"""What is baked into a picture comes out of it, once, and the picture stays one."""

import struct
import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from credentials.baking import NAMESPACE, PNG, NoPicture, bake_png, bake_svg, unbake

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>Plate</title></svg>'


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


DOT = (
    PNG
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\xff"))
    + chunk(b"IEND", b"")
)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(lambda text: "{" + text + "}"))
def test_a_png_carries_it_once_and_before_its_pixels(text: str) -> None:
    baked = bake_png(bake_png(DOT, '{"old": 1}'), text)
    assert unbake(baked) == text
    assert baked.count(b"openbadgecredential") == 1
    assert baked.index(b"iTXt") < baked.index(b"IDAT")
    assert baked.startswith(DOT[:33])


def test_an_svg_carries_json_as_data_and_a_token_as_an_attribute() -> None:
    told = '{"name": "a < b & c"}'
    baked = bake_svg(bake_svg(SVG, "x.y.z"), told)
    assert unbake(baked) == told
    assert b"<![CDATA[" in baked
    assert len(etree.fromstring(baked).findall(f"{{{NAMESPACE}}}credential")) == 1
    assert etree.fromstring(baked).get("width") == "9"
    assert unbake(bake_svg(SVG, "x.y.z")) == "x.y.z"


def test_a_picture_without_one_has_none_and_what_is_no_picture_says_so() -> None:
    assert unbake(DOT) is None
    assert unbake(SVG) is None
    for content in (b"", b"GIF89a", DOT[:30], PNG + b"\xff\xff\xff\xffiTXt", b"<html/>"):
        with pytest.raises(NoPicture):
            unbake(content)


def test_the_same_picture_and_text_make_the_same_bytes() -> None:
    digests = {sha256(bake_png(DOT, '{"a": 1}') + bake_svg(SVG, '{"a": 1}')).hexdigest() for _ in range(3)}
    assert len(digests) == 1
