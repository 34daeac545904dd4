"""Draws the picture of a credential: a plate as they stand beside a road, as SVG and as PNG."""

import io
from typing import Final
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from people.employers.models import Credential, Kind

WIDTH, HEIGHT, ROUND = 480, 600, 44
SIGN, WHITE, AMBER, POLE = "#0b5d3f", "#ffffff", "#f4b81c", "#75847b"
PLATE: Final = (40, 16, 440, 540)
# The letter of the wordmark, a road that winds: drawn where there is no number to show.
WINDING: Final = ((162, 300), (197, 150), (240, 232), (283, 150), (318, 300))
FACE = "Bahnschrift, 'DIN Alternate', 'Roboto Condensed', 'Liberation Sans Narrow', 'Arial Narrow', sans-serif"
LINE, MOST_LINES, MOST_SIGNS = 40, 3, 20
# Drawn so many times larger and made small again, for smooth edges.
FINE = 3


def describe(credential: Credential) -> tuple[str, str, list[str]]:
    """What stands on the plate: a number or nothing, the kind of thing, and the title in lines."""
    number = str(credential.level) if credential.kind == Kind.SKILL else ""
    above = {"skill": "SKILL LEVEL", "milestone": "MILESTONE", "project": "PROJECT"}[credential.kind]
    title = credential.title.split(", level ")[0] if number else credential.title
    return number, above, fold(title)


def fold(title: str) -> list[str]:
    """A title in lines that fit; what does not is cut, with a sign that it is."""
    lines = [""]
    for word in title.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > MOST_SIGNS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    shown = [line if len(line) <= MOST_SIGNS + 4 else f"{line[:MOST_SIGNS]}…" for line in lines[:MOST_LINES]]
    return [*shown[:-1], f"{shown[-1]} …"] if len(lines) > MOST_LINES else shown


def draw_svg(credential: Credential) -> bytes:
    number, above, lines = describe(credential)
    left, top, right, bottom = PLATE
    box = f'x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" rx="{ROUND}"'
    inner = f'x="{left + 16}" y="{top + 16}" width="{right - left - 32}" height="{bottom - top - 32}" rx="{ROUND - 14}"'
    centred = f'text-anchor="middle" font-family="{FACE}" font-weight="700" fill="{WHITE}"'
    points = " ".join(f"{x},{y}" for x, y in WINDING)
    sign = (
        f'<text x="240" y="290" font-size="240" {centred}>{number}</text>{_svg_rungs(int(number))}'
        if number
        else f'<polyline points="{points}" fill="none" stroke="{WHITE}" stroke-width="34" stroke-linejoin="round" '
        f'stroke-linecap="round"/>'
    )
    title = "".join(
        f'<text x="240" y="{400 + LINE * at}" font-size="33" {centred}>{escape(line)}</text>'
        for at, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"<title>{escape(credential.title)}</title>"
        f'<path d="M240 {bottom}V{HEIGHT}" stroke="{POLE}" stroke-width="44"/>'
        f'<rect {box} fill="{SIGN}"/><rect {inner} fill="none" stroke="{WHITE}" stroke-width="7"/>'
        f'{sign}<text x="240" y="82" font-size="26" letter-spacing="3" {centred}>{above}</text>{title}</svg>'
    ).encode()


def _svg_rungs(level: int) -> str:
    return "".join(
        f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="5" fill="{AMBER if step < level else "none"}" '
        f'stroke="{AMBER}" stroke-width="4"/>'
        for step, (x, y, w, h) in enumerate(_place_rungs())
    )


def _place_rungs() -> list[tuple[int, int, int, int]]:
    return [(125 + 48 * step, 318, 38, 20) for step in range(5)]


def draw_png(credential: Credential) -> bytes:
    number, above, lines = describe(credential)
    image = Image.new("RGBA", (WIDTH * FINE, HEIGHT * FINE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    left, top, right, bottom = (FINE * at for at in PLATE)
    pen.rectangle((218 * FINE, bottom - FINE, 262 * FINE, HEIGHT * FINE), fill=POLE)
    pen.rounded_rectangle((left, top, right, bottom), ROUND * FINE, fill=SIGN)
    edge = 13 * FINE
    inset = (left + edge, top + edge, right - edge, bottom - edge)
    pen.rounded_rectangle(inset, (ROUND - 12) * FINE, outline=WHITE, width=7 * FINE)
    if number:
        _write(pen, 290, number, 240)
        _draw_rungs(pen, int(number))
    else:
        _draw_winding(pen)
    _write(pen, 82, above, 26)
    for at, line in enumerate(lines):
        _write(pen, 400 + LINE * at, line, 31)
    written = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(written, "PNG", optimize=True)
    return written.getvalue()


def _write(pen: ImageDraw.ImageDraw, y: int, text: str, size: int) -> None:
    face = ImageFont.load_default(size * FINE)
    # The kept face is a light one: an outline in its own colour makes it a sign's.
    pen.text((240 * FINE, y * FINE), text, WHITE, face, "ms", stroke_width=max(1, size * FINE // 40), stroke_fill=WHITE)


def _draw_rungs(pen: ImageDraw.ImageDraw, level: int) -> None:
    for step, (x, y, w, h) in enumerate(_place_rungs()):
        box = (x * FINE, y * FINE, (x + w) * FINE, (y + h) * FINE)
        pen.rounded_rectangle(box, 5 * FINE, fill=AMBER if step < level else None, outline=AMBER, width=4 * FINE)


def _draw_winding(pen: ImageDraw.ImageDraw) -> None:
    wide = 34 * FINE
    points = [(x * FINE, y * FINE) for x, y in WINDING]
    pen.line(points, fill=WHITE, width=wide, joint="curve")
    for x, y in points:
        pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=WHITE)
