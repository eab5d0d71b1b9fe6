"""Pictures of people who don't exist: a light, a silhouette, their initials; the same for the same name, always."""

import colorsys
import hashlib
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

__all__ = ["cover", "portrait"]

Colour = tuple[int, int, int]


def portrait(name: str, side: int = 512) -> bytes:
    """A square picture, as PNG."""
    dark, light, accent = _palette(name)
    image = _light(side, side, dark, light)
    draw = ImageDraw.Draw(image)
    u = side / 100
    draw.ellipse((60 * u, -14 * u, 118 * u, 44 * u), fill=_between(light, accent, 0.35))
    draw.ellipse((10 * u, 66 * u, 90 * u, 150 * u), fill=accent)
    draw.ellipse((31 * u, 22 * u, 69 * u, 68 * u), fill=_between(accent, (255, 255, 255), 0.55))
    font = ImageFont.load_default(15 * u)
    draw.text((50 * u, 86 * u), _initials(name), font=font, fill=(255, 255, 255), anchor="mm")
    return _png(image)


def cover(name: str, width: int = 1200, height: int = 400) -> bytes:
    """A wide picture to stand above a profile, as PNG."""
    dark, light, accent = _palette(name)
    image = _light(width, height, light, dark)
    draw = ImageDraw.Draw(image)
    seed = hashlib.sha256(name.encode()).digest()
    for i, byte in enumerate(seed[:9]):
        x, radius = width * (i + 0.5) / 9, height * (0.15 + byte / 512)
        y = height * (0.25 + seed[i + 9] / 512)
        ring = _between(accent, light, seed[i + 18] / 400)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=ring, width=6)
    return _png(image)


def _palette(name: str) -> tuple[Colour, Colour, Colour]:
    """A dark, a light and a lively colour that go together."""
    hue = hashlib.sha256(name.encode()).digest()[0] / 256

    def colour(turn: float, lightness: float, saturation: float) -> Colour:
        red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1, lightness, saturation)
        return round(red * 255), round(green * 255), round(blue * 255)

    return colour(0, 0.22, 0.5), colour(0.08, 0.68, 0.6), colour(0.5, 0.42, 0.55)


def _light(width: int, height: int, one: Colour, other: Colour) -> Image.Image:
    """From one colour at the lower left to the other at the upper right."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    up = Image.linear_gradient("L").rotate(180).resize((width, height))
    mask = Image.blend(across, up, 0.5)
    return Image.composite(Image.new("RGB", (width, height), other), Image.new("RGB", (width, height), one), mask)


def _between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _initials(name: str) -> str:
    first, *others = name.split()
    return first[0] + (others[-1][0] if others else "")


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()
